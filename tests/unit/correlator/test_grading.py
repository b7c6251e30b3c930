"""When a rule comes to hold and when it holds no more."""

from datetime import timedelta

import pytest

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.metric import Metric
from schemas.reason import ReasonCode
from schemas.rule import AllOf, Scope
from tests.builders import GNSS, HOUR, MINUTE, SLOPE, a_pack, a_rule, measured, rain_rule
from tests.district_log import Log

IV_AT_30 = rain_rule(Level.IV, 30, hold=HOUR)


def rained(*more: tuple[float, float]) -> Log:
    """30 mm at minute 5, then nothing, told every five minutes."""
    log = Log(a_pack(IV_AT_30))
    log.series([(5, 30.0), *more])
    return log


def dry(start: int, end: int) -> list[tuple[float, float]]:
    return [(float(at), 0.0) for at in range(start, end, 5)]


def test_it_raises_at_once() -> None:
    log = rained()

    assert log.last().decided_at == log.at(5)
    assert log.last().hazard_level is Level.IV


def test_it_clears_when_it_was_under_nine_tenths_for_the_whole_clearing_time() -> None:
    log = rained(*dry(10, 200))

    cleared = log.last()
    assert cleared.decided_at == log.at(5 + 60 + 60)
    assert (cleared.hazard_level, cleared.response_level) == (None, None)
    assert [at.code for at in cleared.reasons] == [ReasonCode.CLEARED]


def test_between_nine_tenths_and_the_threshold_it_stays() -> None:
    log = rained(*dry(10, 60), (60, 27.0), *dry(65, 115), (115, 27.0), *dry(120, 175))

    assert log.level() is Level.IV
    log.series(dry(175, 300))
    assert log.last().decided_at == log.at(115 + 60 + 60)


def test_one_value_above_nine_tenths_begins_the_clearing_time_again() -> None:
    log = rained(*dry(10, 110), (110, 27.0), *dry(115, 400))

    assert log.last().decided_at == log.at(110 + 60 + 60)


def test_clearing_needs_no_tick_and_no_reading_at_the_moment() -> None:
    log = Log(a_pack(rain_rule(Level.IV, 30, hold=10 * MINUTE)))
    log.read(5, 30)
    log.read(64, 0)

    decided = log.tick(80)

    assert [at.decided_at for at in decided if at in log.responses()] == [log.at(75)]


def test_it_rises_again_after_it_has_cleared() -> None:
    log = rained(*dry(10, 200), (200, 30.0))

    assert [at.hazard_level for at in log.responses()] == [Level.IV, None, Level.IV]
    assert len({at.decision_id for at in log.responses()}) == 3


def test_each_reading_of_a_last_condition_must_be_under_the_limit() -> None:
    rule = a_rule(
        "R",
        measured(Metric.GNSS_RATE, 30, samples=3),
        Level.III,
        Hazard.LANDSLIDE,
        Scope.HAZARD_POINT,
        hold=HOUR,
    )
    log = Log(a_pack(rule))
    log.series([(0, 30), (10, 30), (20, 30), (30, 5), (40, 28), (50, 5)], GNSS, Metric.GNSS_RATE)
    log.series([(float(at), 5.0) for at in range(60, 200, 10)], GNSS, Metric.GNSS_RATE)

    assert log.responses(SLOPE, Hazard.LANDSLIDE)[1].decided_at == log.at(50 + 60)


def test_a_combination_clears_when_one_of_its_parts_is_under_its_limit() -> None:
    when = AllOf(conditions=(measured(Metric.RAIN, 50, 24 * HOUR), measured(Metric.GNSS_RATE, 2)))
    rule = a_rule("R", when, Level.III, Hazard.LANDSLIDE, Scope.HAZARD_POINT, hold=HOUR)
    log = Log(a_pack(rule))
    log.read(0, 50)
    log.read(0, 3, GNSS, Metric.GNSS_RATE)
    for minute in range(10, 100, 10):
        log.read(minute, 1, GNSS, Metric.GNSS_RATE)
        log.read(minute, 0)

    assert log.responses(SLOPE, Hazard.LANDSLIDE)[1].decided_at == log.at(10 + 60)


@pytest.mark.parametrize(("late_by", "level"), [(29, Level.IV), (31, None)])
def test_late_rain_raises_within_half_an_hour(late_by: int, level: Level | None) -> None:
    log = Log(a_pack(IV_AT_30))
    log.read(20, 15, accepted=20)

    log.read(20 - 1, 15, accepted=20 + late_by)

    assert log.level() is level


def test_late_rain_fills_a_window_that_ended_in_the_last_half_hour() -> None:
    log = Log(a_pack(IV_AT_30))
    log.read(10, 1)
    log.series([(60, 20.0), (65, 0.0)])

    log.read(9, 10, accepted=66)

    assert log.level() is Level.IV


def test_a_window_that_was_full_only_in_the_past_raises_and_then_clears() -> None:
    log = Log(a_pack(rain_rule(Level.IV, 30, hold=10 * MINUTE)))
    log.series([(0, 1.0), (59, 10.0), (65, 0.0)])

    log.read(1, 20, accepted=66)

    assert log.level() is Level.IV
    log.series(dry(70, 85))
    assert log.last().decided_at == log.at(66 + 10)


def test_a_late_low_reading_lowers_nothing() -> None:
    rule = a_rule(
        "R",
        measured(Metric.GNSS_RATE, 30, samples=3),
        Level.III,
        Hazard.LANDSLIDE,
        Scope.HAZARD_POINT,
        hold=timedelta(minutes=1),
    )
    log = Log(a_pack(rule))
    log.series([(0, 30), (10, 30), (20, 30)], GNSS, Metric.GNSS_RATE)

    log.read(15, 0, GNSS, Metric.GNSS_RATE, accepted=21)
    log.tick(30)

    assert log.level(SLOPE, Hazard.LANDSLIDE) is Level.III


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    log = Log(a_pack(IV_AT_30))
    log.series([(5, 20.0), (10, 5.0)])

    log.read(5, 25, accepted=11)

    assert log.level() is Level.IV
    assert log.last().reasons[0].observed == 30_000


def test_readings_of_unknown_sensors_and_before_any_pack_move_nothing() -> None:
    log = Log()
    log.read(0, 99)
    log.activate(a_pack(IV_AT_30), 1)

    log.read(5, 99, "nobody's")

    assert not log.responses()


def test_a_new_pack_keeps_the_windows_and_asks_its_own_rules() -> None:
    log = Log(a_pack(rain_rule(Level.IV, 50)))
    log.series([(5, 20.0), (10, 12.0)])

    log.activate(a_pack(IV_AT_30, version="2"), 11)

    assert log.level() is Level.IV
    assert set(log.last().reasons[0].event_ids) == {"ev-2", "ev-3"}


def test_under_a_new_pack_a_response_goes_on_until_its_rule_has_cleared() -> None:
    log = rained()

    log.activate(a_pack(rain_rule(Level.IV, 40, hold=HOUR), version="2"), 10)
    assert log.level() is Level.IV
    log.series(dry(15, 120))

    assert [at.hazard_level for at in log.responses()][-1] is None


def test_a_rule_that_the_new_pack_does_not_have_holds_no_more() -> None:
    log = rained()

    log.activate(a_pack(rain_rule(Level.IV, 40, hours=3), version="2"), 10)

    assert log.last().hazard_level is None
    assert log.last().reasons[0].code is ReasonCode.CLEARED
