"""
What the carrier and a callee may be asked. The starts of any one second never exceed what is
allowed, and a start that is allowed is never given away (invariant 8).
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from schemas.level import Level
from services.district.domain.policy import CalleeLimits

_GUARD = timedelta(milliseconds=5)
"""
Kept between a window's end and the next start, because two requests a second apart here may
arrive a little closer at the carrier. It costs 0.5 % of the starts.
"""


class StartBudget:
    """At most *per_s* starts in any second: the n-th start waits for the n-th before it."""

    def __init__(self, per_s: float) -> None:
        self._count = max(1, int(per_s))
        self._window = timedelta(seconds=self._count / per_s) + _GUARD
        self._starts: deque[datetime] = deque(maxlen=self._count)

    def next_at(self) -> datetime | None:
        """Return when the next start is allowed; None: at once."""
        if len(self._starts) < self._count:
            return None
        return self._starts[0] + self._window

    def allows(self, now: datetime) -> bool:
        """Whether a start is allowed at *now*."""
        at = self.next_at()
        return at is None or at <= now

    def use(self, now: datetime, count: int = 1) -> None:
        """
        Record a start at *now* that counts for *count*: an SMS counts for each of its parts.

        The carrier takes such a start whole and sends part after part, so those beyond the first
        take the next permitted starts.
        """
        self._starts.append(now)
        for _ in range(count - 1):
            self._starts.append(max(now, self.next_at() or now))


class HoldReason(StrEnum):
    """Why a number may not be rung just now."""

    MINUTE = "callee_minute"
    HOUR = "callee_hour"
    DAY = "callee_day"
    KEPT = "kept_for_highest"
    """It may be rung once more in this hour, or on this day: for an ask of the highest level."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A number may not be rung before *until*."""

    reason: HoldReason
    until: datetime

    @property
    def is_short(self) -> bool:
        """Whether it is worth waiting for: the next rung is not opened because of it."""
        return self.reason is HoldReason.MINUTE


class CalleeBudget:
    """
    How often each contact was rung in the last day, and when it may be rung again.

    The last call of an hour and of a day that the limits permit is kept for the highest level; where
    they permit only one, there is nothing to keep.
    """

    def __init__(self, limits: CalleeLimits) -> None:
        self._spans = (
            (limits.per_minute, timedelta(minutes=1), HoldReason.MINUTE),
            (limits.per_hour, timedelta(hours=1), HoldReason.HOUR),
            (limits.per_day, timedelta(days=1), HoldReason.DAY),
        )
        self._kept = tuple(
            (most - 1, span, HoldReason.KEPT)
            for most, span, reason in self._spans
            if reason is not HoldReason.MINUTE and most > 1
        )
        self._rung: dict[str, list[datetime]] = {}

    def hold(self, contact: str, level: Level, now: datetime) -> Hold | None:
        """Return why, and until when, *contact* may not be rung for *level*; None: it may be."""
        rung = self._rung.get(contact, ())
        limits = self._spans if level is max(Level) else (*self._spans, *self._kept)
        found = [
            Hold(reason, rung[-most] + span) for most, span, reason in limits if len(rung) >= most
        ]
        held = [hold for hold in found if hold.until > now]
        # Of two that end together the limit itself is the reason, not what is kept of it.
        return max(held, key=lambda hold: hold.until, default=None)

    def allows(self, contact: str, level: Level, now: datetime) -> bool:
        """Whether *contact* may be rung for *level* at *now*."""
        return self.hold(contact, level, now) is None

    def use(self, contact: str, now: datetime) -> tuple[datetime, ...]:
        """Record a call to *contact* and return its calls of the last day, for the store."""
        day_ago = now - timedelta(days=1)
        kept = [at for at in self._rung.get(contact, []) if at > day_ago]
        self._rung[contact] = [*kept, now]
        return tuple(self._rung[contact])

    def forget(self, contact: str) -> None:
        """Forget the calls to *contact*, which are a day old."""
        self._rung.pop(contact, None)

    def restore(self, contact: str, rung: Iterable[datetime]) -> None:
        """Take up the calls that the store remembers."""
        self._rung[contact] = sorted(rung)
