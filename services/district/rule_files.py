"""The shape of `rules/*.yaml`: graded rules as domain.md D.7 writes them."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from schemas.hazard import Hazard
from schemas.level import Colour
from schemas.measure import Measure
from schemas.metric import Metric
from schemas.reason import RaiseRule
from schemas.role import Role
from schemas.rule import Over, Scope
from services.district.file_types import Amount, Entry, LevelName, Span
from services.district.pack_files import Name


class AntecedentEntry(Entry):
    """Rain of the *window* before the condition's own, counted by *factor*."""

    window: Span
    factor: Annotated[Decimal, Field(gt=0)]


class MetricEntry(Entry):
    """A measured quantity against *value*, or against each point's own *mark* plus *plus*."""

    metric: Metric
    unit: str
    op: Literal[">=", ">", "<=", "<"] = ">="
    value: Decimal | None = None
    mark: str | None = None
    plus: Amount | None = None
    samples: Annotated[int, Field(ge=1)] = 1
    window: Span | None = None
    over: Over | None = None
    antecedent: AntecedentEntry | None = None


class WarningEntry(Entry):
    """A warning in force for the place."""

    warning: Hazard
    colour: Annotated[tuple[Colour, ...], Field(min_length=1)]


class TipsEntry(Entry):
    """So many class A tips by different callers, near each other in time and space."""

    tips: Hazard
    count: Annotated[int, Field(ge=1)]
    window: Span
    radius_m: Annotated[int, Field(ge=0)]


class AllEntry(Entry):
    """Every condition holds."""

    all: Annotated[tuple["ConditionEntry", ...], Field(min_length=1)]


class AnyEntry(Entry):
    """One condition holds."""

    any: Annotated[tuple["ConditionEntry", ...], Field(min_length=1)]


_FORMS = ("all", "any", "metric", "warning", "tips")


def _form(written: Any) -> str | None:
    if not isinstance(written, dict):
        return None
    return next((form for form in _FORMS if form in written), None)


ConditionEntry = Annotated[
    Annotated[MetricEntry, Tag("metric")]
    | Annotated[WarningEntry, Tag("warning")]
    | Annotated[TipsEntry, Tag("tips")]
    | Annotated[AllEntry, Tag("all")]
    | Annotated[AnyEntry, Tag("any")],
    Discriminator(
        _form,
        custom_error_type="condition",
        custom_error_message="a condition has one of the keys all, any, metric, warning, tips",
    ),
]


class ClearEntry(Entry):
    """When a rule no longer holds."""

    below_pct: Annotated[int, Field(ge=1, le=100)] = 90
    hold: Span


class OrderEntry(Entry):
    """
    An order to propose, from the response level *at* on (left out: whenever the rule holds).

    *confirm* is the role that must say yes; without it the order is in force at once.
    """

    at: LevelName | None = None
    measure: Measure
    target: Name
    confirm: Role | None = None
    auto_after: Span | None = None
    executors: Annotated[tuple[Role, ...], Field(min_length=1)]


class RuleEntry(Entry):
    """One rule; what it leaves out stands at the top of its file."""

    id: Name
    version: Annotated[int, Field(ge=1)] = 1
    level: LevelName
    scope: Scope | None = None
    points: tuple[str, ...] | None = None
    when: ConditionEntry
    clear: ClearEntry | None = None
    raises: tuple[RaiseRule, ...] | None = None
    orders: tuple[OrderEntry, ...] | None = None
    provenance: Name


class RulesFile(Entry):
    """`rules/<hazard>.yaml`: what the rules share, and the rules."""

    hazard: Hazard
    scope: Scope
    clear: ClearEntry
    raises: tuple[RaiseRule, ...] = ()
    orders: tuple[OrderEntry, ...] = ()
    rules: Annotated[tuple[RuleEntry, ...], Field(min_length=1)]


AllEntry.model_rebuild()
AnyEntry.model_rebuild()
