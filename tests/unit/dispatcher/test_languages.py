"""A person is called and written to in his language; a call keeps to one from its first word."""

from dataclasses import replace

import pytest

from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.inputs import CallHeard, Heard
from services.district.domain.pack import Pack
from services.district.domain.spoken import voice_of
from services.district.domain.templates import Templates, TextKey
from services.district.domain.wording import Wording
from tests.districts import TEMPLATES, pack, person, post
from tests.unit.dispatcher.night import Night

VOICE = {
    key: Wording.plain(f"{{exercise}}{key.value} at {{place}}.")
    if key in {TextKey.VOICE_CONFIRM, TextKey.VOICE_RECORDED}
    else Wording.plain(key.value)
    for key in TextKey
    if key.value.startswith("voice.")
}


def english(**texts: str) -> Templates:
    """English for every call, and for the SMS that *texts* name."""
    given = {TextKey(f"sms.{key}"): Wording.plain(text) for key, text in texts.items()}
    parts = {key: text for key, text in TEMPLATES.texts.items() if key.is_part}
    names = {"石坪镇": "Shiping", "VS": "secretary"}
    return replace(TEMPLATES, texts={**parts, **VOICE, **given}, voice=voice_of("en"), names=names)


def village(templates: Templates) -> Pack:
    """Two secretaries: Anna's language is English."""
    people = (replace(person("anna"), language="en"), person("boris"))
    posts = (
        post("VS", Role.VILLAGE_SECRETARY, "anna"),
        post("VS-2", Role.VILLAGE_SECRETARY, "boris"),
    )
    return replace(pack(*posts, people=people), languages={"en": templates})


def test_each_is_called_and_written_to_in_his_own_language() -> None:
    night = Night(village(english(confirm="{exercise}Response {level} at {place}.")))

    night.respond(Level.III)
    night.wait(seconds=5)
    hers = night.presses(night.rings("anna"))
    his = night.presses(night.rings("boris"))

    assert night.messages("anna") == ["Response 三级 at Shiping."]
    assert night.messages("boris")[0].startswith("石坪镇")
    assert (hers.words[0], hers.voice.language) == ("voice.confirm at Shiping.", "en")
    assert (his.words[0][:3], his.voice.language) == ("石坪镇", "zh-CN")


def test_what_a_language_leaves_out_is_said_whole_in_the_default_one() -> None:
    night = Night(village(english()))

    night.respond(Level.III)
    night.wait(seconds=5)

    assert night.messages("anna") == night.messages("boris")
    assert "Shiping" not in night.messages("anna")[0]


def test_a_language_without_all_of_a_calls_texts_holds_no_call() -> None:
    texts = {**english().texts}
    del texts[TextKey.VOICE_GOODBYE]
    night = Night(village(replace(english(), texts=texts)))

    night.respond(Level.III)
    night.wait(seconds=5)
    script = night.presses(night.rings("anna"))

    assert script.voice.language == "zh-CN"
    assert script.words[0].startswith("石坪镇")


@pytest.mark.parametrize("level", [Level.III, Level.II], ids=["keyed", "coded"])
def test_a_call_keeps_to_its_language_to_the_end(level: Level) -> None:
    night = Night(village(english()))

    night.respond(level)
    night.wait(seconds=5)
    call = night.rings("anna")
    heard = (
        [Heard.CONFIRM]
        if level is Level.III
        else [Heard.CONFIRM, Heard.CODE_WRONG, Heard.CODE_RIGHT]
    )

    scripts = [night.presses(call)]
    for what in heard:
        told = night.tell(CallHeard(call.attempt_id, scripts[-1].step, what))
        assert told is not None
        scripts.append(told)

    assert {script.voice.language for script in scripts} == {"en"}
    assert scripts[-1].words == ("voice.recorded at Shiping.",)
