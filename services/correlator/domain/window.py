"""
Exact event-time windows: what one sensor measured of one metric, sorted by `occurred_at`.

A window is a span of such a series. Sums are integers: the series has one sum, and each span that a
rule asks for knows what of it fell before the span. So a reading in its order costs the same
however long the windows are and however many, until somebody asks for one of them.
"""

from bisect import bisect_left, bisect_right

PRUNE_EVERY = 64
"""Readings; taking them off the front one by one would move the rest each time."""


class RunningSum:
    """
    The sum of what *series* holds in the *span_us* that end at its newest reading.

    *before* is the sum of all readings older than that, as of when somebody last asked: what has left
    the span since then is not in it yet. So without negative readings the sum is at most
    `series.sum - before`, which costs nothing to know.
    """

    __slots__ = ("_left", "_series", "before", "span_us")

    def __init__(self, series: "Series", span_us: int) -> None:
        self._series = series
        self._left = 0
        self.span_us = span_us
        self.before = 0

    @property
    def left(self) -> int:
        """Return the index of the oldest reading in the span."""
        times, left = self._series.times, self._left
        if times:
            edge = times[-1] - self.span_us
            while times[left] <= edge:
                self.before += self._series.values[left]
                left += 1
            self._left = left
        return left

    @property
    def total(self) -> int:
        """Return the sum."""
        _ = self.left  # what has left the span goes to what was before
        return self._series.sum - self.before

    def was_changed(self, index: int, change: int) -> None:
        """The reading at *index* has become greater by *change*."""
        if index < self._left:
            self.before += change

    def was_put_in(self, index: int, value: int) -> None:
        """There is a reading more at *index*."""
        if index < self._left:
            self.before += value
            self._left += 1

    def prune(self, count: int) -> None:
        """The *count* oldest readings, all of them older than the span, are about to go."""
        self._left = self.left - count


class Series:
    """
    Readings by `occurred_at`; one at a time that is already there replaces it.

    *reach_us* is the longest window that is asked of it and *keep_newest* how many readings stay
    however old they are. *corrected* has the ids of readings that were replaced: a level they raised
    is explained by them too; *sum* is that of all readings that ever were in it. It is mutable, owned
    by one fold, and never shared.
    """

    __slots__ = (
        "corrected",
        "event_ids",
        "has_negative",
        "keep_newest",
        "reach_us",
        "sum",
        "sums",
        "times",
        "values",
    )

    def __init__(self, reach_us: int, keep_newest: int = 2) -> None:
        self.reach_us = reach_us
        self.keep_newest = keep_newest
        self.times: list[int] = []
        self.values: list[int] = []
        self.event_ids: list[str] = []
        self.corrected: dict[int, tuple[str, ...]] = {}
        self.sum = 0
        self.has_negative = False
        self.sums: dict[int, RunningSum] = {}

    def running(self, span_us: int) -> RunningSum:
        """Return the running sum over *span_us*, kept from now on."""
        if span_us not in self.sums:
            running = self.sums[span_us] = RunningSum(self, span_us)
            running.before = self.sum - sum(self.values)
        return self.sums[span_us]

    def append(self, at_us: int, value: int, event_id: str) -> None:
        """Add a reading later than all others."""
        self.times.append(at_us)
        self.values.append(value)
        self.event_ids.append(event_id)
        self.sum += value
        if value < 0:
            self.has_negative = True

    def insert(self, at_us: int, value: int, event_id: str) -> int:
        """Put in a reading that is not later than all others; return where it lies."""
        index = bisect_left(self.times, at_us)
        self.has_negative = self.has_negative or value < 0
        if self.times[index] == at_us:
            change = value - self.values[index]
            if not change:
                return index
            earlier = self.corrected.get(at_us, ())
            self.corrected[at_us] = (*earlier, self.event_ids[index])
            self.values[index] = value
            self.event_ids[index] = event_id
            self.sum += change
            for running in self.sums.values():
                running.was_changed(index, change)
            return index
        self.times.insert(index, at_us)
        self.values.insert(index, value)
        self.event_ids.insert(index, event_id)
        self.sum += value
        for running in self.sums.values():
            running.was_put_in(index, value)
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
        for running in self.sums.values():
            running.prune(count)
        del self.times[:count], self.values[:count], self.event_ids[:count]
