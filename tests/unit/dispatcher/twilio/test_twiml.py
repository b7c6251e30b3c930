from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest

from services.dispatcher.adapters.codes import Codes
from services.dispatcher.adapters.twilio.twiml import ScriptError, TwimlWriter, speak
from services.dispatcher.adapters.twilio.urls import WebhookUrls
from services.dispatcher.adapters.url_mac import UrlMac
from services.dispatcher.domain.script import Await, Script
from services.district.domain.spoken import CHINESE, voice_of
from services.runtime.clock import SteppingClock

MAC = UrlMac(b"urls", SteppingClock(datetime(2026, 7, 8, 16, 0, tzinfo=UTC)))
CODES = Codes(b"codes")
WRITER = TwimlWriter(WebhookUrls("https://us.test/", MAC), CODES)


def written(script: Script) -> ET.Element:
    return ET.fromstring(WRITER.write(script, "a_1").encode())


def gather_of(script: Script) -> ET.Element:
    gather = written(script).find("Gather")
    assert gather is not None
    return gather


def test_keys_of_the_menu_work_from_the_first_word() -> None:
    gather = gather_of(Script(1, ("暴雨红色预警。", "收到请按 1。"), Await.MENU_KEY))

    assert {name: value for name, value in gather.items() if name != "action"} == {
        "input": "dtmf",
        "numDigits": "1",
        "finishOnKey": "",
        "timeout": "6",
        "actionOnEmptyResult": "true",
        "method": "POST",
    }
    assert [(say.text, say.get("language")) for say in gather] == [
        ("暴雨红色预警。", "zh-CN"),
        ("收到请按 1。", "zh-CN"),
    ]


@pytest.mark.parametrize(
    ("awaits", "words", "kind"),
    [(Await.MENU_KEY, "请按 1。", "menu"), (Await.CODE, "确认码{code}。", "code")],
)
def test_the_answer_comes_back_under_a_url_that_is_signed_for_its_step(
    awaits: Await, words: str, kind: str
) -> None:
    url = urlsplit(gather_of(Script(2, (words,), awaits)).get("action", ""))
    query = {name: values[0] for name, values in parse_qs(url.query).items()}

    assert (url.netloc, url.path, query["kind"]) == ("us.test", "/twilio/voice/a_1/2", kind)
    assert MAC.is_valid("a_1", "2", kind, query["exp"], query["mac"])


def test_a_code_is_spoken_digit_by_digit_and_awaited_whole() -> None:
    gather = gather_of(Script(2, ("请输入确认码：{code}。",), Await.CODE))
    say = gather.find("Say")
    code = CODES.write_into("{code}", "a_1")

    assert gather.get("numDigits") == "4"
    assert say is not None
    assert say.text == f"请输入确认码：{CHINESE.code(code)}。"


def test_a_call_is_spoken_in_its_own_language() -> None:
    gather = gather_of(Script(2, ("Your code is {code}.",), Await.CODE, voice_of("en")))
    say = gather.find("Say")
    code = CODES.write_into("{code}", "a_1")

    assert say is not None
    assert (say.text, say.get("language")) == (f"Your code is {', '.join(code)}.", "en-US")


def test_the_last_words_are_followed_by_a_hang_up() -> None:
    response = written(Script(3, ("已记录，再见。",), Await.NOTHING))

    assert [verb.tag for verb in response] == ["Say", "Hangup"]


@pytest.mark.parametrize(
    "script",
    [
        Script(1, (), Await.MENU_KEY),
        Script(1, ("  ",), Await.NOTHING),
        Script(-1, ("请按 1。",), Await.MENU_KEY),
        Script(1, ("请输入确认码。",), Await.CODE),
        Script(1, ("确认码{code}，请按 1。",), Await.MENU_KEY),
        Script(1, ("确认码{code}，再见。",), Await.NOTHING),
    ],
    ids=["silent", "blank", "no_step", "unheard_code", "code_in_menu", "code_at_the_end"],
)
def test_a_script_that_cannot_be_answered_as_it_asks_is_refused(script: Script) -> None:
    with pytest.raises(ScriptError):
        WRITER.write(script, "a_1")


def test_signs_that_markup_cannot_hold_are_left_out_and_the_rest_is_escaped() -> None:
    text = ET.fromstring(speak("水位<3米 & 上涨\x00\x0b。").encode()).findtext("Say")

    assert text == "水位<3米 & 上涨。"
