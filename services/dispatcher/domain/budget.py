"""
What the carrier and a callee may be asked. The starts of any one second never exceed what is
allowed, and a start that is allowed is never given away (invariant 8).
"""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

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


class CalleeBudget:
    """How often each contact was rung in the last day, and when it may be rung again."""

    def __init__(self, limits: CalleeLimits) -> None:
        self._limits = limits
        self._rung: dict[str, list[datetime]] = {}

    def free_at(self, contact: str) -> datetime | None:
        """Return when *contact* may be rung again as far as its limits go; None: at once."""
        rung = self._rung.get(contact)
        if not rung:
            return None
        at = rung[0]
        for count, span in (
            (self._limits.per_minute, timedelta(minutes=1)),
            (self._limits.per_hour, timedelta(hours=1)),
            (self._limits.per_day, timedelta(days=1)),
        ):
            if len(rung) >= count:
                at = max(at, rung[-count] + span)
        return at

    def allows(self, contact: str, now: datetime) -> bool:
        """Whether *contact* may be rung at *now*."""
        at = self.free_at(contact)
        return at is None or at <= now

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
