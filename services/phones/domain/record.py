"""
The record of everything that happened, for tests, benchmarks and the page.

Numbers stand in it whole: it is the practice network's own memory and is never logged.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.phones.domain.call import Call


class What(StrEnum):
    """What can happen at a phone."""

    RANG = "rang"
    ANSWERED = "answered"
    HEARD = "heard"
    PRESSED = "pressed"
    HUNG_UP = "hung_up"
    ENDED = "ended"
    RANG_BACK = "rang_back"
    TEXT_RECEIVED = "text_received"
    TEXT_SENT = "text_sent"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing at one phone: *detail* is what was heard, pressed or written, or the last state."""

    at: datetime
    what: What
    detail: str
    sid: str


@dataclass(frozen=True, slots=True)
class Notice:
    """An error of the carrier's notification log: a script it could not read or fetch."""

    at: datetime
    code: int
    detail: str
    sid: str


class Record:
    """Grows for as long as the network runs; `changes` counts what a page would have to show."""

    def __init__(self) -> None:
        self.happenings: dict[str, list[Happening]] = defaultdict(list)
        self.notices: list[Notice] = []
        self.starts: dict[str, list[datetime]] = defaultdict(list)
        self.calls_by_status_callback: dict[str, list[str]] = defaultdict(list)
        self.max_lines_used: dict[str, int] = defaultdict(int)
        self.max_live_calls: dict[str, int] = defaultdict(int)
        self.callbacks_emitted = 0
        self.callbacks_lost = 0
        self.deliveries_failed = 0
        self.changes = 0
        self.changed: dict[str, int] = {}
        self._live: Counter[str] = Counter()

    @property
    def max_live_calls_per_number(self) -> int:
        """More than 1 means that somebody was rung while he was already being rung."""
        return max(self.max_live_calls.values(), default=0)

    def note(self, at: datetime, number: str, what: What, detail: str, sid: str) -> None:
        """Write down that *what* happened at *number*."""
        self.happenings[number].append(Happening(at, what, detail, sid))
        self.touch(number)

    def touch(self, number: str) -> None:
        """Say that what a page shows of *number* has changed."""
        self.changes += 1
        self.changed[number] = self.changes

    def complain(self, at: datetime, code: int, detail: str, sid: str) -> None:
        """Write down an error of the carrier's about our own answers."""
        self.notices.append(Notice(at, int(code), detail, sid))

    def requested(self, call: Call) -> None:
        """A call was asked for and accepted."""
        if call.status_callback:
            self.calls_by_status_callback[call.status_callback].append(call.sid)

    def started(self, call: Call, at: datetime, lines_used: int) -> None:
        """The carrier dialled."""
        self.starts[call.account_sid].append(at)
        most = max(self.max_lines_used[call.account_sid], lines_used)
        self.max_lines_used[call.account_sid] = most
        self.became_live(call.number)

    def became_live(self, number: str) -> None:
        """A call to or from *number* is under way."""
        self._live[number] += 1
        self.max_live_calls[number] = max(self.max_live_calls[number], self._live[number])

    def no_longer_live(self, number: str) -> None:
        """That call has ended."""
        self._live[number] -= 1
        if not self._live[number]:
            del self._live[number]

    def of(self, number: str, *kinds: What) -> list[Happening]:
        """Return what happened at *number*, of these kinds only if any are named."""
        found = self.happenings.get(number, [])
        return [one for one in found if not kinds or one.what in kinds]

    def heard(self, number: str) -> str:
        """Return everything that was spoken to *number*, in one text."""
        return " ".join(one.detail for one in self.of(number, What.HEARD))

    def pressed(self, number: str) -> str:
        """Return every key pressed at *number*, in one text."""
        return "".join(one.detail for one in self.of(number, What.PRESSED))
