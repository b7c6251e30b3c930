"""What is done about each of the carrier's codes, as the desk does it: the table is the test."""

from collections.abc import Callable
from pathlib import Path

import pytest
from twilio.base.exceptions import TwilioRestException

from schemas.dispatch import Fact
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.adapters.twilio.error_table import CODES, OURS, SIP, remedies_for
from services.dispatcher.adapters.twilio.errors import ALREADY_OVER, translate
from services.dispatcher.domain.calls.attempt import Attempt
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.calls.remedy import Remedies, Remedy
from services.dispatcher.domain.commands import AskStatus, PlaceCall, Reconcile
from services.dispatcher.domain.inputs import (
    AttemptSeen,
    RequestAnswered,
    RequestLost,
    RequestRefused,
)
from services.dispatcher.ports import AnswerLostError, CarrierRefusedError
from tests.districts import pack, post
from tests.unit.dispatcher.night import Night

DOCUMENTED = {
    line
    for line in (Path(__file__).parents[2] / "data" / "twilio" / "error_codes.txt")
    .read_text()
    .splitlines()
    if line and not line.startswith("#")
}

R = Remedy
WISHED: dict[str, set[Remedy]] = {
    "20003": {R.STOP_PROVIDER, R.OTHER_PROVIDER, R.WARN_ADMIN},
    "20429": {R.RETRY_LATER},
    "20500": {R.RECONCILE},
    "10004": {R.RETRY_LATER, R.LOWER_STARTS},
    "13224": {R.RETRY_ONCE, R.OTHER_PROVIDER, R.OTHER_NUMBER},
    "13225": {R.OTHER_PROVIDER, R.WARN_ADMIN},
    "13227": {R.OTHER_PROVIDER, R.WARN_ADMIN},
    "21215": {R.OTHER_PROVIDER, R.WARN_ADMIN},
    "21205": {R.WARN_ADMIN},
    "21609": {R.WARN_ADMIN},
    "21210": {R.OTHER_PROVIDER, R.WARN_ADMIN},
    "21212": {R.OTHER_PROVIDER, R.WARN_ADMIN},
    "21606": {R.OTHER_PROVIDER, R.WARN_ADMIN},
    "21211": {R.MEND_ROSTER, R.OTHER_NUMBER},
    "21217": {R.MEND_ROSTER, R.OTHER_NUMBER},
    "21214": {R.OTHER_NUMBER},
    "21216": {R.OTHER_NUMBER},
    "21408": {R.OTHER_CHANNEL, R.WARN_ADMIN},
    "21610": {R.NEVER_SMS_AGAIN, R.OTHER_CHANNEL, R.MEND_ROSTER},
    "21611": {R.OTHER_PROVIDER, R.RETRY_LATER, R.WARN_ADMIN},
    "30001": {R.OTHER_PROVIDER, R.RETRY_LATER, R.WARN_ADMIN},
    "21612": {R.OTHER_PROVIDER, R.OTHER_CHANNEL},
    "21614": {R.NEVER_SMS_AGAIN, R.OTHER_CHANNEL, R.MEND_ROSTER},
    "30006": {R.NEVER_SMS_AGAIN, R.OTHER_CHANNEL, R.MEND_ROSTER},
    "21617": {R.OTHER_CHANNEL, R.REVIEW_TEMPLATE, R.WARN_ADMIN},
    "30002": {R.STOP_PROVIDER, R.OTHER_PROVIDER, R.WARN_ADMIN},
    "30003": {R.OTHER_CHANNEL, R.RETRY_ONCE},
    "30004": {R.OTHER_CHANNEL, R.MEND_ROSTER},
    "30005": {R.MEND_ROSTER, R.OTHER_NUMBER},
    "30007": {R.OTHER_CHANNEL, R.REVIEW_TEMPLATE, R.WARN_ADMIN},
    "30008": {R.RETRY_ONCE, R.OTHER_CHANNEL},
    "30410": {R.OTHER_PROVIDER, R.RETRY_ONCE, R.OTHER_CHANNEL},
    "11200": {R.POLL_STATUS, R.WARN_ADMIN},
    "11205": {R.POLL_STATUS, R.WARN_ADMIN},
    "11217": {R.POLL_STATUS, R.WARN_ADMIN},
    "57012": {R.WARN_ADMIN},
    "SIP 480": {R.TREAT_AS_NO_ANSWER},
}
"""What practice with this carrier says is to be done, code by code."""

_CALLS = ("1", "20", "212")
SMS_ONLY = {"21408", "21606", "21609", "21610", "21611", "21612", "21614", "21617"}


@pytest.mark.parametrize("code", WISHED)
def test_each_code_has_the_remedies_that_practice_asks_for(code: str) -> None:
    given = SIP[code] if code in SIP else CODES[code]

    assert set(given) == WISHED[code]


def test_every_code_of_the_table_is_one_that_the_carrier_documents() -> None:
    assert set(CODES) - DOCUMENTED == set()
    assert set(ALREADY_OVER) <= DOCUMENTED


def test_a_code_nobody_has_met_yet_warns_the_administrator() -> None:
    assert remedies_for("99999") == (R.WARN_ADMIN,)
    assert remedies_for(None) == remedies_for("") == ()


class Scene(Night):
    """The holder of a post who takes only SMS at IV, with a deputy at the other levels."""

    def __init__(self, level: Level) -> None:
        super().__init__(
            pack(
                post("DO", Role.DUTY_OFFICER, "officer"),
                post("VS", Role.VILLAGE_SECRETARY, "holder", deputies=("deputy",)),
            )
        )
        self.respond(level)

    def newest(self, channel: str) -> Attempt:
        """The newest attempt to the person under test."""
        return [
            attempt
            for attempt in self.desk.attempts.values()
            if attempt.channel.value == channel and attempt.person == self.who
        ][-1]

    who = "holder"

    def refused(self, channel: str, code: str) -> None:
        """The carrier answers the newest request of *channel* with *code*."""
        error = translate(TwilioRestException(400, "", "", int(code)))
        attempt_id = self.newest(channel).attempt_id
        if isinstance(error, AnswerLostError):
            self.tell(RequestLost(attempt_id))
        else:
            assert isinstance(error, CarrierRefusedError)
            self.tell(RequestRefused(attempt_id, error.code, error.retry, error.remedies))

    def failed(self, channel: str, remedies: Remedies, code: str | None = None) -> None:
        """The carrier took the request, and tells later that it could not be done."""
        attempt_id = self.newest(channel).attempt_id
        self.tell(RequestAnswered(attempt_id, f"P{attempt_id}"))
        self.tell(
            AttemptSeen(
                attempt_id,
                f"P{attempt_id}",
                Progress.ENDED,
                Outcome.FAILED,
                code=code,
                remedies=remedies,
            )
        )

    def meets(self, code: str) -> str:
        """What the carrier says comes as it comes in life; returns the channel it came on."""
        if code in SIP:
            self.failed("voice", SIP[code])
            return "voice"
        if code in {"13224", "11200", "11205", "11217"} or code.startswith("112"):
            self.failed("voice", CODES[code], code)
            return "voice"
        if code.startswith("3") or code == "57012":
            self.failed("sms", CODES[code], code)
            return "sms"
        channel = "sms" if code in SMS_ONLY or code == "14107" else "voice"
        self.refused(channel, code)
        return channel


class SmsOnly(Scene):
    """At IV the duty officer is told by SMS alone."""

    who = "officer"


def calls_to(scene: Scene) -> list[PlaceCall]:
    return scene.calls(scene.who)


def texts_to(scene: Scene) -> list[str]:
    return scene.messages(scene.who)


def same_again_uncounted(code: str) -> None:
    scene = Scene(Level.II)
    channel = scene.meets(code)
    before = len(calls_to(scene)) if channel == "voice" else len(texts_to(scene))
    scene.wait(seconds=61)

    after = len(calls_to(scene)) if channel == "voice" else len(texts_to(scene))
    assert after == before + 1
    if channel == "voice":
        assert scene.chain("VS").rungs[0].calls == 1


def once_more_and_not_twice(code: str) -> None:
    scene = Scene(Level.II)
    channel = scene.meets(code)
    scene.wait(seconds=121)
    tried = len(calls_to(scene)) if channel == "voice" else len(texts_to(scene))
    assert tried == 2
    scene.meets(code)
    scene.wait(seconds=119)

    assert (len(calls_to(scene)) if channel == "voice" else len(texts_to(scene))) == 2


def carrier_is_asked(code: str) -> None:
    scene = Scene(Level.II)
    scene.refused("voice", code)
    scene.wait(seconds=2)

    asked = [command for _, command in scene.commands if isinstance(command, Reconcile)]
    assert [one.contact for one in asked if one.voice] == ["c-holder"]
    assert len(calls_to(scene)) == 1


def rung_where_sms_cannot_reach(code: str) -> None:
    scene = SmsOnly(Level.IV)
    assert calls_to(scene) == []
    scene.meets(code)
    if code in {"30008", "30410"}:
        scene.wait(seconds=6)
        scene.meets(code)

    assert len(calls_to(scene)) == 1


def next_number_at_once(code: str) -> None:
    if code == "30005":
        rung_where_sms_cannot_reach(code)
        return
    scene = Scene(Level.II)
    scene.meets(code)
    if Remedy.RETRY_ONCE in CODES[code]:
        scene.wait(seconds=61)
        scene.meets(code)

    assert scene.calls("deputy") != []
    scene.wait(minutes=9)
    assert len(calls_to(scene)) == 1 + (Remedy.RETRY_ONCE in CODES[code])


def roster_is_at_fault(code: str) -> None:
    scene = Scene(Level.II)
    scene.meets(code)

    [fault] = scene.said(Fact.ROSTER_FAULT)
    assert fault.values["contact"] == "c-holder"
    assert fault.detail["code"] == code
    assert fault.detail["reason"] in {"bad_number", "no_sms"}


def no_sms_to_him_again(code: str) -> None:
    scene = Scene(Level.III)
    scene.meets(code)
    sent = len(texts_to(scene))
    scene.respond(Level.II, previous=Level.III)
    scene.respond(None, previous=Level.II)
    scene.wait(minutes=1)

    assert len(texts_to(scene)) == sent
    assert scene.messages("officer") != []


def administrator_is_warned(code: str) -> None:
    scene = Scene(Level.II)
    channel = scene.meets(code)

    [trouble] = scene.said(Fact.CARRIER_TROUBLE)
    assert trouble.detail == {
        "channel": channel,
        "code": code,
        "remedies": [remedy.value for remedy in CODES[code]],
    }


def stands_in_the_ledger(code: str) -> None:
    scene = Scene(Level.II)
    scene.meets(code)

    ended = scene.said(Fact.ATTEMPT_ENDED)[-1]
    assert ended.detail["remedies"] == [remedy.value for remedy in CODES[code]]


def tried_again_after_the_pause(code: str) -> None:
    scene = Scene(Level.II)
    scene.meets(code)
    assert scene.said(Fact.ATTEMPT_ENDED)[-1].detail["outcome"] == Outcome.NO_ANSWER.value
    scene.wait(seconds=119)
    assert len(calls_to(scene)) == 1
    scene.wait(seconds=2)

    assert len(calls_to(scene)) == 2


def status_is_asked_for(code: str) -> None:
    scene = Scene(Level.II)
    call = scene.rings("holder")
    scene.tell(
        AttemptSeen(
            call.attempt_id,
            f"CA{call.attempt_id}",
            Progress.ANSWERED,
            code=code,
            remedies=CODES[code],
        )
    )
    scene.wait(seconds=0)

    asked = [command for _, command in scene.commands if isinstance(command, AskStatus)]
    assert [one.attempt_id for one in asked] == [call.attempt_id]


CHECKS: dict[Remedy, Callable[[str], None]] = {
    R.RETRY_LATER: same_again_uncounted,
    R.RETRY_ONCE: once_more_and_not_twice,
    R.RECONCILE: carrier_is_asked,
    R.OTHER_CHANNEL: rung_where_sms_cannot_reach,
    R.OTHER_NUMBER: next_number_at_once,
    R.OTHER_PROVIDER: stands_in_the_ledger,
    R.STOP_PROVIDER: stands_in_the_ledger,
    R.LOWER_STARTS: stands_in_the_ledger,
    R.MEND_ROSTER: roster_is_at_fault,
    R.NEVER_SMS_AGAIN: no_sms_to_him_again,
    R.REVIEW_TEMPLATE: stands_in_the_ledger,
    R.WARN_ADMIN: administrator_is_warned,
    R.TREAT_AS_NO_ANSWER: tried_again_after_the_pause,
    R.POLL_STATUS: status_is_asked_for,
}
ROWS = [(code, remedy) for code, remedies in {**CODES, **SIP}.items() for remedy in remedies]


@pytest.mark.parametrize(("code", "remedy"), ROWS, ids=[f"{c}-{r.value}" for c, r in ROWS])
def test_each_remedy_of_each_code_is_done(code: str, remedy: Remedy) -> None:
    CHECKS[remedy](code)


def test_no_remedy_is_only_a_word() -> None:
    used = {remedy for remedies in (*CODES.values(), *SIP.values()) for remedy in remedies}

    assert used == set(Remedy) == set(CHECKS)
    assert {remedy for remedies in OURS.values() for remedy in remedies} <= used


def test_a_fault_of_ours_gives_nobodys_number_up() -> None:
    scene = Scene(Level.II)

    scene.refused("voice", "21205")
    scene.wait(seconds=121)

    assert len(calls_to(scene)) == 2
    assert scene.calls("deputy") == []


def test_a_storm_of_one_trouble_is_told_to_who_is_on_duty_once_in_five_minutes() -> None:
    scene = Scene(Level.II)
    for channel in ("voice", "sms"):
        scene.refused(channel, "21205")
    assert len(scene.said(Fact.CARRIER_TROUBLE)) == 1
    assert len([text for text in scene.messages("officer") if "21205" in text]) == 1

    scene.wait(minutes=6)
    scene.refused("voice", "21205")

    assert len(scene.said(Fact.CARRIER_TROUBLE)) == 2


def test_somebody_who_stopped_sms_is_rung_at_a_level_that_only_writes() -> None:
    scene = SmsOnly(Level.IV)
    scene.meets("21610")
    scene.ends(scene.rings("officer"), Outcome.NO_ANSWER)
    scene.respond(None, previous=Level.IV)

    scene.respond(Level.IV)

    assert len(texts_to(scene)) == 1
    scene.wait(minutes=2)
    assert len(calls_to(scene)) == 2
