"""What is implausible in a reading (domain.md D.0.7): flagged and kept, never dropped."""

from collections import deque
from datetime import datetime, timedelta

from schemas.event import Quality, Reading
from schemas.metric import FACTS, Adding, Metric, MetricFacts

CLOCK_TOLERANCE = timedelta(minutes=2)
"""How far ahead of its acceptance a reading may be (design.md 2.1)."""


class Recent:
    """
    The good readings of one sensor and metric that the next one is compared with, oldest first.

    Their sum is kept, so that judging a reading costs the same however often its sensor reports.
    """

    __slots__ = ("_facts", "_measured", "_total")

    def __init__(self, metric: Metric) -> None:
        self._facts = FACTS[metric]
        self._measured: deque[tuple[datetime, int]] = deque()
        self._total = 0

    def remember(self, occurred_at: datetime, value: int) -> None:
        """Keep a reading that nothing is wrong with, and forget what is out of its reach."""
        measured = self._measured
        if measured and occurred_at <= measured[-1][0]:
            return
        if self._facts.adding is Adding.LAST:
            measured.clear()
        oldest = occurred_at - self._facts.step_span
        while measured and measured[0][0] <= oldest:
            self._total -= measured.popleft()[1]
        measured.append((occurred_at, value))
        self._total += value

    def doubt(self, value: int, occurred_at: datetime, at_once: int | None) -> Quality | None:
        """
        Return what is implausible in *value*, or None. *at_once* is what `most_at_once` returns.

        Rain is an amount: what fell in the step's span, this reading with those shortly before it,
        may not exceed the step. A stage is a position: it may not jump further than the step in
        the step's span from the last good one, and proportionally further after a longer silence.
        """
        facts = self._facts
        if not facts.lowest <= value <= facts.highest:
            return Quality.IMPLAUSIBLE_VALUE
        if facts.max_step is None:
            return None
        if facts.adding is Adding.LAST:
            too_far = self._jumps_too_far(value, occurred_at, facts.max_step)
        elif at_once is not None:
            too_far = value > at_once
        else:
            too_far = value + self._fallen_before(occurred_at) > facts.max_step
        return Quality.IMPLAUSIBLE_STEP if too_far else None

    def _fallen_before(self, occurred_at: datetime) -> int:
        measured, start = self._measured, occurred_at - self._facts.step_span
        if measured and occurred_at <= measured[-1][0]:
            return sum(value for at, value in measured if start < at < occurred_at)
        fallen = self._total
        for at, value in measured:
            if at > start:
                break
            fallen -= value
        return fallen

    def _jumps_too_far(self, value: int, occurred_at: datetime, max_step: int) -> bool:
        if not self._measured or self._measured[-1][0] >= occurred_at:
            return False
        at, before = self._measured[-1]
        spans = max(1.0, (occurred_at - at) / self._facts.step_span)
        return abs(value - before) > max_step * spans


class RecentValues:
    """
    What is recent of every sensor and metric.

    One owner, in memory: after a restart the first reading of a sensor is judged by its bounds
    alone.
    """

    def __init__(self) -> None:
        self._recent: dict[tuple[str, Metric], Recent] = {}

    def of(self, sensor_id: str, metric: Metric) -> Recent:
        """Return what is recent of *metric* at a sensor."""
        known = self._recent.get((sensor_id, metric))
        if known is None:
            known = self._recent[sensor_id, metric] = Recent(metric)
        return known

    def remember(self, reading: Reading) -> None:
        """Keep *reading* unless something is wrong with it, or nothing is compared with it."""
        if not reading.quality and FACTS[reading.metric].max_step is not None:
            self.of(reading.sensor_id, reading.metric).remember(reading.occurred_at, reading.value)


def most_at_once(facts: MetricFacts, interval: timedelta) -> int | None:
    """
    Return the greatest amount in one reading of a sensor that reports each *interval*.

    None when it reports more often than the step's span: then several make it up together.
    """
    if facts.max_step is None or facts.adding is Adding.LAST or interval < facts.step_span:
        return None
    return facts.max_step * interval // facts.step_span
