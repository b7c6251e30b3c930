"""Numbers that are said, and texts that go out, whatever the numbers and the texts are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.cap import Status
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.role import Role
from services.demo.stage import PACK
from services.dispatcher.domain.asks.callout import Callout, CalloutKind
from services.dispatcher.domain.inputs import CallHeard, Heard
from services.dispatcher.domain.words import Words
from services.district.domain.place_tree import PlaceTree
from services.district.domain.segments import segments
from services.district.domain.spoken import number, whole
from services.district.domain.templates import TextKey
from services.district.load import load_pack
from services.district.text_rules import begins_with_exercise
from tests.districts import pack, post
from tests.unit.dispatcher.night import Night

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_GROUP = 10_000


def heard(said: str) -> int:
    """Return the number that a listener writes down: the other way, by other means."""
    high, found, low = said.rpartition("万")
    return (_group(high) * _GROUP if found else 0) + _group(low)


def _group(said: str) -> int:
    total, digit = 0, None
    for sign in said:
        if sign in _PLACES:
            total += _PLACES[sign] * (1 if digit is None else digit)
            digit = None
        else:
            digit = _DIGITS[sign]
    return total + (digit or 0)


@given(st.integers(0, 99_999_999))
def test_every_number_is_heard_as_it_was_meant(value: int) -> None:
    """A responder takes down what he hears: no two numbers may sound the same."""
    assert heard(whole(value)) == value


def test_every_group_of_four_figures_is_heard_as_it_was_meant() -> None:
    """Every low and every high half once, which together make up all numbers below 100,000,000."""
    for value in range(_GROUP):
        assert heard(whole(value)) == value
        assert heard(whole(value * _GROUP)) == value * _GROUP
        assert heard(whole(_GROUP + value)) == _GROUP + value
        assert heard(whole(value * _GROUP + 2_002)) == value * _GROUP + 2_002


@given(st.integers(-99_999_999_999, 99_999_999_999))
def test_every_thousandth_is_heard_as_it_was_meant(thousandths: int) -> None:
    """A water level is said to the centimetre and below zero as well."""
    said = number(thousandths)
    units, _, decimals = said.removeprefix("负").partition("点")
    value = heard(units) * 1000 + int(
        "".join(str(_DIGITS[sign]) for sign in decimals).ljust(3, "0") or 0
    )

    assert (-value if said.startswith("负") else value) == thousandths


@given(st.text(), st.text())
def test_a_longer_text_never_takes_fewer_parts(text: str, more: str) -> None:
    """What is charged by parts must not be counted too low."""
    assert 1 <= segments(text) <= segments(text + more)


DEMO = load_pack(PACK)
TREE = PlaceTree(DEMO.rules)
LANGUAGES = (None, *DEMO.languages)
SAID = [key for key in TextKey if not key.is_part]
ALONE = [key for key in SAID if begins_with_exercise(key)]
POSTS = sorted(DEMO.roster.posts)
NIGHT = datetime(2026, 9, 18, 18, 14, tzinfo=UTC)
KEYS = [one for one in Heard if one is not Heard.ANSWERED]
LEFT_OVER = {"code": "0000", "count": "3", "names": "张三", "text": "运营商拒绝呼叫"}

callouts = st.builds(
    Callout,
    callout_id=st.just("c-1"),
    kind=st.sampled_from(CalloutKind),
    status=st.just(Status.EXERCISE),
    town=st.just("500108003000"),
    place=st.sampled_from([place.code for place in DEMO.rules.places]),
    hazard=st.sampled_from(Hazard),
    level=st.sampled_from(Level),
    limits=st.just(DEMO.policies.levels[Level.II].day),
    opened_at=st.just(NIGHT),
    decision_id=st.just("d-1"),
    causes=st.just(()),
    why=st.sampled_from(["", "雨量58毫米"]),
    measure=st.sampled_from([None, *Measure]),
    target=st.sampled_from(["", "险区住户"]),
)
instants = st.integers(0, 366 * 24 * 60).map(lambda minutes: NIGHT + timedelta(minutes=minutes))


def every_prefix() -> list[str]:
    """Return what an exercise begins with in each language of the pack."""
    texts = (DEMO.templates, *DEMO.languages.values())
    return [one.text(TextKey.EXERCISE_PREFIX) for one in texts]


@given(callouts, st.sampled_from(POSTS), st.sampled_from(LANGUAGES), instants)
def test_an_exercise_says_so_first_and_the_real_thing_never(
    callout: Callout, post: str, language: str | None, now: datetime
) -> None:
    """Nobody leaves his house for a drill that he takes for real, nor stays in it for the reverse."""
    words = Words(DEMO, TREE, language)
    actual = replace(callout, status=Status.ACTUAL)
    for key in SAID:
        values = {**LEFT_OVER, "time": words.time_of_day(now, key)}
        drill = words.fixed(key, callout, post, **values)
        real = words.fixed(key, actual, post, **values)

        assert drill.startswith(tuple(every_prefix())) is (key in ALONE)
        assert not any(said in real for said in every_prefix())


@given(callouts, callouts, st.sampled_from(POSTS), st.sampled_from(LANGUAGES), st.booleans())
def test_whatever_is_put_together_says_once_and_first_that_it_is_an_exercise(
    first: Callout, other: Callout, post: str, language: str | None, coded: bool
) -> None:
    """Several asks in one call or SMS are one exercise, and say so in its first words alone."""
    words = Words(DEMO, TREE, language)
    asks = [(first, post), (other, post)]
    whole = [words.message(asks), words.sms(asks, coded=coded), words.read_back(asks, NIGHT)]

    for said in whole:
        found = [one for one in every_prefix() if one in said]
        assert len(found) == 1
        assert said.startswith(found[0])
        assert said.count(found[0]) == 1


@given(callouts, st.sampled_from(POSTS), st.sampled_from(LANGUAGES), instants)
def test_what_a_chinese_voice_says_of_the_time_has_no_figures(
    callout: Callout, post: str, language: str | None, now: datetime
) -> None:
    """A figure in a voice is read as each speech service likes; an SMS is read by a person."""
    words = Words(DEMO, TREE, language)

    said = words.time_of_day(now, TextKey.VOICE_RECORDED)

    assert any(sign.isdigit() for sign in said) is (words.voice.language == "en")
    assert any(sign.isdigit() for sign in words.time_of_day(now))
    assert said in words.read_back([(callout, post)], now)


@given(
    st.sampled_from([Level.III, Level.II, Level.I]),
    st.lists(st.sampled_from(KEYS), max_size=6),
)
def test_every_step_of_an_exercises_call_says_first_that_it_is_one(
    level: Level, heard: list[Heard]
) -> None:
    """Whoever is handed the phone in the middle of a drill hears that it is one, whatever is pressed."""
    night = Night(pack(post("VS", Role.VILLAGE_SECRETARY, "anna")))
    night.respond(level, status=Status.EXERCISE)
    night.wait(seconds=5)
    call = night.rings("anna")

    script = night.tell(CallHeard(call.attempt_id, 0, Heard.ANSWERED))
    for what in heard:
        assert script is not None
        assert script.words[0].startswith("【演练】")
        assert "【演练】" not in "".join(script.words[1:])
        script = night.tell(CallHeard(call.attempt_id, script.step, what))
    assert all(text.startswith("【演练】") for text in night.messages("anna"))
