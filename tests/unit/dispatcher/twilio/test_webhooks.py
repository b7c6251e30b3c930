from datetime import timedelta
from urllib.parse import urlencode

import pytest
from structlog.testing import capture_logs

from services.dispatcher.adapters.twilio.error_table import CODES
from services.dispatcher.adapters.url_mac import UrlKind
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.inputs import (
    AttemptSeen,
    CalledBack,
    CallHeard,
    Heard,
    SmsAnswer,
    SmsReceived,
)
from services.dispatcher.domain.script import Await, Script
from services.dispatcher.entrypoints.twilio_edge import inbound_attempt_id
from tests.unit.dispatcher.twilio.door import BASE, CALL, NUMBER, Door, Form


@pytest.fixture
def door() -> Door:
    return Door()


async def test_an_answered_call_is_told_and_gets_its_words(door: Door) -> None:
    door.desk.script = Script(1, ("暴雨红色预警。",), Await.MENU_KEY)

    answered = await door.post(door.urls.voice("a_1", 0, UrlKind.BEGIN), CALL)

    assert door.desk.told == [CallHeard("a_1", 0, Heard.ANSWERED, "CA1")]
    assert (answered.status, answered.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert "暴雨红色预警。" in answered.body


@pytest.mark.parametrize(
    ("kind", "digits", "heard"),
    [
        (UrlKind.MENU, "1", Heard.CONFIRM),
        (UrlKind.MENU, "2", Heard.DEPUTY),
        (UrlKind.MENU, "", Heard.NOTHING),
        (UrlKind.CODE, "right", Heard.CODE_RIGHT),
        (UrlKind.CODE, "1", Heard.CODE_WRONG),
        (UrlKind.CODE, "", Heard.NOTHING),
        (UrlKind.BEGIN, "1", Heard.ANSWERED),
    ],
)
async def test_digits_are_judged_by_what_the_signed_url_awaits(
    door: Door, kind: UrlKind, digits: str, heard: Heard
) -> None:
    pressed = door.codes.write_into("{code}", "a_1") if digits == "right" else digits

    await door.post(door.urls.voice("a_1", 2, kind), {**CALL, "Digits": pressed})

    assert door.desk.told == [CallHeard("a_1", 2, heard, "CA1")]


async def test_a_call_that_the_dispatcher_does_not_know_is_ended_politely(door: Door) -> None:
    answered = await door.post(door.urls.voice("a_9", 0, UrlKind.BEGIN), CALL)

    assert answered.status == 200
    assert "<Hangup" in answered.body


@pytest.mark.parametrize(
    ("form", "seen"),
    [
        (
            {"CallSid": "CA1", "CallStatus": "ringing", "SequenceNumber": "1"},
            AttemptSeen("a_1", "CA1", Progress.RINGING, sequence=1),
        ),
        (
            {
                "CallSid": "CA1",
                "CallStatus": "failed",
                "SipResponseCode": "404",
                "ErrorCode": "13224",
            },
            AttemptSeen(
                "a_1", "CA1", Progress.ENDED, Outcome.FAILED, code="13224", remedies=CODES["13224"]
            ),
        ),
        (
            {"CallSid": "CA1", "AnsweredBy": "machine_start", "MachineDetectionDuration": "2"},
            AttemptSeen("a_1", "CA1", Progress.ANSWERED, answered_by_machine=True),
        ),
        (
            {"MessageSid": "SM1", "MessageStatus": "sent", "SmsStatus": "sent"},
            AttemptSeen("a_1", "SM1", Progress.RINGING),
        ),
        (
            {"SmsSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003"},
            AttemptSeen(
                "a_1",
                "SM1",
                Progress.ENDED,
                Outcome.UNDELIVERED,
                code="30003",
                remedies=CODES["30003"],
            ),
        ),
    ],
    ids=["ringing", "failed", "machine", "sent", "undelivered"],
)
async def test_a_status_is_told_in_our_words(door: Door, form: Form, seen: AttemptSeen) -> None:
    answered = await door.post(door.urls.status("a_1"), {**form, "SomethingNew": "1"})

    assert (answered.status, answered.body) == (204, "")
    assert door.desk.told == [seen]


async def test_a_status_that_says_nothing_is_refused_and_not_told(door: Door) -> None:
    answered = await door.post(door.urls.status("a_1"), {"AccountSid": "AC1"})

    assert answered.status == 400
    assert door.desk.told == []


@pytest.mark.parametrize(
    ("body", "answer", "attempt_id"),
    [
        ("１", SmsAnswer.CONFIRM, None),
        ("code", SmsAnswer.CODE_RIGHT, "s_1"),
        ("喂", SmsAnswer.OTHER, None),
    ],
)
async def test_a_text_from_a_contact_is_judged_and_told(
    door: Door, body: str, answer: SmsAnswer, attempt_id: str | None
) -> None:
    written = door.codes.write_into("{code}", "s_1") if body == "code" else body

    answered = await door.post(
        f"{BASE}/twilio/sms", {"From": NUMBER, "MessageSid": "SM1", "Body": written}
    )

    assert answered.body.endswith("<Response/>")
    assert door.desk.told == [SmsReceived("c_anna", answer, "SM1", attempt_id)]


async def test_who_rings_back_hears_what_is_open_under_an_id_that_hangs_on_his_call_alone(
    door: Door,
) -> None:
    door.desk.script = Script(1, ("请输入确认码{code}。",), Await.CODE)
    form = {"CallSid": "CA7", "From": NUMBER, "CallStatus": "ringing"}

    first = await door.post(f"{BASE}/twilio/voice/inbound", form)
    again = await door.post(f"{BASE}/twilio/voice/inbound", form)

    told = CalledBack("c_anna", "CA7", inbound_attempt_id("CA7"))
    assert door.desk.told == [told, told]
    assert first == again


async def test_strangers_are_heard_by_nobody(door: Door) -> None:
    stranger = {"From": "+8613999999999", "CallSid": "CA1", "MessageSid": "SM1", "Body": "1"}

    called = await door.post(f"{BASE}/twilio/voice/inbound", stranger)
    wrote = await door.post(f"{BASE}/twilio/sms", stranger)

    assert "<Hangup" in called.body
    assert wrote.body.endswith("<Response/>")
    assert door.desk.told == []


def paths(door: Door) -> list[str]:
    return [
        door.urls.voice("a_1", 1, UrlKind.MENU),
        door.urls.status("a_1"),
        f"{BASE}/twilio/sms",
        f"{BASE}/twilio/voice/inbound",
    ]


@pytest.mark.parametrize("which", range(4))
async def test_without_the_carriers_signature_nothing_is_done(door: Door, which: int) -> None:
    url, form = paths(door)[which], {**CALL, "MessageSid": "SM1", "Digits": "1"}

    refused = [
        await door.send(url, urlencode(form).encode(), {}),
        await door.post(url, form, token="token-2"),
        await door.post(url, form, signed_as=url.replace("us.test", "10.0.0.7:8080")),
        await door.send(url, b"\xff\xfe", {"x-twilio-signature": "x"}),
        await door.send(url, b'{"CallSid": "CA1"}', {"x-twilio-signature": "x"}),
    ]

    assert [(one.status, one.body) for one in refused] == [(403, "")] * 5
    assert door.desk.told == []


async def test_without_our_own_mac_a_leaked_token_forges_nothing(door: Door) -> None:
    good = door.urls.voice("a_1", 1, UrlKind.MENU)
    forged = [
        good.replace("/a_1/", "/a_2/"),
        good.replace("/1?", "/2?"),
        good.replace("kind=menu", "kind=code"),
        good.partition("?")[0],
        door.urls.status("a_1").replace("/status/a_1", "/voice/a_1/0"),
        good.replace("/voice/a_1/1", "/status/a_1"),
        f"{BASE}/twilio/voice/a_1/x?kind=none&exp=never&mac=0",
    ]

    refused = [await door.post(url, {**CALL, "Digits": "1"}) for url in forged]

    assert [one.status for one in refused] == [403] * len(forged)
    assert door.desk.told == []


async def test_a_url_is_good_for_a_call_and_not_for_the_next_day(door: Door) -> None:
    url = door.urls.voice("a_1", 1, UrlKind.MENU)
    door.clock.move_to(door.clock.now() + timedelta(hours=2))

    assert (await door.post(url, {**CALL, "Digits": "1"})).status == 403
    assert door.desk.told == []


async def test_what_cannot_be_kept_is_answered_so_that_the_carrier_comes_again(
    door: Door,
) -> None:
    door.desk.is_full = True

    answered = await door.post(door.urls.status("a_1"), CALL)

    assert (answered.status, answered.headers["retry-after"]) == (503, "1")


async def test_a_body_larger_than_any_call_back_is_not_read(door: Door) -> None:
    answered = await door.send(f"{BASE}/twilio/sms", b"a=" + b"x" * 70_000, {})

    assert answered.status == 413


async def test_the_same_call_back_twice_is_answered_the_same(door: Door) -> None:
    door.desk.script = Script(2, ("已记录，再见。",), Await.NOTHING)
    url = door.urls.voice("a_1", 1, UrlKind.MENU)

    first = await door.post(url, {**CALL, "Digits": "1"})
    again = await door.post(url, {**CALL, "Digits": "1"})

    assert first == again
    assert door.desk.told == [CallHeard("a_1", 1, Heard.CONFIRM, "CA1")] * 2


async def test_no_log_names_a_number_or_what_was_typed(door: Door) -> None:
    code = door.codes.write_into("{code}", "a_1")
    with capture_logs() as logs:
        await door.post(door.urls.voice("a_1", 1, UrlKind.CODE), {**CALL, "Digits": code})
        await door.post(
            f"{BASE}/twilio/sms", {"From": "+8613999", "MessageSid": "SM1", "Body": code}
        )
        await door.post(door.urls.status("a_1"), CALL, token="token-2")
        await door.post(f"{BASE}/twilio/status/a_1", CALL)

    assert {entry["event"] for entry in logs} == {"sms_from_stranger", "webhook_refused"}
    assert code not in str(logs)
    assert "8613" not in str(logs)
