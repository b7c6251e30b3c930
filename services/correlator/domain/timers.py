"""The timers of a fold: they fire in the order of (due, id), whoever set them and when."""

import heapq
from typing import TypeAlias

TimerId: TypeAlias = tuple[str, ...]
"""The kind of a timer, then what it is for."""


class Timers:
    """
    At most one due time for each id.

    A cancelled or moved timer stays in the heap until it comes up and is then passed over: what
    counts is the due time in the table.
    """

    __slots__ = ("_due", "_heap")

    def __init__(self) -> None:
        self._due: dict[TimerId, int] = {}
        self._heap: list[tuple[int, TimerId]] = []

    def set(self, timer: TimerId, due_us: int) -> None:
        """Let *timer* fire at *due_us*, and at no other time it was set to before."""
        if self._due.get(timer) != due_us:
            self._due[timer] = due_us
            heapq.heappush(self._heap, (due_us, timer))

    def cancel(self, timer: TimerId) -> None:
        """Let *timer* not fire."""
        self._due.pop(timer, None)

    def move(self, timer: TimerId, due_us: int | None) -> None:
        """Let *timer* fire at *due_us*, or not at all."""
        if due_us is None:
            self.cancel(timer)
        else:
            self.set(timer, due_us)

    def clear(self) -> None:
        """Let no timer fire."""
        self._due.clear()
        self._heap.clear()

    def next_due_us(self) -> int | None:
        """Return when the next timer fires, or None."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop(self) -> TimerId:
        """Take the next timer out; `next_due_us` has said that there is one."""
        _, timer = heapq.heappop(self._heap)
        del self._due[timer]
        return timer

    def all(self) -> list[tuple[TimerId, int]]:
        """Return every timer with its due time, in the order of their ids."""
        return sorted(self._due.items())
