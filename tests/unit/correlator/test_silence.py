"""Silence is an event, and a silent sensor proves nothing."""

from schemas.act import LevelRaised
from schemas.cap import Status
from schemas.decision import SourceSilent
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.metric import Metric
from schemas.reason import ReasonCode
from schemas.rule import Scope
from tests.builders import (
    GNSS,
    RAIN,
    SENSORS,
    SLOPE,
    TOWN,
    a_pack,
    a_rule,
    a_sensor,
    measured,
    rain_rule,
)
from tests.district_log import Log

ONE_GAUGE = [a_sensor(RAIN, TOWN, Metric.RAIN)]
MOVING = a_rule(
    "SLIDE",
    measured(Metric.GNSS_RATE, 30),
    Level.III,
    Hazard.LANDSLIDE,
    Scope.HAZARD_POINT,
)
III_AT_40 = rain_rule(Level.III, 40)


def silences(log: Log, sensor_id: str = RAIN) -> list[tuple[float, bool]]:
    return [
        ((at.decided_at - log.start).total_seconds() / 60, at.silent)
        for at in log.decisions
        if isinstance(at, SourceSilent) and at.sensor_id == sensor_id
    ]


def test_a_sensor_that_misses_four_reports_is_silent_once() -> None:
    log = Log(a_pack(sensors=ONE_GAUGE))
    log.read(5, 0)

    for minute in (24, 26, 60, 120):
        log.tick(minute)

    assert silences(log) == [(25, True)]


def test_it_is_told_when_the_sensor_is_back() -> None:
    log = Log(a_pack(sensors=ONE_GAUGE))
    log.read(5, 0)

    log.read(40, 0)
    log.tick(100)

    assert silences(log) == [(25, True), (40, False), (60, True)]


def test_a_sensor_that_never_reported_is_silent_too() -> None:
    log = Log(a_pack(sensors=ONE_GAUGE))

    log.tick(30)

    assert silences(log) == [(20, True)]


def test_a_doubtful_reading_is_a_sign_of_life() -> None:
    log = Log(a_pack(sensors=ONE_GAUGE))
    log.read(5, 0)
    log.read(130, 0, accepted=20)

    log.tick(39)

    assert silences(log) == []


def test_in_an_exercise_only_sensors_that_take_part_are_missed() -> None:
    log = Log(a_pack(sensors=[*ONE_GAUGE, a_sensor(GNSS, SLOPE, Metric.GNSS_RATE)]))
    log.read(5, 0, status=Status.EXERCISE)

    log.tick(100)

    missed = [
        at.sensor_id
        for at in log.decisions
        if isinstance(at, SourceSilent) and at.status is Status.EXERCISE
    ]
    assert missed == [RAIN]


def test_a_silent_sensor_keeps_what_it_has_raised() -> None:
    log = Log(a_pack(III_AT_40, sensors=ONE_GAUGE))
    log.read(5, 40)

    log.tick(1000)

    assert log.level() is Level.III


def test_the_clearing_time_begins_when_it_reports_again() -> None:
    log = Log(a_pack(III_AT_40, sensors=ONE_GAUGE))
    log.read(5, 40)

    log.series([(float(at), 0.0) for at in range(200, 300, 5)])

    assert log.responses()[1].decided_at == log.at(200 + 60)


def test_inside_an_area_at_iii_a_silent_point_is_taken_for_one_level_worse() -> None:
    log = Log(a_pack(III_AT_40, MOVING))
    log.read(0, 1, GNSS, Metric.GNSS_RATE)
    log.series([(float(at), 0.0) for at in range(5, 60, 5)])

    log.read(60, 40)

    slope = log.last(SLOPE, Hazard.LANDSLIDE)
    assert (slope.hazard_level, slope.response_level) == (None, Level.IV)
    assert [at.code for at in slope.reasons] == [ReasonCode.SILENCE]
    assert slope.reasons[0].event_ids == ("ev-14", "ev-2")


def test_one_level_worse_than_what_is_known_of_it() -> None:
    log = Log(a_pack(III_AT_40, MOVING))
    log.read(0, 30, GNSS, Metric.GNSS_RATE)
    log.series([(float(at), 10.0) for at in range(5, 30, 5)])

    assert log.level(SLOPE, Hazard.LANDSLIDE) is Level.III
    log.series([(float(at), 0.0) for at in range(30, 45, 5)])

    assert log.level(SLOPE, Hazard.LANDSLIDE) is Level.II
    assert log.last(SLOPE, Hazard.LANDSLIDE).decided_at == log.at(40)


def test_outside_such_an_area_silence_raises_nothing() -> None:
    log = Log(a_pack(III_AT_40, MOVING))
    log.read(0, 1, GNSS, Metric.GNSS_RATE)

    log.tick(300)

    assert log.responses(SLOPE, Hazard.LANDSLIDE) == []


def test_an_area_at_iii_for_another_family_is_not_meant() -> None:
    log = Log(a_pack(III_AT_40, MOVING, families={}))
    log.series([(float(at), 5.0) for at in range(5, 60, 5)])

    assert log.level() is Level.III
    assert log.responses(SLOPE, Hazard.LANDSLIDE) == []


def test_a_point_of_which_only_silence_is_known_comes_down_when_its_sensor_is_back() -> None:
    log = Log(a_pack(III_AT_40, MOVING))
    log.series([(float(at), 5.0) for at in range(5, 60, 5)])
    assert log.level(SLOPE, Hazard.LANDSLIDE) is Level.IV

    log.read(60, 1, GNSS, Metric.GNSS_RATE)

    assert log.level(SLOPE, Hazard.LANDSLIDE) is None


def test_a_new_pack_listens_on_from_when_each_sensor_was_last_heard() -> None:
    log = Log(a_pack(sensors=ONE_GAUGE))
    log.read(5, 0)

    log.activate(a_pack(version="2", sensors=SENSORS), 20)
    log.tick(26)

    assert silences(log) == [(25, True)]


def test_a_level_that_a_person_sets_for_the_area_counts_as_well() -> None:
    log = Log(a_pack(III_AT_40, MOVING))
    log.tick(60)

    log.act(61, LevelRaised(place=TOWN, hazard=Hazard.RAINSTORM, level=Level.III, why="研判"))

    assert log.level(SLOPE, Hazard.LANDSLIDE) is Level.IV
