"""A small district, its rules and the records of its log, each built with one thing said about it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta

from schemas.area import Position
from schemas.decision import Decision
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.metric import Metric
from schemas.place import Place, PlaceLevel, Point, PointKind, Sensor
from schemas.reason import RaiseRule
from schemas.role import Role
from schemas.rule import (
    Clear,
    Condition,
    Mark,
    MetricCondition,
    OrderRule,
    Over,
    Rule,
    Scope,
)
from schemas.rulepack import Conventions, Mandates, Night, RulePack

DISTRICT = "500108"
CITY = "500108000000"
TOWN = "500108001000"
VILLAGE = "500108001001"
OTHER_TOWN = "500108002000"
SLOPE, GAUGE, CHAMBER = "HP-1", "GP-1", "UN-1"
RAIN, RAIN_2, GNSS, STAGE, METHANE = "RG-1", "RG-2", "GN-1", "ST-1", "CH-1"

START = datetime(2025, 7, 1, tzinfo=UTC)
"""08:00 in Chongqing."""
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

MANDATES = Mandates(
    raise_level=(Role.DUTY_LEADER, Role.COMMANDER),
    lower_level=(Role.DUTY_LEADER,),
    confirm_level=(Role.DUTY_LEADER,),
    issue_order=(Role.COMMANDER,),
    lift_order=(Role.COMMANDER,),
    release_quarantine=(Role.DUTY_OFFICER,),
)

PLACES = (
    Place(code=CITY, name="南岸区", level=PlaceLevel.DISTRICT),
    Place(code=TOWN, name="石坪镇", level=PlaceLevel.TOWN, parent=CITY),
    Place(code=VILLAGE, name="大田村", level=PlaceLevel.VILLAGE, parent=TOWN),
    Place(code=OTHER_TOWN, name="江边镇", level=PlaceLevel.TOWN, parent=CITY),
)


def position(metres_north: float = 0) -> Position:
    """So many metres north of the middle of the town."""
    return Position(lat=29.5 + metres_north / 111_195, lon=106.6)


POINTS = (
    Point(
        point_id=SLOPE,
        name="大田湾滑坡",
        kind=PointKind.HAZARD_POINT,
        place=VILLAGE,
        position=position(),
        households=14,
        people=47,
        shelter="SH-12",
    ),
    Point(
        point_id=GAUGE,
        name="江边站",
        kind=PointKind.GAUGE,
        place=OTHER_TOWN,
        datum="吴淞",
        marks={"warning": 180_500, "guarantee": 183_500},
    ),
    Point(
        point_id=CHAMBER, name="步行街", kind=PointKind.UNIT, place=VILLAGE, position=position(300)
    ),
)


def a_sensor(sensor_id: str, place: str, *metrics: Metric, interval_s: int = 300) -> Sensor:
    return Sensor(
        sensor_id=sensor_id,
        place=place,
        metrics=tuple(metric.value for metric in metrics),
        interval_s=interval_s,
    )


SENSORS = (
    a_sensor(RAIN, TOWN, Metric.RAIN),
    a_sensor(GNSS, SLOPE, Metric.GNSS_RATE, Metric.CRACK_RATE, interval_s=600),
    a_sensor(STAGE, GAUGE, Metric.STAGE, Metric.STAGE_FORECAST, interval_s=3600),
    a_sensor(METHANE, CHAMBER, Metric.METHANE, interval_s=60),
)


def measured(
    metric: Metric,
    value: float | Mark,
    window: timedelta | None = None,
    over: Over | None = None,
    **said: object,
) -> MetricCondition:
    """A condition; *value* in the metric's unit."""
    given = value if isinstance(value, Mark) else round(value * 1000)
    chosen = over or (Over.SUM if metric is Metric.RAIN else Over.LAST)
    return MetricCondition.model_validate(
        {"metric": metric, "over": chosen, "value": given, "window": window, **said}
    )


def a_rule(
    rule_id: str,
    when: Condition,
    level: Level = Level.III,
    hazard: Hazard = Hazard.RAINSTORM,
    scope: Scope = Scope.TOWN,
    *,
    version: int = 1,
    hold: timedelta = HOUR,
    below_pct: int = 90,
    raises: tuple[RaiseRule, ...] = (),
    orders: tuple[OrderRule, ...] = (),
) -> Rule:
    return Rule(
        id=rule_id,
        version=version,
        hazard=hazard,
        scope=scope,
        when=when,
        level=level,
        clear=Clear(below_pct=below_pct, hold=hold),
        raises=raises,
        orders=orders,
        provenance="test",
    )


def rain_rule(level: Level, mm: float, hours: float = 1, **said: object) -> Rule:
    """So much rain in so many hours, in a town."""
    window = timedelta(hours=hours)
    return a_rule(f"RAIN-{level.name}-{hours:g}", measured(Metric.RAIN, mm, window), level, **said)  # type: ignore[arg-type] # what else is said


def a_pack(
    *rules: Rule,
    version: str = "1",
    sensors: Sequence[Sensor] = SENSORS,
    points: Sequence[Point] = POINTS,
    **said: object,
) -> RulePack:
    return RulePack.model_validate(
        {
            "pack_id": "test",
            "version": version,
            "district": DISTRICT,
            "name": "测试区",
            "timezone": "Asia/Shanghai",
            "night": Night(start=time(22), end=time(6)),
            "families": {
                Hazard.RAINSTORM: "rain",
                Hazard.LANDSLIDE: "rain",
                Hazard.FLASH_FLOOD: "rain",
            },
            "places": PLACES,
            "points": tuple(points),
            "sensors": tuple(sensors),
            "rules": rules,
            "mandates": MANDATES,
            "conventions": Conventions(),
            **said,
        }
    )


def only(decisions: Iterable[Decision], kind: type[Decision]) -> list[Decision]:
    """The decisions of one kind."""
    return [decision for decision in decisions if isinstance(decision, kind)]
