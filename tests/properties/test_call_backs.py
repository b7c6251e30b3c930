"""Twelve thousand call-backs of a carrier, and of whoever pretends to be one."""

import asyncio
import random
from collections.abc import Callable, Sequence
from urllib.parse import quote, quote_from_bytes, urlencode, urlsplit

from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from schemas.dispatch import Fact
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.adapters.url_mac import UrlKind
from services.dispatcher.domain.asks.chain import ChainState
from services.dispatcher.domain.calls.attempt import Attempt, Channel
from services.dispatcher.domain.calls.call_state import Progress
from services.dispatcher.domain.inputs import Input, RequestAnswered
from services.dispatcher.domain.script import Script
from services.dispatcher.entrypoints.twilio_forms import FormError, parse_form
from tests.districts import pack, post
from tests.unit.dispatcher.night import Night
from tests.unit.dispatcher.twilio.door import BASE, TOKEN, Door

NIGHTS, CALL_BACKS = 100, 120
"""100 nights of 120 call-backs each: 12,000."""

DISTRICT = pack(
    post("VS", Role.VILLAGE_SECRETARY, "holder", deputies=("deputy",)),
    post("TP", Role.TOWN_PRINCIPAL, "mayor"),
)
STATUSES = [
    *[
        "queued",
        "initiated",
        "ringing",
        "in-progress",
        "completed",
        "busy",
        "no-answer",
        "failed",
        "canceled",
    ],
    *[
        "accepted",
        "sending",
        "sent",
        "delivered",
        "undelivered",
        "read",
        "partially_delivered",
        "teleported",
    ],
    *["", "COMPLETED", "完成", "\x00"],
]
FIELDS = [
    *[
        "CallSid",
        "MessageSid",
        "SmsSid",
        "CallStatus",
        "MessageStatus",
        "Digits",
        "From",
        "To",
        "Body",
    ],
    *["AnsweredBy", "ErrorCode", "SequenceNumber", "SipResponseCode", "AccountSid"],
]
ODD = ["", "0", "1", "-1", "9" * 5000, "٣", "²", "None", "a" * 300, "\ufffd", "収到", "%00", "1e9"]
EXPECTED = {200, 204, 400, 403, 404, 405, 413}


class Posted(dict[str, Sequence[str]]):
    """A form whose names may come several times, as the vendor's own signing wants it."""

    def getlist(self, name: str) -> Sequence[str]:
        return self[name]


class Siege:
    """A night at level II, the door in front of it, and somebody who tries everything there."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.night = Night(DISTRICT)
        self.door = Door(self, DISTRICT.numbers, self.sms_attempts)
        self.past: list[tuple[str, bytes, dict[str, str]]] = []
        self.night.respond(Level.II)
        for attempt in list(self.night.desk.attempts.values()):
            if self.random.random() < 0.8:
                key = attempt.attempt_id
                self.night.tell(RequestAnswered(key, f"P{key}"))

    async def tell(self, what: Input) -> Script | None:
        return self.night.tell(what)

    def sms_attempts(self, contact: str) -> Sequence[str]:
        mine = [a for a in self.night.desk.attempts.values() if a.contact == contact]
        return [one.attempt_id for one in mine if one.channel is Channel.SMS]

    def attempt(self) -> Attempt:
        return self.random.choice(list(self.night.desk.attempts.values()))

    def wrong_code(self, attempt_id: str) -> str:
        digits = f"{self.random.randrange(10_000):04}"
        return digits if not self.door.codes.judge(attempt_id, digits) else "12"

    def form(self, attempt: Attempt) -> dict[str, str]:
        """A form as the carrier would post it, more or less."""
        mine, other = f"P{attempt.attempt_id}", f"P{self.attempt().attempt_id}"
        sid = self.random.choice([mine, mine, mine, other, "CA1"])
        is_call = attempt.channel is Channel.VOICE
        form = {
            "CallSid" if is_call else "MessageSid": sid,
            "CallStatus" if is_call else "MessageStatus": self.random.choice(STATUSES),
            "Digits": self.random.choice(
                ["", "1", "2", "3", "9", self.wrong_code(attempt.attempt_id)]
            ),
            "SequenceNumber": str(self.random.randrange(6)),
        }
        if self.random.random() < 0.3:
            form[self.random.choice(FIELDS)] = self.random.choice(ODD)
        if self.random.random() < 0.2:
            form["AnsweredBy"] = self.random.choice(["human", "machine_start", "fax", "unknown"])
        if self.random.random() < 0.2:
            form["ErrorCode"] = self.random.choice(["30003", "13224", "21610", "20003", "x", "0"])
        return form

    def url(self, attempt: Attempt) -> str:
        """One of ours: signed by us for this attempt, a step, and a kind of answer."""
        urls, step = self.door.urls, attempt.script.step if attempt.script else 0
        if self.random.random() < 0.5 or attempt.channel is Channel.SMS:
            return urls.status(attempt.attempt_id)
        step = max(0, step + self.random.choice([0, 0, 0, 1, -1]))
        kind = self.random.choice([UrlKind.BEGIN, UrlKind.MENU, UrlKind.CODE])
        return urls.voice(attempt.attempt_id, step, kind)

    def forged_url(self, attempt: Attempt) -> str:
        """One of ours with something in it changed."""
        url = self.url(attempt)
        other = self.attempt().attempt_id
        changes: list[Callable[[], str]] = [
            lambda: url.replace(
                attempt.attempt_id, other if other != attempt.attempt_id else "a_x"
            ),
            lambda: url.replace("kind=", "kind=x"),
            lambda: url.replace("kind=menu", "kind=code").replace("kind=status", "kind=begin"),
            lambda: url.replace("exp=", "exp=9"),
            lambda: url.replace("mac=", "mac=" + quote(self.random.choice(ODD)) + "x"),
            lambda: url.split("?")[0],
            lambda: url.split("?")[0] + "?kind=menu&exp=" + "9" * 5000 + "&mac=%FF%FE",
            lambda: url.replace("/0?", "/" + quote(self.random.choice(ODD)[:40] + "x") + "?"),
            lambda: (
                BASE + "/twilio/voice/" + quote(self.random.choice(ODD)[:40] + "/../x", safe="")
            ),
        ]
        forged = self.random.choice(changes)()
        return forged if forged != url else url + "x"

    def body(self, form: dict[str, str]) -> bytes:
        """The form as bytes, or something that is none."""
        plain = urlencode(form).encode()
        garbage = bytes(self.random.randrange(256) for _ in range(self.random.randrange(40)))
        return self.random.choice(
            [
                plain,
                plain,
                plain,
                plain + b"&Digits=1&Digits=2",
                plain + b"&x=" + quote_from_bytes(garbage).encode(),
                plain + b"&" + garbage,
                garbage,
                plain + b"&Body=%ff%fe%00",
                plain + b"&a=" + b"a" * 70_000,
                b"&".join([b"k=v"] * 300),
                b"",
            ]
        )

    async def strike(self) -> tuple[int, bool]:
        """Send one call-back; return its status and whether carrier and URL were genuine."""
        what = self.random.random()
        if what < 0.1 and self.past:
            return (await self._send(*self.random.choice(self.past))), True
        attempt = self.attempt()
        if what < 0.25:
            return await self._letter(attempt)
        is_ours = self.random.random() < 0.6
        url = self.url(attempt) if is_ours else self.forged_url(attempt)
        body = self.body(self.form(attempt))
        token = self.random.choice([TOKEN, TOKEN, TOKEN, "another-token", ""])
        headers = self._signed(url, body, token)
        status = await self._send(url, body, headers)
        is_genuine = is_ours and token == TOKEN
        if is_genuine:
            self.past.append((url, body, headers))
        return status, is_genuine

    async def _letter(self, attempt: Attempt) -> tuple[int, bool]:
        """An SMS or a call that comes in, from somebody we know or not."""
        texts = ["1", "收到", "2", "好的", *ODD, self.wrong_code(attempt.attempt_id)]
        number = self.random.choice([DISTRICT.numbers[attempt.contact], "+8613999999999", ""])
        form = {"From": number, "Body": self.random.choice(texts)}
        sid = f"IN{self.random.randrange(200)}"
        path = self.random.choice(["sms", "voice/inbound"])
        form["MessageSid" if path == "sms" else "CallSid"] = self.random.choice([sid, sid, ""])
        body = urlencode(form).encode()
        token = self.random.choice([TOKEN, "another-token"])
        url = f"{BASE}/twilio/{path}"
        return await self._send(url, body, self._signed(url, body, token)), token == TOKEN

    def _signed(self, url: str, body: bytes, token: str) -> dict[str, str]:
        if not token:
            return {}
        try:
            form = Posted(parse_form(body))
        except FormError:
            form = Posted()
        return {"x-twilio-signature": RequestValidator(token).compute_signature(url, form)}

    async def _send(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        assert urlsplit(url).scheme
        return (await self.door.send(url, body, headers)).status

    def states(self) -> dict[str, tuple[Progress, object]]:
        """How far each attempt has come, and how it ended."""
        return {a.attempt_id: (a.progress, a.outcome) for a in self.night.desk.attempts.values()}


def _never_back(before: dict[str, tuple[Progress, object]], siege: Siege) -> None:
    after = siege.states()
    for key, (progress, outcome) in before.items():
        assert after[key][0] >= progress
        if progress is Progress.ENDED:
            assert after[key] == (progress, outcome)


async def _one_night(seed: int) -> None:
    siege = Siege(seed)
    for _ in range(CALL_BACKS):
        before, facts = siege.states(), len(siege.night.facts)
        status, is_genuine = await siege.strike()
        assert status in EXPECTED
        if not is_genuine:
            assert status not in {200, 204}
        if status in {400, 403, 404, 405, 413}:
            assert len(siege.night.facts) == facts
            assert siege.states() == before
        _never_back(before, siege)
        if siege.random.random() < 0.05:
            siege.night.wait(seconds=siege.random.randrange(1, 90))
    assert siege.night.said(Fact.ACKNOWLEDGED) == []
    ends = {chain.state for chain in siege.night.desk.chains.values()}
    assert ends <= {ChainState.OPEN, ChainState.EXHAUSTED}


@settings(max_examples=NIGHTS, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_no_call_back_breaks_the_door_forges_a_confirmation_or_turns_a_state_back(
    seed: int,
) -> None:
    """
    Signed or not, ours or not, mutated, replayed, huge, in any order: never a 500, never an
    acknowledgement without the code. The people on the list of those not woken depend on it.
    """
    asyncio.run(_one_night(seed))


def test_the_same_door_lets_the_right_code_in() -> None:
    """What the nights above must never come to does happen when somebody really confirms."""
    siege = Siege(1)

    async def confirm() -> None:
        [attempt] = [
            a
            for a in siege.night.desk.attempts.values()
            if a.person == "holder" and a.channel is Channel.VOICE
        ]
        code = siege.door.codes.write_into("{code}", attempt.attempt_id)
        for step, (kind, digits) in enumerate(
            [(UrlKind.BEGIN, ""), (UrlKind.MENU, "1"), (UrlKind.CODE, code)]
        ):
            url = siege.door.urls.voice(attempt.attempt_id, step, kind)
            answered = await siege.door.post(url, {"CallSid": "CA1", "Digits": digits})
            assert answered.status == 200

    asyncio.run(confirm())

    [acknowledged] = siege.night.said(Fact.ACKNOWLEDGED)
    assert acknowledged.detail["strength"] == "coded"
