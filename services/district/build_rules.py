"""Rule files to rules: units to thousandths, and every reference looked up."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from schemas.metric import FACTS, SCALE, Adding, Metric
from schemas.place import Point, PointKind
from schemas.role import Role
from schemas.rule import (
    AllOf,
    Antecedent,
    AnyOf,
    Clear,
    Condition,
    Mark,
    MetricCondition,
    OrderRule,
    Over,
    Rule,
    Scope,
    TipsCondition,
    WarningCondition,
)
from services.district.document import Document, Path
from services.district.faults import Faults
from services.district.quantity import QuantityError, of_metric
from services.district.rule_files import (
    AllEntry,
    AnyEntry,
    ConditionEntry,
    MetricEntry,
    OrderEntry,
    RuleEntry,
    RulesFile,
    TipsEntry,
    WarningEntry,
)

_GROWTH_UNIT = "%"
_NEEDS_WINDOW = (Over.SUM, Over.MAX, Over.RISE, Over.FORECAST)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What rules refer to; None where the file that holds it could not be read."""

    points: Sequence[Point] | None
    posted: frozenset[Role] | None
    """The roles that some post has."""


def build_rules(
    document: Document, file: RulesFile, around: Surroundings, faults: Faults
) -> tuple[Rule, ...]:
    """Return the rules of one file; what a rule leaves out is taken from the top of the file."""
    built = []
    _check_executors(document, ("orders",), file.orders, around, faults)
    for at, entry in enumerate(file.rules):
        path: Path = ("rules", at)
        scope = entry.scope or file.scope
        points = _points_of(document, path, entry, scope, around, faults)
        orders = file.orders if entry.orders is None else entry.orders
        _check_executors(document, (*path, "orders"), entry.orders or (), around, faults)
        when = _Conditions(document, faults, points).build(entry.when, (*path, "when"))
        clear = entry.clear or file.clear
        if when is None:
            continue
        built.append(
            Rule(
                id=entry.id,
                version=entry.version,
                hazard=file.hazard,
                scope=scope,
                points=entry.points,
                when=when,
                level=entry.level,
                clear=Clear(below_pct=clear.below_pct, hold=clear.hold),
                raises=file.raises if entry.raises is None else entry.raises,
                orders=tuple(_order(order) for order in orders),
                provenance=entry.provenance,
            )
        )
    return tuple(built)


def _order(entry: OrderEntry) -> OrderRule:
    return OrderRule(
        measure=entry.measure,
        target=entry.target,
        confirm=entry.confirm,
        auto_after=entry.auto_after,
        executors=entry.executors,
        min_response=entry.at,
    )


def _check_executors(
    document: Document,
    path: Path,
    orders: Sequence[OrderEntry],
    around: Surroundings,
    faults: Faults,
) -> None:
    for at, order in enumerate(orders):
        if order.auto_after is not None and order.confirm is None:
            reason = (
                "auto_after without confirm: an order that waits for nobody is in force at once"
            )
            document.fault(faults, (*path, at, "auto_after"), reason)
        if around.posted is None:
            continue
        for role in (*order.executors, *((order.confirm,) if order.confirm else ())):
            if role not in around.posted:
                document.fault(faults, (*path, at), f"no post has the role {role.value}")


def _points_of(
    document: Document,
    path: Path,
    entry: RuleEntry,
    scope: Scope,
    around: Surroundings,
    faults: Faults,
) -> tuple[Point, ...]:
    if scope is Scope.TOWN:
        if entry.points is not None:
            document.fault(faults, (*path, "points"), "a rule for towns names no points")
        return ()
    if around.points is None:
        return ()
    of_scope = {p.point_id: p for p in around.points if p.kind is PointKind(scope.value)}
    if entry.points is None:
        return tuple(of_scope.values())
    for at, point_id in enumerate(entry.points):
        if point_id not in of_scope:
            reason = f"unknown point {point_id!r} of the scope {scope.value}"
            document.fault(faults, (*path, "points", at), reason)
    return tuple(of_scope[point_id] for point_id in entry.points if point_id in of_scope)


@dataclass(frozen=True, slots=True)
class _Conditions:
    document: Document
    faults: Faults
    points: tuple[Point, ...]

    def build(self, entry: ConditionEntry, path: Path) -> Condition | None:
        match entry:
            case AllEntry():
                return AllOf(conditions=self._each(entry.all, (*path, "all")))
            case AnyEntry():
                return AnyOf(conditions=self._each(entry.any, (*path, "any")))
            case WarningEntry():
                return WarningCondition(hazard=entry.warning, colours=entry.colour)
            case TipsEntry():
                return TipsCondition(
                    hazard=entry.tips,
                    count=entry.count,
                    window=entry.window,
                    radius_m=entry.radius_m,
                )
            case MetricEntry():
                return self._metric(entry, path)

    def _each(self, entries: Sequence[ConditionEntry], path: Path) -> tuple[Condition, ...]:
        built = [self.build(entry, (*path, at)) for at, entry in enumerate(entries)]
        return tuple(condition for condition in built if condition is not None)

    def _metric(self, entry: MetricEntry, path: Path) -> MetricCondition | None:
        over = entry.over or _usual(entry)
        if over in _NEEDS_WINDOW and not entry.window:
            self.document.fault(self.faults, path, f"{over.value} needs a window")
        if entry.antecedent is not None and over is not Over.SUM:
            self.document.fault(self.faults, path, "only a sum has an antecedent")
        value = self._threshold(entry, over, path)
        permille = self._permille(entry, path)
        if value is None:
            return None
        return MetricCondition(
            metric=entry.metric,
            over=over,
            op=entry.op,
            value=value,
            samples=entry.samples,
            window=entry.window,
            antecedent=None
            if entry.antecedent is None
            else Antecedent(window=entry.antecedent.window, permille=permille),
        )

    def _threshold(self, entry: MetricEntry, over: Over, path: Path) -> int | Mark | None:
        if (entry.value is None) == (entry.mark is None):
            reason = "a condition has a threshold: either value or mark"
            self.document.fault(self.faults, path, reason)
            return None
        try:
            if over is Over.GROWTH:
                return self._growth(entry)
            plus = entry.plus
            shift = 0 if plus is None else of_metric(plus.number, plus.unit, entry.metric)
            value = of_metric(entry.value or Decimal(0), entry.unit, entry.metric)
        except QuantityError as error:
            self.document.fault(self.faults, (*path, "unit"), str(error))
            return None
        if entry.mark is None:
            if plus is not None:
                self.document.fault(self.faults, (*path, "plus"), "plus stands with a mark only")
            return value
        for point in self.points:
            if entry.mark not in point.marks:
                reason = f"the point {point.point_id!r} has no mark {entry.mark!r}"
                self.document.fault(self.faults, (*path, "mark"), reason)
        return Mark(name=entry.mark, plus=shift)

    def _growth(self, entry: MetricEntry) -> int:
        if entry.unit != _GROWTH_UNIT or entry.value is None:
            raise QuantityError("growth is written in %, as a value")
        permille = entry.value * SCALE / 100
        if permille != permille.to_integral_value():
            raise QuantityError(f"{entry.value} % is finer than a thousandth")
        return int(permille)

    def _permille(self, entry: MetricEntry, path: Path) -> int:
        if entry.antecedent is None:
            return 0
        permille = entry.antecedent.factor * SCALE
        if permille != permille.to_integral_value():
            reason = f"{entry.antecedent.factor} is finer than a thousandth"
            self.document.fault(self.faults, (*path, "antecedent", "factor"), reason)
        return int(permille)


def _usual(entry: MetricEntry) -> Over:
    """What is made of the readings when a rule does not say."""
    if entry.metric is Metric.STAGE_FORECAST:
        return Over.FORECAST
    if FACTS[entry.metric].adding is Adding.SUM and entry.window:
        return Over.SUM
    return Over.LAST
