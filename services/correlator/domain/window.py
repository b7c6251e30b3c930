"""
Exact event-time windows: what one sensor measured of one metric, sorted by `occurred_at`.

A window is a span of such a series. Sums are integers, and each span that a rule asks for keeps a
running one, so that a reading in its order costs the same however long the window is.
"""

from bisect import bisect_left, bisect_right

PRUNE_EVERY = 64
"""Readings; taking them off the front one by one would move the rest each time."""


class RunningSum:
    """The sum of what a series holds in the *span_us* that end at its newest reading."""

    __slots__ = ("left", "span_us", "total")

    def __init__(self, span_us: int) -> None:
        self.span_us = span_us
        self.left = 0
        self.total = 0


class Series:
    """
    Readings by `occurred_at`; one at a time that is already there replaces it.

    *reach_us* is the longest window that is asked of it and *keep_newest* how many readings stay
    however old they are. *corrected* has the ids of readings that were replaced: a level they raised
    is explained by them too. It is mutable, owned by one fold, and never shared.
    """

    __slots__ = ("corrected", "event_ids", "keep_newest", "reach_us", "sums", "times", "values")

    def __init__(self, reach_us: int, keep_newest: int = 2) -> None:
        self.reach_us = reach_us
        self.keep_newest = keep_newest
        self.times: list[int] = []
        self.values: list[int] = []
        self.event_ids: list[str] = []
        self.corrected: dict[int, tuple[str, ...]] = {}
        self.sums: dict[int, RunningSum] = {}

    def running(self, span_us: int) -> RunningSum:
        """Return the running sum over *span_us*, kept from now on."""
        if span_us not in self.sums:
            running = self.sums[span_us] = RunningSum(span_us)
            if self.times:
                running.left = bisect_right(self.times, self.times[-1] - span_us)
                running.total = sum(self.values[running.left :])
        return self.sums[span_us]

    def append(self, at_us: int, value: int, event_id: str) -> None:
        """Add a reading later than all others."""
        times, values = self.times, self.values
        times.append(at_us)
        values.append(value)
        self.event_ids.append(event_id)
        for running in self.sums.values():
            total, left, edge = running.total + value, running.left, at_us - running.span_us
            while times[left] <= edge:
                total -= values[left]
                left += 1
            running.left, running.total = left, total

    def insert(self, at_us: int, value: int, event_id: str) -> int:
        """Put in a reading that is not later than all others; return where it lies."""
        index = bisect_left(self.times, at_us)
        newest_us = self.times[-1]
        if self.times[index] == at_us:
            change = value - self.values[index]
            if not change:
                return index
            earlier = self.corrected.get(at_us, ())
            self.corrected[at_us] = (*earlier, self.event_ids[index])
            self.values[index] = value
            self.event_ids[index] = event_id
            for running in self.sums.values():
                running.total += change if index >= running.left else 0
            return index
        self.times.insert(index, at_us)
        self.values.insert(index, value)
        self.event_ids.insert(index, event_id)
        for running in self.sums.values():
            if at_us <= newest_us - running.span_us:
                running.left += 1
            else:
                running.total += value
        return index

    def holds(self, at_us: int) -> bool:
        """Whether there is a reading at *at_us*."""
        index = bisect_left(self.times, at_us)
        return index < len(self.times) and self.times[index] == at_us

    def sum_until(self, end_us: int, span_us: int) -> int:
        """Return the sum of the window that ends with *end_us*; its first instant is outside."""
        first = bisect_right(self.times, end_us - span_us)
        return sum(self.values[first : bisect_right(self.times, end_us)])

    def first_within(self, running: RunningSum, now_us: int) -> int:
        """Return the index of the oldest reading in the window of *running* that ends now."""
        edge, left, count = now_us - running.span_us, running.left, len(self.times)
        while left < count and self.times[left] <= edge:
            left += 1
        return left

    def standing(self, running: RunningSum, now_us: int) -> int:
        """
        Return the sum of the window that ends at *now_us*, or at the newest reading if that is later.

        A sensor whose clock is a little ahead must not lower what it measures.
        """
        first = self.first_within(running, now_us)
        if first == running.left:
            return running.total
        return running.total - sum(self.values[running.left : first])

    def cited(self, first: int, end: int, *, zeros: bool = False) -> tuple[str, ...]:
        """Return the ids of the events behind the readings from *first* to *end*, both included."""
        indices = [
            index for index in range(first, end + 1) if zeros or self.values[index] or index == end
        ]
        found = {self.event_ids[index] for index in indices}
        if self.corrected:
            found.update(*(self.corrected.get(self.times[index], ()) for index in indices))
        return tuple(sorted(found))

    def prune(self, oldest_end_us: int) -> None:
        """Forget what no window that ends at *oldest_end_us* or later can reach."""
        edge = min(oldest_end_us, self.times[-1]) - self.reach_us
        count = min(bisect_left(self.times, edge), len(self.times) - self.keep_newest)
        if count <= 0:
            return
        for at_us in self.times[:count] if self.corrected else ():
            self.corrected.pop(at_us, None)
        del self.times[:count], self.values[:count], self.event_ids[:count]
        for running in self.sums.values():
            running.left -= count
