"""A pack with a rule of each kind of evidence, for properties over whole logs."""

from datetime import timedelta

from schemas.event import AnyEvent
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.metric import Metric
from schemas.reason import RaiseRule
from schemas.rule import AllOf, AnyOf, Rule, Scope, TipsCondition
from schemas.rulepack import Conventions, RulePack
from schemas.wire import encode
from services.correlator.domain.fold import Fold
from tests.builders import (
    DISTRICT,
    GNSS,
    HOUR,
    MINUTE,
    RAIN,
    RAIN_2,
    SLOPE,
    TOWN,
    a_pack,
    a_rule,
    a_sensor,
    measured,
)
from tests.district_log import Log
from tests.strategies import Step, write

RAISES = (RaiseRule.UP1, RaiseRule.UP2, RaiseRule.UP4, RaiseRule.UP7)
SENSORS = (
    a_sensor(RAIN, TOWN, Metric.RAIN),
    a_sensor(RAIN_2, TOWN, Metric.RAIN),
    a_sensor(GNSS, SLOPE, Metric.GNSS_RATE, interval_s=600),
)
NEVER_SILENT = Conventions(silence_intervals=100_000)


def rules(hold: timedelta) -> list[Rule]:
    moving = measured(Metric.GNSS_RATE, 20, HOUR, samples=2)
    rain = measured(Metric.RAIN, 60, 3 * HOUR)
    seen = TipsCondition(hazard=Hazard.LANDSLIDE, count=3, window=15 * MINUTE, radius_m=200)
    slope = (Hazard.LANDSLIDE, Scope.HAZARD_POINT)
    return [
        a_rule("RAIN-IV", measured(Metric.RAIN, 30, HOUR), Level.IV, hold=hold, raises=RAISES),
        a_rule(
            "RAIN-III",
            AnyOf(conditions=(measured(Metric.RAIN, 50, HOUR), rain)),
            Level.III,
            hold=hold,
            raises=RAISES,
        ),
        a_rule("RAIN-II", measured(Metric.RAIN, 80, HOUR), Level.II, hold=hold, raises=RAISES),
        a_rule("SLIDE-IV", moving, Level.IV, *slope, hold=hold, raises=RAISES),
        a_rule(
            "SLIDE-III",
            AnyOf(
                conditions=(
                    measured(Metric.GNSS_RATE, 35),
                    AllOf(conditions=(rain, measured(Metric.GNSS_RATE, 5))),
                )
            ),
            Level.III,
            *slope,
            hold=hold,
            raises=RAISES,
        ),
        a_rule("SLIDE-II", seen, Level.II, *slope, hold=hold, raises=RAISES),
    ]


def pack(hold: timedelta = 30 * MINUTE, conventions: Conventions | None = None) -> RulePack:
    return a_pack(*rules(hold), sensors=SENSORS, conventions=conventions or Conventions())


def written(happened: list[Step], using: RulePack | None = None, until: int = 0) -> Log:
    return write(Log(using or pack()), happened, until)


def folded(events: list[AnyEvent]) -> list[bytes]:
    fold = Fold(DISTRICT)
    return [encode(decision) for event in events for decision in fold.apply(event)]
