"""Doubtful readings move nothing, are told, and can be borne out by a second sensor."""

import pytest

from schemas.decision import ReadingQuarantined
from schemas.event import Quality
from schemas.level import Level
from schemas.metric import Metric
from schemas.place import Sensor
from schemas.reason import ReasonCode
from tests.builders import OTHER_TOWN, RAIN, RAIN_2, TOWN, a_pack, a_sensor, position, rain_rule
from tests.district_log import Log

ODD = (Quality.IMPLAUSIBLE_STEP,)


def a_log(second: Sensor) -> Log:
    first = a_sensor(RAIN, TOWN, Metric.RAIN).model_copy(update={"position": position()})
    return Log(a_pack(rain_rule(Level.IV, 30), sensors=[first, second]))


def gauge(metres: float = 500, place: str = OTHER_TOWN, metric: Metric = Metric.RAIN) -> Sensor:
    return a_sensor(RAIN_2, place, metric).model_copy(update={"position": position(metres)})


def kept(log: Log) -> list[ReadingQuarantined]:
    return [at for at in log.decisions if isinstance(at, ReadingQuarantined)]


def test_a_flagged_reading_is_told_and_moves_nothing() -> None:
    log = a_log(gauge())

    log.read(5, 40, quality=ODD)

    [quarantined] = kept(log)
    assert (quarantined.sensor_id, quarantined.value, quarantined.place) == (RAIN, 40_000, TOWN)
    assert quarantined.reasons[0].code is ReasonCode.IMPLAUSIBLE
    assert log.level() is None


@pytest.mark.parametrize(("ahead_s", "held"), [(119, False), (121, True)])
def test_a_reading_more_than_two_minutes_ahead_moves_nothing(ahead_s: int, held: bool) -> None:
    log = a_log(gauge())

    log.read(5 + ahead_s / 60, 40, accepted=5)

    assert [at.reasons[0].code for at in kept(log)] == ([ReasonCode.CLOCK_ERROR] if held else [])
    assert (log.level() is None) is held


def test_a_second_sensor_that_shows_the_same_releases_both() -> None:
    log = a_log(gauge())
    log.read(5, 40, quality=ODD)

    log.read(10, 50, RAIN_2, quality=ODD)

    assert log.level(TOWN) is Level.IV
    assert log.level(OTHER_TOWN) is Level.IV


@pytest.mark.parametrize(
    ("second", "minute", "quality"),
    [
        (gauge(metres=1500), 10, ODD),
        (gauge(), 36, ODD),
        (gauge(), 10, (Quality.CLOCK_ERROR,)),
        (gauge(), 10, (Quality.SOURCE_DOUBTS,)),
    ],
    ids=["too far", "too late", "a wrong clock", "doubted by its source"],
)
def test_what_bears_nothing_out(
    second: Sensor, minute: float, quality: tuple[Quality, ...]
) -> None:
    log = a_log(second)
    log.read(5, 40, quality=ODD)

    log.read(minute, 50, RAIN_2, quality=quality)

    assert log.level(TOWN) is None


def test_the_same_sensor_twice_is_not_a_second_one() -> None:
    log = a_log(gauge())
    log.read(5, 40, quality=ODD)

    log.read(10, 50, quality=ODD)

    assert log.level() is None
