"""A town of practice phones on a time line of its own, and the server that is asked what to say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from services.phones.domain.account import Account
from services.phones.domain.call import Call
from services.phones.domain.effects import FetchScript, PostCallback
from services.phones.domain.exchange import Exchange
from services.phones.domain.person import Habit, Person

SID = "AC" + "0123456789abcdef" * 2
TOKEN = "practice-token"
DESK = "+8619900009999"
ANNA = "+8619900000231"
BORIS = "+8619900000232"
START = datetime(2026, 7, 8, 16, 0, tzinfo=UTC)

ASK_KEY = (
    '<Response><Gather numDigits="1" timeout="6" action="/code">'
    "<Say>南岸区应急指挥部。暴雨红色预警，请立即转移。收到请按 1。</Say></Gather></Response>"
)
ASK_CODE = (
    '<Response><Gather numDigits="3" timeout="6" action="/thanks">'
    "<Say>请输入确认码：四，七，二。</Say></Gather></Response>"
)
THANKS = "<Response><Say>已记录，再见。</Say></Response>"
SCRIPTS = {"/voice": ASK_KEY, "/code": ASK_CODE, "/thanks": THANKS}
ALL_EVENTS = ("initiated", "ringing", "answered", "completed")


@dataclass(frozen=True, slots=True)
class Told:
    """One webhook as the customer's server got it."""

    after_s: float
    path: str
    form: Mapping[str, str]
    token: str


def person(number: str = ANNA, *habits: Habit, **fields: Any) -> Person:
    return Person(number, habits=habits or (Habit.CODER,), **fields)


def call_form(to: str = ANNA, **fields: str | list[str]) -> dict[str, list[str]]:
    form: dict[str, str | list[str]] = {
        "To": to,
        "From": DESK,
        "Url": "http://desk.test/voice",
        "StatusCallback": f"http://desk.test/status?to={to[-4:]}",
        "StatusCallbackEvent": list(ALL_EVENTS),
        **fields,
    }
    return {
        name: [value] if isinstance(value, str) else value for name, value in form.items() if value
    }


class Town:
    """Plays scripts by path at once; a path without a script fails as a 404 would."""

    def __init__(
        self,
        *people: Person,
        scripts: Mapping[str, str] = SCRIPTS,
        seed: str = "town",
        **account: Any,
    ) -> None:
        urls = {"voice_url": "http://desk.test/voice", "sms_url": "http://desk.test/sms"}
        fields = {"starts_per_s": 3, "lines": 120, **urls, **account}
        self.exchange = Exchange(
            [Account(SID, TOKEN, **fields)], seed=seed, start=START, people=people
        )
        self.now = START
        self.told: list[Told] = []
        self.asked: list[Told] = []
        self._scripts = scripts

    def call(self, to: str = ANNA, **fields: str | list[str]) -> str:
        sid = self.exchange.create_call(SID, call_form(to, **fields), self.now).sid
        self.run(0)
        return sid

    def text(self, to: str = ANNA, body: str = "请回复 1", **fields: str) -> str:
        form = {"To": to, "From": DESK, "Body": body, **fields}
        listed = {name: [value] for name, value in form.items()}
        return self.exchange.create_message(SID, listed, self.now).sid

    def __getitem__(self, sid: str) -> Call:
        return self.exchange.calls[sid]

    def status(self, sid: str) -> str:
        return self[sid].status.value

    def run(self, seconds: float | None = None) -> None:
        """Live on for *seconds*, or until nothing more happens by itself."""
        until = None if seconds is None else self.now + timedelta(seconds=seconds)
        self._carry()
        while (due := self.exchange.next_due()) is not None and (until is None or due <= until):
            self.now = due
            self._carry()
        self.now = until or self.now
        self._carry()

    def statuses(self, sid: str) -> list[str]:
        return [one.form["CallStatus"] for one in self.told if one.form.get("CallSid") == sid]

    def digits(self) -> list[str]:
        return [one.form["Digits"] for one in self.asked if "Digits" in one.form]

    def _carry(self) -> None:
        while effects := self.exchange.advance(self.now):
            for effect in effects:
                after_s = (self.now - START).total_seconds()
                match effect:
                    case PostCallback():
                        path = urlsplit(effect.url).path
                        self.told.append(Told(after_s, path, effect.form, effect.token))
                        if effect.wants_reply:
                            body = self._scripts.get(path, "")
                            self.exchange.reply_arrived(effect.sid, body, self.now)
                    case FetchScript():
                        self._answer(effect, after_s)

    def _answer(self, effect: FetchScript, after_s: float) -> None:
        url = urljoin(effect.base_url, effect.url)
        path = urlsplit(url).path
        self.asked.append(Told(after_s, path, effect.form, effect.token))
        sid, number = effect.call_sid, effect.fetch_no
        if path in self._scripts:
            self.exchange.script_arrived(sid, number, url, self._scripts[path], self.now)
        else:
            self.exchange.script_failed(sid, number, "status_404", self.now)
