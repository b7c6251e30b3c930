"""How often a log-in may fail: guessing is slowed down for a user and for an address."""

from collections import defaultdict, deque
from datetime import datetime, timedelta

from services.runtime.clock import Clock

WITHIN = timedelta(minutes=1)
OF_USER, OF_ADDRESS = 5, 20
"""A tired officer mistypes three times; an address may be a whole duty room behind one router."""
_MOST_KEYS = 10_000


class LogInAttempts:
    """Failures of the last minute, by user and by address, in memory."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: dict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def wait_s(self, user_id: str, address: str) -> int | None:
        """Return the seconds until another try is looked at, or None when it may be now."""
        now = self._clock.now()
        waits = [
            (failed[-most] + WITHIN - now).total_seconds()
            for key, most in ((("user", user_id), OF_USER), (("address", address), OF_ADDRESS))
            if len(failed := self._recent(key, now)) >= most
        ]
        return max(1, round(max(waits))) if waits else None

    def fail(self, user_id: str, address: str) -> None:
        """Count a failure."""
        now = self._clock.now()
        if len(self._failed) > _MOST_KEYS:
            self._failed = defaultdict(
                deque, {key: one for key, one in self._failed.items() if self._recent(key, now)}
            )
        self._failed["user", user_id].append(now)
        self._failed["address", address].append(now)

    def _recent(self, key: tuple[str, str], now: datetime) -> deque[datetime]:
        failed = self._failed.get(key) or deque()
        while failed and now - failed[0] > WITHIN:
            failed.popleft()
        return failed
