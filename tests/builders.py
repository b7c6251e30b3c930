"""A small district, its rules and the records of its log, each built with one thing said about it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import count

from schemas.act import ActBody
from schemas.area import Position
from schemas.cap import MsgType, Status
from schemas.decision import Decision, OrderChanged, OrderProposed, ResponseChanged
from schemas.event import (
    Act,
    AnyEvent,
    PackActivated,
    Quality,
    Reading,
    Readings,
    Tick,
    Tip,
    TipClass,
    WarningInfo,
)
from schemas.event import Warning as WarningEvent
from schemas.hazard import Hazard
from schemas.ids import hash_id
from schemas.level import Level
from schemas.metric import Metric
from schemas.order import Order
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
from services.correlator.domain.fold import Fold

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


class Log:
    """
    A district's log as it is written, folded at once.

    Times are minutes after START; a record is accepted when it was measured unless said otherwise.
    """

    def __init__(self, pack: RulePack | None = None, start: datetime = START) -> None:
        self.fold = Fold(DISTRICT)
        self.start = start
        self.events: list[AnyEvent] = []
        self.decisions: list[Decision] = []
        self._ids = count(1)
        if pack is not None:
            self.activate(pack)

    def at(self, minute: float) -> datetime:
        return self.start + minute * MINUTE

    def add(self, event: AnyEvent) -> list[Decision]:
        """Fold *event*; return what is decided by it and by the time that has passed."""
        self.events.append(event)
        decided = self.fold.apply(event)
        self.decisions += decided
        return decided

    def new_id(self, event_id: str | None = None) -> str:
        return event_id or f"ev-{next(self._ids)}"

    def activate(self, pack: RulePack, minute: float = 0) -> list[Decision]:
        return self.add(
            PackActivated(
                district=DISTRICT, event_id=self.new_id(), accepted_at=self.at(minute), pack=pack
            )
        )

    def tick(self, minute: float) -> list[Decision]:
        return self.add(
            Tick(district=DISTRICT, event_id=self.new_id(), accepted_at=self.at(minute))
        )

    def read(
        self,
        minute: float,
        value: float,
        sensor_id: str = RAIN,
        metric: Metric = Metric.RAIN,
        *,
        accepted: float | None = None,
        valid: float | None = None,
        quality: tuple[Quality, ...] = (),
        status: Status = Status.ACTUAL,
        event_id: str | None = None,
    ) -> list[Decision]:
        """One reading; *value* in the metric's unit."""
        reading = Reading(
            sensor_id=sensor_id,
            metric=metric,
            value=round(value * 1000),
            occurred_at=self.at(minute),
            valid_at=None if valid is None else self.at(valid),
            quality=quality,
        )
        return self.add(
            Readings(
                district=DISTRICT,
                event_id=self.new_id(event_id),
                accepted_at=self.at(minute if accepted is None else accepted),
                status=status,
                source="test",
                readings=(reading,),
            )
        )

    def series(
        self,
        values: Iterable[tuple[float, float]],
        sensor_id: str = RAIN,
        metric: Metric = Metric.RAIN,
    ) -> list[Decision]:
        """Readings one after the other."""
        return [
            decision
            for minute, value in values
            for decision in self.read(minute, value, sensor_id, metric)
        ]

    def publish(
        self,
        minute: float,
        level: Level | None,
        hazard: Hazard = Hazard.RAINSTORM,
        *,
        identifier: str,
        msg_type: MsgType = MsgType.ALERT,
        references: tuple[str, ...] = (),
        targets: tuple[str, ...] = (TOWN,),
        expires: float | None = None,
        status: Status = Status.ACTUAL,
        sender: str = "CMA",
    ) -> list[Decision]:
        info = WarningInfo(
            event="暴雨",
            hazard=hazard,
            warning_level=level,
            targets=targets,
            expires=None if expires is None else self.at(expires),
        )
        return self.add(
            WarningEvent(
                district=DISTRICT,
                event_id=f"w-{identifier}",
                accepted_at=self.at(minute),
                status=status,
                source="test",
                identifier=identifier,
                sender=sender,
                sent=self.at(minute),
                msg_type=msg_type,
                references=references,
                infos=(info,),
            )
        )

    def tip(
        self,
        minute: float,
        caller: str | None,
        hazard: Hazard = Hazard.GAS_LEAK,
        *,
        metres_north: float | None = 300,
        place: str | None = None,
        tip_id: str | None = None,
        tip_class: TipClass = TipClass.A,
        accepted: float | None = None,
    ) -> list[Decision]:
        event_id = self.new_id()
        return self.add(
            Tip(
                district=DISTRICT,
                event_id=event_id,
                accepted_at=self.at(minute if accepted is None else accepted),
                source="test",
                tip_id=tip_id or event_id,
                text="有异味",
                occurred_at=self.at(minute),
                tip_class=tip_class,
                hazard=hazard,
                place=place,
                position=None if metres_north is None else position(metres_north),
                caller=caller,
            )
        )

    def act(
        self,
        minute: float,
        body: ActBody,
        role: Role = Role.DUTY_LEADER,
        *,
        event_id: str | None = None,
        status: Status = Status.ACTUAL,
    ) -> list[Decision]:
        return self.add(
            Act(
                district=DISTRICT,
                event_id=self.new_id(event_id),
                accepted_at=self.at(minute),
                status=status,
                user="li",
                role=role,
                body=body,
            )
        )

    def responses(
        self, place: str = TOWN, hazard: Hazard = Hazard.RAINSTORM
    ) -> list[ResponseChanged]:
        """Everything decided about a response, oldest first."""
        return [
            decision
            for decision in self.decisions
            if isinstance(decision, ResponseChanged)
            and (decision.place, decision.hazard) == (place, hazard)
        ]

    def last(self, place: str = TOWN, hazard: Hazard = Hazard.RAINSTORM) -> ResponseChanged:
        return self.responses(place, hazard)[-1]

    def level(self, place: str = TOWN, hazard: Hazard = Hazard.RAINSTORM) -> Level | None:
        """The response level in force."""
        found = self.responses(place, hazard)
        return found[-1].response_level if found else None

    def orders(self) -> list[Order]:
        """Every state an order has gone through, oldest first."""
        return [
            decision.order
            for decision in self.decisions
            if isinstance(decision, OrderProposed | OrderChanged)
        ]


def ids(*parts: str) -> str:
    """An id that follows from its parts."""
    return hash_id("ev", *parts)


def only(decisions: Iterable[Decision], kind: type[Decision]) -> list[Decision]:
    """The decisions of one kind."""
    return [decision for decision in decisions if isinstance(decision, kind)]
