"""Each form of a condition: readings in, whether the rule holds, and what it says it saw."""

from datetime import timedelta

import pytest

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.metric import Metric
from schemas.reason import Reason, ReasonCode
from schemas.rule import AllOf, Antecedent, AnyOf, Condition, Mark, Over, Scope
from tests.builders import (
    GAUGE,
    GNSS,
    HOUR,
    MINUTE,
    RAIN,
    SLOPE,
    STAGE,
    TOWN,
    a_pack,
    a_rule,
    a_sensor,
    measured,
    rain_rule,
)
from tests.district_log import Log

Rows = list[tuple[float, float]]
GNSS_RATE = Metric.GNSS_RATE


def reasons_for(when: Condition, rows: Rows, metric: Metric, sensor: str) -> list[Reason]:
    scope = {RAIN: Scope.TOWN, GNSS: Scope.HAZARD_POINT, STAGE: Scope.GAUGE}[sensor]
    place = {RAIN: TOWN, GNSS: SLOPE, STAGE: GAUGE}[sensor]
    log = Log(a_pack(a_rule("R", when, Level.IV, Hazard.OTHER, scope)))
    log.series(rows, sensor, metric)
    found = log.responses(place, Hazard.OTHER)
    return [at for at in found[0].reasons if at.code is ReasonCode.RULE] if found else []


HALF_HOUR = timedelta(minutes=30)
SEATTLE = Antecedent(window=2 * HOUR, permille=670)

RAIN_FORMS = [
    ("sum reached", measured(Metric.RAIN, 30, HOUR), [(5, 10), (60, 20)], 30_000),
    ("sum one short", measured(Metric.RAIN, 30, HOUR), [(5, 10), (60, 19.999)], None),
    (
        "the hour begins after its first instant",
        measured(Metric.RAIN, 30, HOUR),
        [(0, 10), (60, 20)],
        None,
    ),
    ("strictly more", measured(Metric.RAIN, 30, HOUR, op=">"), [(5, 10), (60, 20)], None),
    ("greatest of the window", measured(Metric.RAIN, 9, HOUR, Over.MAX), [(0, 3), (5, 9)], 9_000),
    (
        "earlier rain in part",
        measured(Metric.RAIN, 20, HOUR, antecedent=SEATTLE),
        [(5, 15), (110, 9.95)],
        20_000,
    ),
    (
        "earlier rain not enough",
        measured(Metric.RAIN, 20, HOUR, antecedent=SEATTLE),
        [(5, 15), (110, 9.94)],
        None,
    ),
]
POINT_FORMS = [
    ("last of one", measured(GNSS_RATE, 30), [(0, 30)], 30_000),
    ("three in a row", measured(GNSS_RATE, 30, samples=3), [(0, 34), (10, 36), (20, 41)], 34_000),
    ("one of three under", measured(GNSS_RATE, 30, samples=3), [(0, 34), (10, 29), (20, 41)], None),
    (
        "three, but too far apart",
        measured(GNSS_RATE, 30, HALF_HOUR, samples=3),
        [(0, 34), (10, 36), (31, 41)],
        None,
    ),
    (
        "three just within",
        measured(GNSS_RATE, 30, HALF_HOUR, samples=3),
        [(0, 34), (10, 36), (30, 41)],
        34_000,
    ),
    ("under a limit", measured(GNSS_RATE, 5, op="<="), [(0, 5)], 5_000),
    ("not under it", measured(GNSS_RATE, 5, op="<"), [(0, 5)], None),
    (
        "growing by a fifth, three times",
        measured(GNSS_RATE, 0.2, over=Over.GROWTH, samples=3),
        [(0, 10), (10, 12), (20, 14.4), (30, 17.28)],
        200,
    ),
    (
        "growing by less once",
        measured(GNSS_RATE, 0.2, over=Over.GROWTH, samples=3),
        [(0, 10), (10, 12), (20, 14.39), (30, 17.28)],
        None,
    ),
    ("growing from nothing", measured(GNSS_RATE, 0.2, over=Over.GROWTH), [(0, 0), (10, 1)], None),
    (
        "rising within a quarter",
        measured(GNSS_RATE, 1, 15 * MINUTE, Over.RISE),
        [(0, 3), (5, 2.5), (15, 3.5)],
        1_000,
    ),
    (
        "rising too slowly",
        measured(GNSS_RATE, 1, 15 * MINUTE, Over.RISE),
        [(0, 2.5), (16, 3.5)],
        None,
    ),
    (
        "falling",
        measured(GNSS_RATE, -1, 15 * MINUTE, Over.RISE, op="<="),
        [(0, 3.5), (15, 2.5)],
        -1_000,
    ),
]
STAGE_FORMS = [
    (
        "at the point's own mark",
        measured(Metric.STAGE, Mark(name="warning")),
        [(0, 180.5)],
        180_500,
    ),
    (
        "a metre under it",
        measured(Metric.STAGE, Mark(name="warning", plus=-1000)),
        [(0, 179.5)],
        179_500,
    ),
    ("a mark it does not have", measured(Metric.STAGE, Mark(name="none")), [(0, 999)], None),
]


@pytest.mark.parametrize(
    ("when", "rows", "observed"),
    [form[1:] for form in RAIN_FORMS],
    ids=[form[0] for form in RAIN_FORMS],
)
def test_rain(when: Condition, rows: Rows, observed: int | None) -> None:
    seen = [reason.observed for reason in reasons_for(when, rows, Metric.RAIN, RAIN)]

    assert seen == ([] if observed is None else [observed])


@pytest.mark.parametrize(
    ("when", "rows", "observed"),
    [form[1:] for form in POINT_FORMS],
    ids=[form[0] for form in POINT_FORMS],
)
def test_a_point(when: Condition, rows: Rows, observed: int | None) -> None:
    seen = [reason.observed for reason in reasons_for(when, rows, GNSS_RATE, GNSS)]

    assert seen == ([] if observed is None else [observed])


@pytest.mark.parametrize(
    ("when", "rows", "observed"),
    [form[1:] for form in STAGE_FORMS],
    ids=[form[0] for form in STAGE_FORMS],
)
def test_a_gauge(when: Condition, rows: Rows, observed: int | None) -> None:
    seen = [reason.observed for reason in reasons_for(when, rows, Metric.STAGE, STAGE)]

    assert seen == ([] if observed is None else [observed])


def test_a_reason_says_everything_that_was_compared() -> None:
    [reason] = reasons_for(
        measured(Metric.RAIN, 30, HOUR), [(5, 10), (10, 0), (60, 20)], Metric.RAIN, RAIN
    )

    assert reason == Reason(
        code=ReasonCode.RULE,
        place=TOWN,
        hazard=Hazard.OTHER,
        level=Level.IV,
        rule_id="R",
        rule_version=1,
        metric=Metric.RAIN,
        sensor_id=RAIN,
        op=">=",
        threshold=30_000,
        observed=30_000,
        window=HOUR,
        event_ids=("ev-2", "ev-4"),
    )


def forecast_log() -> Log:
    when = measured(Metric.STAGE_FORECAST, Mark(name="warning"), 24 * HOUR, Over.FORECAST)
    return Log(a_pack(a_rule("R", when, Level.IV, Hazard.RIVER_FLOOD, Scope.GAUGE, below_pct=100)))


def test_a_forecast_within_the_window_raises() -> None:
    log = forecast_log()

    log.read(0, 181, STAGE, Metric.STAGE_FORECAST, valid=24 * 60)

    assert log.level(GAUGE, Hazard.RIVER_FLOOD) is Level.IV


def test_a_forecast_farther_ahead_raises_when_its_time_comes_near() -> None:
    log = forecast_log()
    log.read(0, 181, STAGE, Metric.STAGE_FORECAST, valid=30 * 60)

    assert log.level(GAUGE, Hazard.RIVER_FLOOD) is None
    log.tick(7 * 60)

    assert log.last(GAUGE, Hazard.RIVER_FLOOD).decided_at == log.at(6 * 60)


def test_the_newest_issue_replaces_an_earlier_one_and_not_the_other_way() -> None:
    log = forecast_log()
    log.read(10, 180, STAGE, Metric.STAGE_FORECAST, valid=600)

    log.read(0, 190, STAGE, Metric.STAGE_FORECAST, valid=600, accepted=11)

    assert log.level(GAUGE, Hazard.RIVER_FLOOD) is None


def test_several_gauges_of_a_town_are_never_added_up() -> None:
    gauges = [a_sensor(name, TOWN, Metric.RAIN) for name in ("RG-1", "RG-2")]
    log = Log(a_pack(rain_rule(Level.IV, 30), sensors=gauges))

    log.read(5, 20, "RG-1")
    log.read(5, 20, "RG-2")

    assert log.level() is None
    log.read(10, 10, "RG-2")
    assert log.last().reasons[0].sensor_id == "RG-2"


def test_all_of_needs_every_condition_at_one_time() -> None:
    when = AllOf(conditions=(measured(Metric.RAIN, 50, 24 * HOUR), measured(GNSS_RATE, 2)))
    log = Log(a_pack(a_rule("R", when, Level.III, Hazard.LANDSLIDE, Scope.HAZARD_POINT)))

    log.read(5, 25)
    log.read(10, 3, GNSS, GNSS_RATE)
    assert log.level(SLOPE, Hazard.LANDSLIDE) is None

    log.read(15, 25)
    assert {at.metric for at in log.last(SLOPE, Hazard.LANDSLIDE).reasons} == {
        Metric.RAIN,
        GNSS_RATE,
    }


def test_any_of_needs_one_and_names_only_that() -> None:
    when = AnyOf(conditions=(measured(Metric.RAIN, 50, 24 * HOUR), measured(GNSS_RATE, 2)))
    log = Log(a_pack(a_rule("R", when, Level.III, Hazard.LANDSLIDE, Scope.HAZARD_POINT)))

    log.read(10, 3, GNSS, GNSS_RATE)

    assert [at.metric for at in log.last(SLOPE, Hazard.LANDSLIDE).reasons] == [GNSS_RATE]
