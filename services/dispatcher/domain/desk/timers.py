"""What is due when: one instant for each thing, however often it was set anew."""

import heapq
from collections.abc import Iterator
from datetime import datetime

Timed = tuple[str, str]
"""(kind, key) of what a timer is for."""

_STALE_ALLOWED = 1_024


class Timers:
    """
    A queue of instants. An entry that was moved stays in the heap until its turn or until such
    entries outnumber the rest: 100,000 chains that are set anew all night stay 100,000 chains.

    Among equal instants the order is that of (kind, key), not of arming, so that timers that were
    loaded from a store fire as those that were never stored.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, Timed]] = []
        self._armed: dict[Timed, datetime] = {}

    @property
    def armed(self) -> int:
        """How many timers are set."""
        return len(self._armed)

    @property
    def held(self) -> int:
        """How many entries are held, those that were moved among them."""
        return len(self._heap)

    def set(self, at: datetime | None, kind: str, key: str) -> None:
        """Let (*kind*, *key*) fire at *at* and at no other instant; None: not at all."""
        what = (kind, key)
        if at is None:
            self._armed.pop(what, None)
        elif self._armed.get(what) != at:
            self._armed[what] = at
            heapq.heappush(self._heap, (at, what))
            if len(self._heap) > 2 * len(self._armed) + _STALE_ALLOWED:
                self._heap = [(at, what) for what, at in self._armed.items()]
                heapq.heapify(self._heap)

    def hasten(self, at: datetime, kind: str, key: str) -> None:
        """Let (*kind*, *key*) fire at *at*, or sooner where that is set."""
        known = self._armed.get((kind, key))
        if known is None or at < known:
            self.set(at, kind, key)

    def due(self, now: datetime) -> Iterator[Timed]:
        """Yield (kind, key) of each timer that is due at *now*, oldest first; each fires once."""
        while self._heap and self._heap[0][0] <= now:
            at, what = heapq.heappop(self._heap)
            if self._armed.get(what) == at:
                del self._armed[what]
                yield what

    def next_at(self) -> datetime | None:
        """Return when the next timer is due, or None."""
        while self._heap and self._armed.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None
