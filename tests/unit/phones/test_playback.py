"""Scripts played to a person who presses keys."""

from datetime import timedelta

import pytest

from services.phones.domain.person import Habit
from services.phones.domain.record import What
from tests.unit.phones.town import ANNA, DESK, SID, Town, person

LONG = "撤" * 90


def in_hand(**scripts: str) -> Town:
    """A town where ANNA's phone is answered and pressed by the test."""
    paths = {f"/{name}": f"<Response>{body}</Response>" for name, body in scripts.items()}
    town = Town(person(ANNA, Habit.MANUAL), scripts=paths)
    town.call()
    town.run(1)
    town.exchange.handsets.answer(ANNA, town.now)
    town.run(0)
    return town


def press(town: Town, *keys: str) -> None:
    for key in keys:
        town.exchange.handsets.press(ANNA, key, town.now)
        town.run(0.2)


def test_keys_count_from_the_first_word() -> None:
    town = in_hand(
        voice=f'<Gather numDigits="1" action="/got"><Say>{LONG}</Say></Gather>', got="<Hangup/>"
    )

    town.run(1)
    press(town, "1")

    assert town.digits() == ["1"]
    assert town.exchange.record.heard(ANNA) == ""


def test_the_first_key_silences_the_message_and_the_rest_are_awaited() -> None:
    town = in_hand(
        voice=f'<Gather numDigits="3" timeout="4" action="/got"><Say>{LONG}</Say></Gather>',
        got="<Hangup/>",
    )

    press(town, "4")
    town.run(3)
    press(town, "7", "2")

    assert town.digits() == ["472"]


def test_digits_are_submitted_when_no_further_key_comes() -> None:
    town = in_hand(voice='<Gather numDigits="3" timeout="4" action="/got"/>', got="<Hangup/>")

    press(town, "4", "7")
    town.run(4)

    assert town.digits() == ["47"]


def test_the_finishing_key_submits_and_is_no_digit() -> None:
    town = in_hand(voice='<Gather action="/got"/>', got="<Hangup/>")

    press(town, "4", "7", "#")

    assert town.digits() == ["47"]
    assert town.asked[-1].form["FinishedOnKey"] == "#"


def test_without_a_key_the_call_falls_through() -> None:
    town = in_hand(
        voice='<Gather timeout="5" action="/got"><Say>按</Say></Gather><Say>没有收到</Say>'
    )

    town.run()

    assert town.digits() == []
    assert town.exchange.record.heard(ANNA) == "按 没有收到"


def test_an_empty_result_goes_to_the_action_if_it_is_asked_for() -> None:
    town = in_hand(
        voice='<Gather timeout="5" action="/got" actionOnEmptyResult="true"/>', got="<Hangup/>"
    )

    town.run()

    assert town.digits() == [""]


def test_a_gather_without_action_asks_its_own_script_again() -> None:
    town = in_hand(voice='<Gather numDigits="1"/>')

    press(town, "1")

    assert [one.path for one in town.asked] == ["/voice", "/voice"]


def test_a_key_outside_a_gather_is_recorded_and_means_nothing() -> None:
    town = in_hand(voice=f"<Say>{LONG}</Say>")

    press(town, "1")
    town.run()

    assert town.exchange.record.pressed(ANNA) == "1"
    assert town.digits() == []


def test_a_redirect_is_relative_to_the_script_it_stands_in() -> None:
    town = in_hand(voice="<Redirect>more?x=1</Redirect>", more="<Say>二</Say>")

    town.run()

    assert [one.path for one in town.asked] == ["/voice", "/more"]
    assert town.exchange.record.heard(ANNA) == "二"


def test_a_script_that_redirects_to_itself_for_ever_is_ended() -> None:
    town = in_hand(voice="<Redirect>/voice</Redirect>")

    town.run()

    assert len(town.asked) == 100
    assert town.exchange.record.notices[-1].code == 12100


def test_pauses_and_recordings_take_time() -> None:
    town = in_hand(voice='<Play>/siren.mp3</Play><Pause length="3"/>')

    town.run()

    (call,) = town.exchange.calls.values()
    assert call.duration_s == 8


def test_a_script_that_came_with_the_call_is_played_without_asking() -> None:
    town = Town()

    town.call(Twiml="<Response><Say>撤离</Say></Response>", Url="")
    town.run()

    assert town.asked == []
    assert town.exchange.record.heard(ANNA) == "撤离"


def test_a_malformed_script_ends_the_call_with_an_apology() -> None:
    town = Town(scripts={"/voice": "<Response><Say>"})

    sid = town.call()
    town.run()

    assert town.status(sid) == "completed"
    assert [notice.code for notice in town.exchange.record.notices] == [12100]
    assert "出错" in town.exchange.record.heard(ANNA)
    assert town.told[-1].form["ErrorCode"] == "12100"


def test_a_script_that_cannot_be_fetched_falls_back() -> None:
    town = Town(scripts={"/spare": "<Response><Say>备用通知</Say></Response>"})

    sid = town.call(FallbackUrl="http://spare.test/spare")
    town.run()

    assert town.asked[-1].form["ErrorCode"] == "11200"
    assert town.exchange.record.heard(ANNA) == "备用通知"
    assert town[sid].error_code is None


def test_an_unknown_verb_is_noted_and_skipped() -> None:
    town = Town(scripts={"/voice": "<Response><Dial/><Say>继续</Say></Response>"})

    town.call()
    town.run()

    assert town.exchange.record.notices[0].detail == "Dial"
    assert town.exchange.record.heard(ANNA) == "继续"


def test_a_live_call_can_be_sent_to_another_script() -> None:
    town = in_hand(voice='<Pause length="60"/>', other="<Say>改念这个</Say>")
    (sid,) = town.exchange.calls

    form = {"Url": ["http://desk.test/other"], "Method": ["POST"]}
    town.exchange.update_call(SID, sid, form, town.now)
    town.run()

    assert town.exchange.record.heard(ANNA) == "改念这个"


@pytest.mark.parametrize(
    ("verb", "status"),
    [('<Reject reason="busy"/>', "busy"), ("<Reject/>", "no-answer")],
    ids=["busy", "rejected"],
)
def test_an_incoming_call_can_be_rejected_unanswered(verb: str, status: str) -> None:
    town = Town(scripts={"/voice": f"<Response>{verb}</Response>"})

    town.exchange.handsets.ring_in(SID, ANNA, DESK, town.now)
    town.run()

    (call,) = town.exchange.calls.values()
    assert (call.status.value, call.answered_at) == (status, None)


def test_a_script_that_comes_after_the_call_has_ended_is_ignored() -> None:
    town = in_hand(voice='<Gather numDigits="1" action="/got"/>')
    (sid,) = town.exchange.calls
    town.exchange.handsets.hang_up(ANNA, town.now)

    town.exchange.script_arrived(sid, 1, "http://desk.test/x", "<Response/>", town.now)
    town.run(timedelta(minutes=1).total_seconds())

    assert town.exchange.record.of(ANNA)[-1].what is What.ENDED
