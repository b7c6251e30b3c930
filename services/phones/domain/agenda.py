"""
What is still to happen, in the order (instant, order of asking).

A timer belongs to an owner (a call, a message) and has a label; setting it again replaces it,
so a timer that is no longer meant can never fire and never shows as due.
"""

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime

Act = Callable[[], None]


class Agenda:
    """Timers by owner and label; whoever holds it fires what `pop` hands out."""

    def __init__(self) -> None:
        self._order = itertools.count()
        self._heap: list[tuple[datetime, int, str, str, Act]] = []
        self._live: dict[str, dict[str, int]] = {}

    def put(self, owner: str, label: str, due_at: datetime, act: Act) -> None:
        """Have *act* called at *due_at*, instead of what *owner* had under *label*."""
        number = next(self._order)
        self._live.setdefault(owner, {})[label] = number
        heapq.heappush(self._heap, (due_at, number, owner, label, act))

    def drop(self, owner: str, *labels: str) -> None:
        """Forget these timers of *owner*; one that is not there is no error."""
        mine = self._live.get(owner, {})
        for label in labels:
            mine.pop(label, None)

    def drop_with_prefix(self, owner: str, prefix: str) -> None:
        """Forget all timers of *owner* whose label starts with *prefix*."""
        mine = self._live.get(owner, {})
        self.drop(owner, *[label for label in mine if label.startswith(prefix)])

    def drop_all(self, owner: str) -> None:
        """Forget everything of *owner*."""
        self._live.pop(owner, None)

    def next_due(self) -> datetime | None:
        """Return the instant of the earliest timer that is still meant, or None."""
        while self._heap and not self._is_live(self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop(self, now: datetime) -> tuple[datetime, Act] | None:
        """Take out the earliest timer due at or before *now*, with its instant."""
        due_at = self.next_due()
        if due_at is None or due_at > now:
            return None
        _, _, owner, label, act = heapq.heappop(self._heap)
        mine = self._live[owner]
        del mine[label]
        if not mine:
            del self._live[owner]
        return due_at, act

    def _is_live(self, entry: tuple[datetime, int, str, str, Act]) -> bool:
        _, number, owner, label, _ = entry
        return self._live.get(owner, {}).get(label) == number
