"""
What the carrier saw of a callout: every call it was asked for, every key that was pressed. All that
a benchmark claims is counted from this, never from our own ledger.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from services.phones.domain.call import Direction
from services.phones.domain.exchange import Exchange
from services.phones.domain.record import What

_RECORDED = "记录"
"""What the county's `voice.recorded` begins with."""


@dataclass(frozen=True, slots=True)
class CallSeen:
    """One call that was asked for; *attempt* is what its call-back's address names."""

    sid: str
    account: str
    number: str
    attempt: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class CarrierSeen:
    """
    *confirmed_at* is, by number, when the key was pressed that was answered with "recorded": the
    answer came after it, so that whatever is counted from then on is counted strictly.
    """

    calls: tuple[CallSeen, ...]
    confirmed_at: dict[str, datetime]
    texts: dict[str, tuple[str, ...]]
    """The texts that arrived, by number."""

    @classmethod
    def of(cls, exchange: Exchange) -> "CarrierSeen":
        """Return what *exchange* has on record."""
        attempts = {
            sid: urlsplit(url).path.rsplit("/", 1)[-1]
            for url, sids in exchange.record.calls_by_status_callback.items()
            for sid in sids
        }
        calls = tuple(
            CallSeen(
                call.sid,
                call.account_sid,
                call.to,
                attempts.get(call.sid, ""),
                call.created_at,
                call.started_at,
                call.ended_at,
            )
            for call in exchange.calls.values()
            if call.direction is Direction.OUTBOUND
        )
        confirmed: dict[str, datetime] = {}
        for number, happenings in exchange.record.happenings.items():
            pressed: dict[str, datetime] = {}
            for one in happenings:
                if one.what is What.PRESSED:
                    pressed[one.sid] = one.at
                elif one.what is What.HEARD and one.detail.startswith(_RECORDED):
                    confirmed.setdefault(number, pressed[one.sid])
        texts = {
            number: tuple(one.detail for one in exchange.record.of(number, What.TEXT_RECEIVED))
            for number in exchange.record.happenings
        }
        return cls(calls, confirmed, {number: told for number, told in texts.items() if told})

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self), default=datetime.isoformat), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "CarrierSeen":
        """Read what `write` wrote."""
        body = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            tuple(_call(call) for call in body["calls"]),
            {number: datetime.fromisoformat(at) for number, at in body["confirmed_at"].items()},
            {number: tuple(texts) for number, texts in body["texts"].items()},
        )

    def calls_by_number(self) -> dict[str, list[CallSeen]]:
        """Return the calls to each number in the order in which they were asked for."""
        found: dict[str, list[CallSeen]] = defaultdict(list)
        for call in sorted(self.calls, key=lambda call: call.asked_at):
            found[call.number].append(call)
        return found

    def first_starts(self) -> list[datetime]:
        """Return when the first call to each number started, in order."""
        firsts = (calls[0].started_at for calls in self.calls_by_number().values())
        return sorted(at for at in firsts if at is not None)

    def double_rings(self) -> int:
        """Return how often a number was rung while it was, or one attempt made two calls."""
        of_attempt = Counter(call.attempt for call in self.calls if call.attempt)
        overlaps = sum(
            before.ended_at is None or before.ended_at > after.asked_at
            for calls in self.calls_by_number().values()
            for before, after in pairwise(calls)
        )
        return overlaps + sum(times - 1 for times in of_attempt.values())

    def called_after_ack(self) -> int:
        """Return how many calls were asked for to people whose confirming key we had answered."""
        return sum(
            call.number in self.confirmed_at and call.asked_at > self.confirmed_at[call.number]
            for call in self.calls
        )

    def repeats_before_first(self) -> int:
        """Return how many repeats were asked for before everybody's first call."""
        by_number = self.calls_by_number().values()
        last_first = max(calls[0].asked_at for calls in by_number)
        return sum(call.asked_at < last_first for calls in by_number for call in calls[1:])

    def gaps(self) -> Iterator[timedelta]:
        """Yield the time from each call's start to the next one's to that number."""
        for calls in self.calls_by_number().values():
            for before, after in pairwise(calls):
                yield after.asked_at - before.asked_at

    def longest_campaign(self) -> timedelta:
        """Return the longest time from anybody's first call to his last."""
        return max(
            calls[-1].asked_at - calls[0].asked_at for calls in self.calls_by_number().values()
        )


def _call(body: dict[str, Any]) -> CallSeen:
    def instant(key: str) -> datetime | None:
        return None if body[key] is None else datetime.fromisoformat(body[key])

    return CallSeen(
        body["sid"],
        body["account"],
        body["number"],
        body["attempt"],
        datetime.fromisoformat(body["asked_at"]),
        instant("started_at"),
        instant("ended_at"),
    )
