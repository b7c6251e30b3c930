"""What is implausible in a reading (domain.md D.0.7): flagged and kept, never dropped."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.event import Quality, Reading
from schemas.metric import FACTS, Adding, Metric, MetricFacts

CLOCK_TOLERANCE = timedelta(minutes=2)
"""How far ahead of its acceptance a reading may be (design.md 2.1)."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A value with the instant it was measured at."""

    occurred_at: datetime
    value: int


class RecentValues:
    """
    The good readings of each sensor that the next one is compared with.

    One owner, in memory: after a restart the first reading of a sensor is judged by its bounds
    alone.
    """

    def __init__(self) -> None:
        self._recent: dict[tuple[str, Metric], deque[Measured]] = {}

    def before(self, sensor_id: str, metric: Metric) -> Sequence[Measured]:
        """Return what is remembered, oldest first."""
        return self._recent.get((sensor_id, metric), ())

    def remember(self, reading: Reading) -> None:
        """Keep a reading that nothing is wrong with, and forget what is out of its reach."""
        facts = FACTS[reading.metric]
        if reading.quality or facts.max_step is None:
            return
        key = (reading.sensor_id, reading.metric)
        kept = self._recent.get(key)
        if kept is None:
            kept = self._recent[key] = deque()
        occurred_at = reading.occurred_at
        if kept and occurred_at <= kept[-1].occurred_at:
            return
        if facts.adding is Adding.LAST:
            kept.clear()
        oldest = occurred_at - facts.step_span
        while kept and kept[0].occurred_at <= oldest:
            kept.popleft()
        kept.append(Measured(occurred_at, reading.value))


def doubts(
    metric: Metric,
    value: int,
    occurred_at: datetime,
    recent: Sequence[Measured],
    interval: timedelta,
) -> Quality | None:
    """
    Return what is implausible in *value*, or None. *interval* is how often the sensor reports.

    Rain is an amount: what fell in the step's span, this reading with those shortly before it,
    may not exceed the step. A stage is a position: it may not jump further than the step in the
    step's span from the last good one, and proportionally further after a longer silence.
    """
    facts = FACTS[metric]
    if not facts.lowest <= value <= facts.highest:
        return Quality.IMPLAUSIBLE_VALUE
    if facts.max_step is None:
        return None
    if facts.adding is Adding.SUM:
        too_far = _falls_too_fast(facts, value, occurred_at, recent, interval)
    else:
        too_far = _jumps_too_far(facts, value, occurred_at, recent)
    return Quality.IMPLAUSIBLE_STEP if too_far else None


def _falls_too_fast(
    facts: MetricFacts,
    value: int,
    occurred_at: datetime,
    recent: Sequence[Measured],
    interval: timedelta,
) -> bool:
    step = facts.max_step or 0
    if interval >= facts.step_span:
        return value * facts.step_span > step * interval
    start = occurred_at - facts.step_span
    return value + sum(m.value for m in recent if start < m.occurred_at < occurred_at) > step


def _jumps_too_far(
    facts: MetricFacts, value: int, occurred_at: datetime, recent: Sequence[Measured]
) -> bool:
    if not recent or recent[-1].occurred_at >= occurred_at:
        return False
    spans = max(1.0, (occurred_at - recent[-1].occurred_at) / facts.step_span)
    return abs(value - recent[-1].value) > (facts.max_step or 0) * spans


def is_ahead(occurred_at: datetime, accepted_at: datetime) -> bool:
    """Whether the sender's clock must be wrong."""
    return occurred_at - accepted_at > CLOCK_TOLERANCE
