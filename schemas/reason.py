"""Why: a decision's reasons, each with the rule, the numbers and the events behind it."""

from datetime import timedelta
from enum import StrEnum

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.metric import Metric
from schemas.record import Part


class ReasonCode(StrEnum):
    """Why a level or an order is what it is."""

    RULE = "rule"
    WARNING = "warning"
    TIPS = "tips"
    RAISE = "raise"
    SILENCE = "silence"
    ACT = "act"
    CLEARED = "cleared"
    HELD = "held"
    WARNING_STALE = "warning_stale"
    WARNING_ENDED = "warning_ended"
    AUTO_AFTER = "auto_after"
    IMPLAUSIBLE = "implausible"
    CLOCK_ERROR = "clock_error"


class RaiseRule(StrEnum):
    """提级: the rules that act above the table (domain.md D.3)."""

    UP1 = "UP1"
    UP2 = "UP2"
    UP3 = "UP3"
    UP4 = "UP4"
    UP5 = "UP5"
    UP6 = "UP6"
    UP7 = "UP7"
    UP8 = "UP8"
    UP9 = "UP9"
    UP10 = "UP10"


class Reason(Part):
    """
    One reason, complete enough to be read aloud and to be checked by replaying its events.

    *threshold* and *observed* are thousandths of the metric's unit.
    """

    code: ReasonCode
    place: str
    hazard: Hazard | None = None
    level: Level | None = None
    rule_id: str | None = None
    rule_version: int | None = None
    raise_rule: RaiseRule | None = None
    levels: int | None = None
    metric: Metric | None = None
    sensor_id: str | None = None
    op: str | None = None
    threshold: int | None = None
    observed: int | None = None
    window: timedelta | None = None
    event_ids: tuple[str, ...] = ()
