"""
The format of a graded rule (domain.md D.7).

Numbers are written in the metric's unit in the file; `load` in the district turns them into
thousandths, so that conditions compare integers.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Literal

from pydantic import Field

from schemas.hazard import Hazard
from schemas.level import Colour, Level
from schemas.measure import Measure
from schemas.metric import Metric
from schemas.reason import RaiseRule
from schemas.record import Part
from schemas.role import Role


class Scope(StrEnum):
    """At what kind of place a rule is asked."""

    TOWN = "TOWN"
    HAZARD_POINT = "HAZARD_POINT"
    GAUGE = "GAUGE"
    UNIT = "UNIT"
    PART = "PART"


class Over(StrEnum):
    """What is made of the readings in the window."""

    SUM = "sum"
    MAX = "max"
    LAST = "last"
    RISE = "rise"
    GROWTH = "growth"
    FORECAST = "forecast"


class Mark(Part):
    """A threshold that each point has of its own: its mark *name*, plus *plus* thousandths."""

    name: str
    plus: int = 0


class Antecedent(Part):
    """
    Earlier rain that counts in part: the sum of the *window* before the condition's own, times
    *permille* thousandths. The published Seattle landslide threshold has this form.
    """

    window: timedelta
    permille: int


class MetricCondition(Part):
    """
    A measured quantity against a threshold.

    SUM adds what fell in *window*; MAX is the greatest of it; LAST asks of the last *samples*
    readings that each meets the threshold; RISE is the increase within *window*; GROWTH asks that
    each of the last *samples* readings is *value* thousandths above the one before (200 is 20 %);
    FORECAST asks of the newest forecasts valid within *window* from now.
    """

    type: Literal["metric"] = "metric"
    metric: Metric
    over: Over
    op: Literal[">=", ">", "<=", "<"] = ">="
    value: int | Mark
    samples: int = Field(default=1, ge=1)
    window: timedelta | None = None
    antecedent: Antecedent | None = None


class WarningCondition(Part):
    """A warning for *hazard* of one of *colours* in force for the place."""

    type: Literal["warning"] = "warning"
    hazard: Hazard
    colours: tuple[Colour, ...]


class TipsCondition(Part):
    """*count* class A tips about *hazard* by different callers within *window* and *radius_m*."""

    type: Literal["tips"] = "tips"
    hazard: Hazard
    count: int = Field(ge=1)
    window: timedelta
    radius_m: int


class AllOf(Part):
    """Every one of *conditions* holds."""

    type: Literal["all"] = "all"
    conditions: tuple["Condition", ...]


class AnyOf(Part):
    """At least one of *conditions* holds."""

    type: Literal["any"] = "any"
    conditions: tuple["Condition", ...]


Condition = MetricCondition | WarningCondition | TipsCondition | AllOf | AnyOf


class Clear(Part):
    """
    When a rule no longer holds: asked with every threshold at *below_pct* percent, it has not been
    met for *hold*. So of several alternatives each must have stayed under its limit, and of
    conditions that are needed together one. II and I are lowered by a person whatever stands here.
    """

    below_pct: int = Field(default=90, ge=1, le=100)
    hold: timedelta


class OrderRule(Part):
    """
    An order that a rule proposes when it comes to hold.

    *confirm* is the role that must say yes; None puts it in force at once; *auto_after* puts it in
    force without that person. *target* is told in words ("point.households", "point.roads").
    """

    measure: Measure
    target: str
    confirm: Role | None = None
    auto_after: timedelta | None = None
    executors: tuple[Role, ...]
    min_response: Level | None = None
    """The response level from which the order is proposed; None: whenever the rule holds."""


class Rule(Part):
    """One graded rule: at each place of *scope*, *when* makes the hazard level *level*."""

    id: str
    version: int = Field(ge=1)
    hazard: Hazard
    scope: Scope
    points: tuple[str, ...] | None = None
    """Only these points; None: all of the scope."""
    when: Condition
    level: Level
    clear: Clear
    raises: tuple[RaiseRule, ...] = ()
    orders: tuple[OrderRule, ...] = ()
    provenance: str


AllOf.model_rebuild()
AnyOf.model_rebuild()
