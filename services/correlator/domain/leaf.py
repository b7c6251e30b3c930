"""
The single conditions of a rule at one place, and which of them suffice together.
"""

from datetime import timedelta

from schemas.metric import Metric
from schemas.reason import Reason, ReasonCode
from schemas.rule import (
    AllOf,
    AnyOf,
    Condition,
    Mark,
    MetricCondition,
    Rule,
    TipsCondition,
    WarningCondition,
)
from services.correlator.domain.dial import Watch

Single = MetricCondition | WarningCondition | TipsCondition
Sufficing = tuple[int, ...]
"""The numbers of conditions that suffice together."""

_SAME_QUANTITY = {Metric.STAGE_FORECAST: Metric.STAGE}


class Leaf:
    """
    One condition at one place.

    A metric condition is met when any of its *watches* is: several gauges are never added up. A
    warning or tips condition has its own two facts, and *kept*: how many, and the events behind.
    """

    __slots__ = ("_held", "_met", "condition", "index", "kept", "watches")

    def __init__(self, condition: Single, index: int) -> None:
        self.condition = condition
        self.index = index
        self.watches: list[Watch] = []
        self._met = False
        self._held = False
        self.kept: tuple[int, tuple[str, ...]] | None = None

    @property
    def met(self) -> bool:
        """Whether it is met now."""
        return self._met or any(watch.met for watch in self.watches)

    @property
    def held(self) -> bool:
        """Whether it is not yet under its clearing threshold."""
        return self._held or any(watch.held for watch in self.watches)

    @property
    def fact(self) -> bool:
        """The fact of a warning or tips condition itself."""
        return self._met

    def turn(self, *, met: bool) -> bool:
        """Set the fact of a warning or tips condition; return whether that changed anything."""
        changed = met != self._met
        self._met = self._held = met
        return changed

    @property
    def quantity(self) -> str:
        """The kind of evidence; two hazards of the same quantity do not raise each other (UP2)."""
        if isinstance(self.condition, MetricCondition):
            return _SAME_QUANTITY.get(self.condition.metric, self.condition.metric).value
        return self.condition.type

    def worst(self) -> Watch | None:
        """Return the watch that says most: a met one, else the one met last; the farthest above."""
        seen = [
            (watch.met, 0 if watch.met else watch.unmet_us or 0, found, watch.sensor_id, watch)
            for watch in self.watches
            if (found := watch.observed()) is not None
        ]
        return max(seen, key=lambda row: row[:4])[4] if seen else None

    def reason(self, rule: Rule, place: str) -> Reason | None:
        """Return the condition with its numbers and events as a reason, if it was ever met."""
        stem = Reason(
            code=ReasonCode.RULE,
            place=place,
            hazard=rule.hazard,
            level=rule.level,
            rule_id=rule.id,
            rule_version=rule.version,
        )
        condition = self.condition
        if isinstance(condition, MetricCondition):
            watch = self.worst()
            seen = None if watch is None else watch.seen()
            if watch is None or seen is None:
                return None
            return stem.model_copy(
                update={
                    "metric": condition.metric,
                    "sensor_id": watch.sensor_id,
                    "op": condition.op,
                    "threshold": stated(watch.threshold, condition.op),
                    "observed": seen[0],
                    "window": condition.window,
                    "event_ids": seen[1],
                }
            )
        if self.kept is None:
            return None
        code, threshold, window = ReasonCode.WARNING, None, None
        if isinstance(condition, TipsCondition):
            code, threshold, window = ReasonCode.TIPS, condition.count, condition.window
        update: dict[str, ReasonCode | int | timedelta | tuple[str, ...] | None] = {
            "code": code,
            "threshold": threshold,
            "observed": self.kept[0],
            "window": window,
            "event_ids": self.kept[1],
        }
        return stem.model_copy(update=update)


def sign_of(op: str) -> int:
    """Return -1 for an operator that looks downwards, so that more is always worse."""
    return -1 if op in {"<", "<="} else 1


def thresholds(op: str, value: int, below_pct: int) -> tuple[int, int]:
    """
    Return the signed threshold to reach, and the one to be under for clearing.

    *below_pct* of 90 clears at a tenth of the threshold's size away from it, on the safe side.
    """
    reach = sign_of(op) * value + (1 if op in {"<", ">"} else 0)
    return reach, min(reach, sign_of(op) * value - abs(value) * (100 - below_pct) // 100)


def stated(threshold: int, op: str) -> int:
    """Return the threshold as the rule states it."""
    return sign_of(op) * (threshold - (1 if op in {"<", ">"} else 0))


def value_at(condition: MetricCondition, marks: dict[str, int]) -> int | None:
    """Return the threshold of *condition* at a point with *marks*; None: it has no such mark."""
    if isinstance(condition.value, Mark):
        mark = marks.get(condition.value.name)
        return None if mark is None else mark + condition.value.plus
    return condition.value


def take_apart(when: Condition) -> tuple[list[Leaf], tuple[Sufficing, ...]]:
    """Return the single conditions of *when*, and which of them suffice together."""
    leaves: list[Leaf] = []
    return leaves, _alternatives(when, leaves)


def _alternatives(when: Condition, leaves: list[Leaf]) -> tuple[Sufficing, ...]:
    if isinstance(when, AnyOf):
        return tuple(
            found for condition in when.conditions for found in _alternatives(condition, leaves)
        )
    if isinstance(when, AllOf):
        combined: tuple[Sufficing, ...] = ((),)
        for condition in when.conditions:
            further = _alternatives(condition, leaves)
            combined = tuple(before + after for before in combined for after in further)
        return combined
    leaves.append(Leaf(when, len(leaves)))
    return ((leaves[-1].index,),)
