"""The correlator's part of the night of Shiping (domain.md E.1), with rules as in D.1 rows 1 and 5."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.act import OrderConfirmed
from schemas.cap import MsgType
from schemas.decision import RaiseApplied, ResponseChanged
from schemas.hazard import Hazard
from schemas.level import Colour, Level
from schemas.measure import Measure
from schemas.metric import Metric
from schemas.order import OrderState
from schemas.place import PointKind
from schemas.reason import RaiseRule, ReasonCode
from schemas.role import Role
from schemas.rule import AllOf, AnyOf, OrderRule, Over, Rule, Scope, WarningCondition
from tests.builders import (
    GNSS,
    HOUR,
    MINUTE,
    POINTS,
    RAIN,
    SLOPE,
    TOWN,
    a_pack,
    a_rule,
    a_sensor,
    measured,
)
from tests.district_log import Log

BEGIN = datetime(2023, 7, 1, 12, 0, tzinfo=UTC)
"""20:00 local; minutes below count from here. 23:40 is minute 220."""

PRIOR = [(float(-4260 + 5 * at), 0.271) for at in range(480)]
"""130 mm in the 40 hours that end 31 hours before: never 50 mm in 12 h."""

NIGHT = {
    120: 1.0,  # 22:00
    180: 8.0,  # 23:00
    185: 9.0,
    190: 2.0,
    195: 2.0,
    200: 2.0,
    205: 2.0,
    210: 2.0,
    215: 2.0,
    220: 9.0,  # 23:40: 38 mm in the hour
    225: 1.0,
    230: 0.5,
    235: 7.5,  # 23:55: 47 mm
    240: 1.0,  # 00:00: 49 mm in three hours
    245: 27.0,  # 00:05: 58 mm, 76 mm in three hours
    250: 27.0,  # 00:10: 83 mm
}


def rain(mm: float, hours: int) -> object:
    return measured(Metric.RAIN, mm, hours * HOUR)


def any_of(*conditions: object) -> AnyOf:
    return AnyOf.model_validate({"conditions": conditions})


def moving(mm: float) -> object:
    return measured(Metric.GNSS_RATE, mm, HOUR, samples=3)


def rainstorm(level: Level, *pairs: tuple[float, int]) -> Rule:
    when = any_of(*(rain(mm, hours) for mm, hours in pairs))
    return a_rule(
        f"RAINSTORM-{level.name}", when, level, raises=(RaiseRule.UP1, RaiseRule.UP2, RaiseRule.UP7)
    )


def landslide(level: Level, *conditions: object, orders: tuple[OrderRule, ...] = ()) -> Rule:
    return a_rule(
        f"LANDSLIDE-{level.name}",
        any_of(*conditions),
        level,
        Hazard.LANDSLIDE,
        Scope.HAZARD_POINT,
        hold=24 * HOUR,
        raises=(RaiseRule.UP1, RaiseRule.UP2, RaiseRule.UP4, RaiseRule.UP7),
        orders=orders,
    )


def geological(*colours: Colour) -> WarningCondition:
    return WarningCondition(hazard=Hazard.LANDSLIDE, colours=colours)


def rain_and_movement(mm: float) -> AllOf:
    return AllOf.model_validate({"conditions": (rain(mm, 24), moving(2))})


ORDERS = (
    OrderRule(
        measure=Measure.EVACUATE,
        target="point.households",
        confirm=Role.DUTY_LEADER,
        auto_after=timedelta(minutes=5),
        executors=(Role.VILLAGE_SECRETARY, Role.HOUSEHOLD_LEAD, Role.RESCUE_TEAM),
    ),
    OrderRule(measure=Measure.CUT, target="point.roads", executors=(Role.TRAFFIC_POLICE,)),
    OrderRule(
        measure=Measure.CUT,
        target="zone.gas_power",
        executors=(Role.GAS_DUTY, Role.POWER_DUTY),
        min_response=Level.I,
    ),
)

PACK = a_pack(
    rainstorm(Level.IV, (50, 12), (30, 1)),
    rainstorm(Level.III, (50, 6), (40, 1)),
    rainstorm(Level.II, (50, 3), (60, 1)),
    rainstorm(Level.I, (100, 3), (80, 1)),
    landslide(Level.IV, moving(5), geological(Colour.BLUE)),
    landslide(Level.III, moving(10), geological(Colour.YELLOW), rain_and_movement(50)),
    landslide(
        Level.II, moving(30), geological(Colour.ORANGE), rain_and_movement(100), orders=ORDERS
    ),
    landslide(
        Level.I,
        moving(100),
        measured(Metric.GNSS_RATE, 0.2, HOUR, Over.GROWTH, samples=3),
    ),
    sensors=(
        a_sensor(RAIN, TOWN, Metric.RAIN),
        a_sensor(GNSS, SLOPE, Metric.GNSS_RATE, interval_s=600),
    ),
    points=[point for point in POINTS if point.kind is PointKind.HAZARD_POINT],
)


@pytest.fixture
def log() -> Log:
    written = Log(start=BEGIN)
    written.activate(PACK, PRIOR[0][0] - 5)
    amounts = dict.fromkeys(range(-2160, 250, 5), 0.0) | NIGHT
    written.series(PRIOR)
    written.read(-4200, 2, GNSS, Metric.GNSS_RATE)
    for minute, mm in sorted(amounts.items()):
        if minute <= 220:
            written.read(minute, mm)
            if minute % 10 == 0:
                written.read(minute, 1, GNSS, Metric.GNSS_RATE)
        if minute == 90:
            written.publish(90, Level.III, identifier="yellow")
    return written


def later(log: Log, until: int) -> None:
    """Go on with the night's rain, and with the warning of 00:07."""
    for minute, mm in NIGHT.items():
        if 220 < minute <= min(until, 245):
            log.read(minute, mm)
    if until >= 247:
        log.publish(
            247,
            Level.II,
            identifier="orange",
            msg_type=MsgType.UPDATE,
            references=("yellow",),
        )
    if until >= 250:
        log.read(250, NIGHT[250])


def test_the_yellow_warning_alone_puts_level_iii_in_force(log: Log) -> None:
    first = log.responses()[0]

    assert first.decided_at == log.at(90)
    assert (first.warning_level, first.hazard_level, first.response_level) == (
        Level.III,
        None,
        Level.III,
    )


def test_at_2340_the_hazard_is_iv_and_the_response_stays_iii(log: Log) -> None:
    last = log.last()

    assert last.decided_at == log.at(220)
    assert (last.hazard_level, last.response_level, last.previous_level) == (
        Level.IV,
        Level.III,
        Level.III,
    )
    assert [reason.observed for reason in last.reasons if reason.code is ReasonCode.RULE] == [
        38_000
    ]


def test_the_hazard_goes_to_iii_at_2355_ii_at_0005_and_i_at_0010(log: Log) -> None:
    later(log, 250)

    told = [
        ((at.decided_at - BEGIN) // MINUTE, at.warning_level, at.hazard_level, at.response_level)
        for at in log.responses()[2:]
    ]

    assert told == [
        (235, Level.III, Level.III, Level.III),
        (245, Level.III, Level.II, Level.II),
        (247, Level.II, Level.II, Level.II),
        (250, Level.II, Level.I, Level.I),
    ]
    observed = {reason.observed for reason in log.responses()[3].reasons if reason.rule_id}
    assert observed == {58_000, 76_000}
    assert RaiseRule.UP1 in log.last().raises


def test_the_slope_is_raised_from_ii_to_i_by_the_rain_before_and_the_rain_now(log: Log) -> None:
    later(log, 250)
    moved(log)

    slope = log.last(SLOPE, Hazard.LANDSLIDE)
    assert (slope.hazard_level, slope.response_level) == (Level.II, Level.I)
    assert slope.town == TOWN
    assert slope.raises == (RaiseRule.UP1, RaiseRule.UP2, RaiseRule.UP4)
    raised = [(at.place, at.raise_rule) for at in log.decisions if isinstance(at, RaiseApplied)]
    assert raised == [
        (TOWN, RaiseRule.UP2),
        (SLOPE, RaiseRule.UP2),
        (SLOPE, RaiseRule.UP4),
    ]


def moved(log: Log) -> None:
    """00:12: three samples of the slope's displacement."""
    for minute, rate in ((232, 34), (242, 36)):
        log.read(minute, rate, GNSS, Metric.GNSS_RATE, accepted=252)
    log.read(252, 41, GNSS, Metric.GNSS_RATE)


def test_three_orders_come_with_it_and_only_the_evacuation_waits(log: Log) -> None:
    later(log, 250)
    moved(log)

    orders = [(order.measure, order.target, order.state) for order in log.orders()]

    assert orders == [
        (Measure.EVACUATE, "point.households", OrderState.PROPOSED),
        (Measure.CUT, "point.roads", OrderState.IN_FORCE),
        (Measure.CUT, "zone.gas_power", OrderState.IN_FORCE),
    ]
    evacuation = log.orders()[0]
    assert (evacuation.people, evacuation.households, evacuation.shelter) == (47, 14, "SH-12")
    assert evacuation.auto_at == log.at(257)
    assert evacuation.level is Level.I


def test_the_leader_confirms_at_0016(log: Log) -> None:
    later(log, 250)
    moved(log)
    proposed = log.orders()[0]

    log.act(256, OrderConfirmed(order_id=proposed.order_id))
    log.tick(300)

    in_force = log.orders()[-1]
    assert (in_force.order_id, in_force.state) == (proposed.order_id, OrderState.IN_FORCE)
    assert in_force.issued_by is not None
    assert (in_force.issued_by.user, in_force.starts_at) == ("li", log.at(256))
    assert len(log.orders()) == 4


def test_without_him_it_comes_into_force_by_itself_at_0017(log: Log) -> None:
    later(log, 250)
    moved(log)

    decided = log.tick(260)

    order = log.orders()[-1]
    assert (order.state, order.starts_at) == (OrderState.IN_FORCE, log.at(257))
    assert order.issued_by is not None
    assert order.issued_by.automatic
    assert decided[-1].reasons[-1].code is ReasonCode.AUTO_AFTER


def test_the_red_warning_at_0020_changes_no_level_of_response(log: Log) -> None:
    later(log, 250)
    moved(log)

    decided = log.publish(
        260, Level.I, identifier="red", msg_type=MsgType.UPDATE, references=("orange",)
    )

    changed = [at for at in decided if isinstance(at, ResponseChanged)]
    assert [(at.warning_level, at.response_level, at.previous_level) for at in changed] == [
        (Level.I, Level.I, Level.I)
    ]


def test_late_rain_of_2350_lowers_nothing_at_0205(log: Log) -> None:
    later(log, 250)
    moved(log)

    decided = log.read(230, 9, accepted=365)

    assert not [
        at for at in decided if isinstance(at, ResponseChanged) and at.decided_at == log.at(365)
    ]
    assert log.level() is Level.I
    assert log.level(SLOPE, Hazard.LANDSLIDE) is Level.I
