"""
What an account may use: lines at one moment, and starts in any window of time.

With *n* starts per second the n-th start before must be a full second ago, for any second one
cares to look at. A rate that is no whole number widens the window: 2.5 per second are 3 in 1.2 s.
"""

from collections import deque
from datetime import datetime, timedelta
from math import ceil


class Budget:
    """Counts lines and starts of one account; it never queues and never decides who is next."""

    def __init__(self, lines: int, starts_per_s: float) -> None:
        self._lines = lines
        self._window = timedelta(seconds=ceil(starts_per_s) / starts_per_s)
        self._starts: deque[datetime] = deque(maxlen=ceil(starts_per_s))
        self.lines_used = 0

    @property
    def is_full(self) -> bool:
        """Every line is in use."""
        return self.lines_used >= self._lines

    def next_start_at(self, now: datetime) -> datetime:
        """Return the earliest instant, *now* or later, at which the rate permits a start."""
        if len(self._starts) < (self._starts.maxlen or 0):
            return now
        return max(now, self._starts[0] + self._window)

    def take(self, now: datetime) -> None:
        """Use a line and a start. Only call it when both are free."""
        self._starts.append(now)
        self.lines_used += 1

    def release(self) -> None:
        """Give a line back."""
        self.lines_used -= 1
