"""提级: each raise rule, and what it does not do."""

from datetime import time, timedelta

import pytest

from schemas.act import LevelLowered
from schemas.decision import RaiseApplied
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.metric import Metric
from schemas.reason import RaiseRule, ReasonCode
from schemas.rule import Rule, Scope
from schemas.rulepack import Conventions, Night
from services.correlator.domain.instants import to_us
from services.correlator.domain.raising import is_night
from tests.builders import (
    GNSS,
    HOUR,
    MINUTE,
    SLOPE,
    START,
    TOWN,
    a_pack,
    a_rule,
    measured,
    rain_rule,
)
from tests.district_log import Log

ALL = (RaiseRule.UP1, RaiseRule.UP2, RaiseRule.UP4, RaiseRule.UP7)
RAIN_III = rain_rule(Level.III, 40, raises=ALL)


def slide(level: Level = Level.III, raises: tuple[RaiseRule, ...] = ALL) -> Rule:
    return a_rule(
        f"SLIDE-{level.name}",
        measured(Metric.GNSS_RATE, 10),
        level,
        Hazard.LANDSLIDE,
        Scope.HAZARD_POINT,
        raises=raises,
    )


def moves(log: Log, minute: float, rate: float = 10) -> None:
    log.read(minute, rate, GNSS, Metric.GNSS_RATE)


def applied(log: Log) -> list[tuple[str, RaiseRule]]:
    return [(at.place, at.raise_rule) for at in log.decisions if isinstance(at, RaiseApplied)]


@pytest.mark.parametrize(
    ("hour", "minute", "night"),
    [(21, 59, False), (22, 0, True), (0, 0, True), (5, 59, True), (6, 0, False), (12, 0, False)],
)
def test_up1_night_is_local_time(hour: int, minute: int, night: bool) -> None:
    local_midnight = START - 8 * HOUR

    at_us = to_us(local_midnight + hour * HOUR + minute * MINUTE)

    assert is_night(a_pack(), at_us) is night


def test_a_night_that_does_not_cross_midnight() -> None:
    pack = a_pack(night=Night(start=time(1), end=time(5)))

    assert is_night(pack, to_us(START - 8 * HOUR + 2 * HOUR))
    assert not is_night(pack, to_us(START))


def test_up1_is_named_at_night_and_changes_no_level() -> None:
    log = Log(a_pack(RAIN_III), start=START + 15 * HOUR)

    log.read(5, 40)

    assert log.last().raises == (RaiseRule.UP1,)
    assert log.level() is Level.III
    assert applied(log) == []


def test_up1_is_not_named_at_iv_or_by_day() -> None:
    by_night = Log(a_pack(rain_rule(Level.IV, 30, raises=ALL)), start=START + 15 * HOUR)
    by_day = Log(a_pack(RAIN_III))

    by_night.read(5, 30)
    by_day.read(5, 40)

    assert (by_night.last().raises, by_day.last().raises) == ((), ())


def test_up2_two_hazards_in_one_town_raise_each_other_once() -> None:
    log = Log(a_pack(RAIN_III, slide()))
    log.read(5, 40)

    moves(log, 10)

    assert applied(log) == [(TOWN, RaiseRule.UP2), (SLOPE, RaiseRule.UP2)]
    assert (log.level(), log.level(SLOPE, Hazard.LANDSLIDE)) == (Level.II, Level.II)


def test_up2_does_not_count_one_quantity_twice() -> None:
    flood = a_rule(
        "FLOOD", measured(Metric.RAIN, 40, HOUR), Level.III, Hazard.FLASH_FLOOD, raises=ALL
    )
    log = Log(a_pack(RAIN_III, flood))

    log.read(5, 40)

    assert applied(log) == []


@pytest.mark.parametrize(("after", "level"), [(60 + 179, Level.II), (60 + 181, Level.III)])
def test_up2_looks_back_three_hours(after: int, level: Level) -> None:
    log = Log(a_pack(RAIN_III, slide()))
    log.read(5, 40)

    moves(log, 5 + after)

    assert log.level(SLOPE, Hazard.LANDSLIDE) is level


def test_up2_needs_iii_on_both_sides() -> None:
    log = Log(a_pack(rain_rule(Level.IV, 40, raises=ALL), slide()))
    log.read(5, 40)

    moves(log, 10)

    assert applied(log) == []


def test_only_raises_that_an_active_rule_names_act() -> None:
    log = Log(a_pack(RAIN_III, slide(raises=())))
    log.read(5, 40)

    moves(log, 10)

    assert applied(log) == [(TOWN, RaiseRule.UP2)]
    assert log.level(SLOPE, Hazard.LANDSLIDE) is Level.III


def test_up4_rain_of_three_days_raises_the_slope() -> None:
    log = Log(a_pack(slide()))
    log.series([(0, 60.0), (24 * 60, 40.0)])

    moves(log, 48 * 60)

    assert log.level(SLOPE, Hazard.LANDSLIDE) is Level.II
    [reason] = [at for at in log.last(SLOPE, Hazard.LANDSLIDE).reasons if at.raise_rule]
    assert (reason.observed, reason.threshold, reason.window) == (
        100_000,
        100_000,
        timedelta(hours=72),
    )
    assert reason.event_ids == ("ev-2", "ev-3")


def test_up4_acts_when_the_rain_comes_after_the_movement() -> None:
    log = Log(a_pack(slide()))
    log.read(0, 60)
    moves(log, 5)
    assert log.level(SLOPE, Hazard.LANDSLIDE) is Level.III

    log.read(10, 40)

    assert log.level(SLOPE, Hazard.LANDSLIDE) is Level.II


def test_up4_is_for_the_hazards_of_the_ground_only() -> None:
    log = Log(a_pack(rain_rule(Level.III, 100, raises=ALL)))

    log.read(0, 100)

    assert log.level() is Level.III


def test_no_more_than_two_levels_in_all_and_never_above_i() -> None:
    log = Log(
        a_pack(rain_rule(Level.III, 60, hours=24, raises=ALL), slide(Level.IV), slide(Level.III))
    )
    log.read(0, 100)
    moves(log, 1)
    log.tip(2, "K1", Hazard.LANDSLIDE, metres_north=0)

    assert {at[1] for at in applied(log) if at[0] == SLOPE} == {
        RaiseRule.UP2,
        RaiseRule.UP4,
        RaiseRule.UP7,
    }
    assert log.level(SLOPE, Hazard.LANDSLIDE) is Level.I

    limited = Log(a_pack(slide(Level.IV), conventions=Conventions(max_raise=0)))
    limited.read(0, 100)
    moves(limited, 1)
    assert limited.level(SLOPE, Hazard.LANDSLIDE) is Level.IV


def test_a_raise_stays_when_its_cause_has_gone() -> None:
    log = Log(a_pack(slide()))
    log.read(0, 100)
    moves(log, 5)
    for minute in range(10, 73 * 60, 10):
        moves(log, minute)
        log.read(minute, 0)

    log.tick(80 * 60)

    assert log.level(SLOPE, Hazard.LANDSLIDE) is Level.II
    assert RaiseRule.UP4 in log.last(SLOPE, Hazard.LANDSLIDE).raises


def test_what_a_person_has_lowered_is_not_raised_again_by_the_same_raise() -> None:
    log = Log(a_pack(slide()))
    log.read(0, 100)
    moves(log, 5)
    down = LevelLowered(
        place=SLOPE, hazard=Hazard.LANDSLIDE, level=Level.III, why="会商", consultation="C-1"
    )

    log.act(10, down)
    log.read(15, 1)
    moves(log, 15)

    assert log.level(SLOPE, Hazard.LANDSLIDE) is Level.III
    assert log.last(SLOPE, Hazard.LANDSLIDE).raises == ()


def test_a_raise_explains_itself_with_the_other_hazards_rule() -> None:
    log = Log(a_pack(RAIN_III, slide()))
    log.read(5, 40)

    moves(log, 10)

    [reason] = [
        at for at in log.last(SLOPE, Hazard.LANDSLIDE).reasons if at.code is ReasonCode.RAISE
    ]
    assert (reason.rule_id, reason.hazard, reason.event_ids) == (
        RAIN_III.id,
        Hazard.RAINSTORM,
        ("ev-2", "ev-3"),
    )
