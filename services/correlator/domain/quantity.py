"""
What a metric condition makes of a series: a sum, a maximum, the last few readings, a rise, a growth.

Everything is turned so that more is worse: with an operator that looks downwards, values and
thresholds change their sign. Strict operators move the threshold by one thousandth.
"""

from abc import ABC, abstractmethod
from bisect import bisect_left

from schemas.rule import MetricCondition, Over
from services.correlator.domain.instants import span_us
from services.correlator.domain.window import RunningSum, Series

_WHOLE = 1000  # permille in one


class Quantity(ABC):
    """
    One such number of one series, shared by all conditions that ask for it.

    *running* is the running sum that is the number itself, where it is no more than that.
    """

    __slots__ = ("running", "series", "sign")

    def __init__(self, series: Series, sign: int) -> None:
        self.series = series
        self.sign = sign
        self.running: RunningSum | None = None

    @abstractmethod
    def bound(self) -> int:
        """Return a number that `at` of the newest reading, and `latest`, do not exceed; quickly."""

    @abstractmethod
    def at(self, index: int) -> int | None:
        """Return the number for the window that ends at the reading *index*, or None."""

    @abstractmethod
    def present(self, now_us: int) -> int | None:
        """Return the number for the window that ends now, or None when there is nothing in it."""

    def latest(self, now_us: int) -> int | None:
        """Return what must be under the clearing threshold; `present`, unless samples are asked."""
        return self.present(now_us)

    @abstractmethod
    def changes_at(self, now_us: int) -> int | None:
        """Return when time alone may next change `present` or `latest`, or None."""

    def falls_at(self, now_us: int, limit: int) -> int | None:  # noqa: ARG002 - for those who know
        """Return when time alone may take it under *limit*, or earlier; None when it never does."""
        return self.changes_at(now_us)

    @abstractmethod
    def ends_after(self, index: int) -> range:
        """Return the window ends that a reading put in at *index* can have changed."""

    @abstractmethod
    def cited(self, index: int) -> tuple[str, ...]:
        """Return the ids of the events that make up `at` of *index*."""


class Sum(Quantity):
    """What fell in the window; with an antecedent, also the part of what fell before it."""

    __slots__ = ("_both", "_own", "_permille")

    def __init__(
        self, series: Series, sign: int, window_us: int, antecedent: tuple[int, int]
    ) -> None:
        super().__init__(series, sign)
        before_us, self._permille = antecedent
        self._own = series.running(window_us)
        # Without an antecedent this is the same running sum, and never looked at.
        self._both = series.running(window_us + before_us)
        self.running = self._own if sign > 0 and not self._permille else None

    def _weigh(self, own: int, both: int) -> int:
        return self.sign * (own * _WHOLE + (both - own) * self._permille) // _WHOLE

    def bound(self) -> int:
        """Return the sum itself: it is kept running."""
        if not self._permille:
            return self.sign * self._own.total
        return self._weigh(self._own.total, self._both.total)

    def at(self, index: int) -> int | None:
        """Return the sum of the window that ends at the reading *index*."""
        if index == len(self.series.times) - 1:
            return self.bound()
        end_us = self.series.times[index]
        return self._weigh(
            self.series.sum_until(end_us, self._own.span_us),
            self.series.sum_until(end_us, self._both.span_us),
        )

    def present(self, now_us: int) -> int | None:
        """Return the sum of the window that ends now."""
        if self.sign > 0 and not self._permille:
            return self.series.standing(self._own, now_us)
        if self.series.first_within(self._both, now_us) == len(self.series.times):
            return 0 if self.sign > 0 else None
        return self._weigh(
            self.series.standing(self._own, now_us), self.series.standing(self._both, now_us)
        )

    def changes_at(self, now_us: int) -> int | None:
        """Return when the next reading that is not zero leaves either span."""
        leaving: list[int] = []
        for running in (self._own, self._both):
            for index in range(self.series.first_within(running, now_us), len(self.series.times)):
                if self.series.values[index]:
                    leaving.append(self.series.times[index] + running.span_us)
                    break
        return min(leaving, default=None)

    def falls_at(self, now_us: int, limit: int) -> int | None:
        """Return exactly when a plain sum falls under *limit* if nothing more comes."""
        running, series = self.running, self.series
        if running is None:
            return self.changes_at(now_us)
        left = series.standing(running, now_us)
        for index in range(series.first_within(running, now_us), len(series.times)):
            left -= series.values[index]
            if left < limit:
                return series.times[index] + running.span_us
        return None

    def ends_after(self, index: int) -> range:
        """Return every end whose window, or the time before it that counts, holds the reading."""
        times = self.series.times
        return range(index, bisect_left(times, times[index] + self._both.span_us))

    def cited(self, index: int) -> tuple[str, ...]:
        """Return what is not zero in both spans, and the reading at the end."""
        first = bisect_left(self.series.times, self.series.times[index] - self._both.span_us + 1)
        return self.series.cited(first, index, zeros=self.sign < 0)


class Last(Quantity):
    """The least of the last *samples* readings: each of them is at least that."""

    __slots__ = ("_back", "_window_us")

    def __init__(self, series: Series, sign: int, samples: int, window_us: int | None) -> None:
        super().__init__(series, sign)
        self._back = samples - 1
        self._window_us = window_us

    def _worst(self, index: int, from_us: int | None) -> int | None:
        first = index - self._back
        if first < 0 or (from_us is not None and self.series.times[first] < from_us):
            return None
        return min(self._sample(at) for at in range(first, index + 1))

    def _sample(self, index: int) -> int:
        return self.sign * self.series.values[index]

    def _from_us(self, end_us: int) -> int | None:
        return None if self._window_us is None else end_us - self._window_us

    def bound(self) -> int:
        """Return the newest reading."""
        return self._sample(len(self.series.times) - 1)

    def at(self, index: int) -> int | None:
        """Return the least of the samples that end at *index*, if they lie within the window."""
        return self._worst(index, self._from_us(self.series.times[index]))

    def present(self, now_us: int) -> int | None:
        """Return the least of the newest samples, if they lie within the window that ends now."""
        return self._worst(len(self.series.times) - 1, self._from_us(now_us))

    def latest(self, now_us: int) -> int | None:
        """Return the newest reading alone: one above the clearing threshold is enough to stay."""
        newest = len(self.series.times) - 1
        from_us = self._from_us(now_us)
        if newest < 0 or (from_us is not None and self.series.times[newest] < from_us):
            return None
        return self._sample(newest)

    def changes_at(self, now_us: int) -> int | None:
        """Return when the oldest sample, or the newest reading, leaves the window."""
        if self._window_us is None or not self.series.times:
            return None
        newest = len(self.series.times) - 1
        leaving = [
            self.series.times[index] + self._window_us + 1
            for index in (max(0, newest - self._back), newest)
        ]
        return min((at_us for at_us in leaving if at_us > now_us), default=None)

    def ends_after(self, index: int) -> range:
        """Return the ends that have the reading among their samples."""
        return range(index, min(index + self._back + 1, len(self.series.times)))

    def cited(self, index: int) -> tuple[str, ...]:
        """Return the samples."""
        return self.series.cited(max(0, index - self._back), index, zeros=True)


class Growth(Last):
    """By how many thousandths each of the last *samples* readings is above the one before."""

    __slots__ = ()

    def _worst(self, index: int, from_us: int | None) -> int | None:
        return super()._worst(index, from_us) if index - self._back >= 1 else None

    def _sample(self, index: int) -> int:
        before = self.series.values[index - 1] if index else 0
        # Above nothing every growth is infinite, and noise around zero is no acceleration.
        if before <= 0:
            return -_WHOLE
        return self.sign * (self.series.values[index] * _WHOLE // before - _WHOLE)

    def ends_after(self, index: int) -> range:
        """Return the ends that compare the reading, or compare with it."""
        return range(index, min(index + self._back + 2, len(self.series.times)))

    def cited(self, index: int) -> tuple[str, ...]:
        """Return the samples and the reading before them."""
        return self.series.cited(max(0, index - self._back - 1), index, zeros=True)


class Extreme(Quantity):
    """The worst reading of the window, or how far the end is above the best one in it (*rising*)."""

    __slots__ = ("_rising", "_window_us")

    def __init__(self, series: Series, sign: int, window_us: int, *, rising: bool) -> None:
        super().__init__(series, sign)
        self._window_us = window_us
        self._rising = rising

    def _first(self, end_us: int) -> int:
        return bisect_left(self.series.times, end_us - self._window_us)

    def _pick(self, first: int, index: int) -> int:
        signed = self.sign * (-1 if self._rising else 1)
        return max(range(first, index + 1), key=lambda at: (signed * self.series.values[at], at))

    def _number(self, first: int, index: int) -> int | None:
        if first > index:
            return None
        picked = self.series.values[self._pick(first, index)]
        return self.sign * (self.series.values[index] - picked if self._rising else picked)

    def bound(self) -> int:
        """Return the number itself."""
        newest = len(self.series.times) - 1
        return self._number(self._first(self.series.times[newest]), newest) or 0

    def at(self, index: int) -> int | None:
        """Return the number for the window that ends at *index* and holds its first instant."""
        return self._number(self._first(self.series.times[index]), index)

    def present(self, now_us: int) -> int | None:
        """Return the number for what lies in the window that ends now."""
        return self._number(self._first(now_us), len(self.series.times) - 1)

    def changes_at(self, now_us: int) -> int | None:
        """Return when the oldest reading leaves the window."""
        first = self._first(now_us)
        if first == len(self.series.times):
            return None
        return self.series.times[first] + self._window_us + 1

    def ends_after(self, index: int) -> range:
        """Return every end whose window holds the reading."""
        times = self.series.times
        return range(index, bisect_left(times, times[index] + self._window_us + 1))

    def cited(self, index: int) -> tuple[str, ...]:
        """Return the reading that was picked, and the one at the end where that counts."""
        picked = self._pick(self._first(self.series.times[index]), index)
        ids = set(self.series.cited(picked, picked))
        return tuple(sorted(ids.union(self.series.cited(index, index) if self._rising else ())))


def quantity_of(condition: MetricCondition, sign: int, series: Series) -> Quantity:
    """Return a new quantity of *series* for *condition*, which asks for no forecast."""
    window_us = None if condition.window is None else span_us(condition.window)
    if condition.over is Over.GROWTH:
        return Growth(series, sign, condition.samples, window_us)
    if condition.over is Over.LAST or window_us is None:
        return Last(series, sign, condition.samples, window_us)
    if condition.over is Over.SUM:
        before = condition.antecedent
        antecedent = (0, 0) if before is None else (span_us(before.window), before.permille)
        return Sum(series, sign, window_us, antecedent)
    return Extreme(series, sign, window_us, rising=condition.over is Over.RISE)


def quantity_key(condition: MetricCondition) -> tuple[str, ...]:
    """Return what conditions must have in common to share a quantity of a series."""
    before = condition.antecedent
    return (
        condition.over.value,
        "down" if condition.op in {"<", "<="} else "up",
        "" if condition.window is None else str(span_us(condition.window)),
        str(condition.samples),
        "" if before is None else f"{span_us(before.window)}x{before.permille}",
    )


def reach_of(condition: MetricCondition) -> int:
    """Return how far back *condition* looks, in microseconds; 0 when only samples count."""
    window_us = 0 if condition.window is None else span_us(condition.window)
    return window_us + (0 if condition.antecedent is None else span_us(condition.antecedent.window))
