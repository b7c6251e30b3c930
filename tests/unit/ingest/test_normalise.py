"""One reading: what is refused, what is flagged and kept, and how a datum is changed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.deadletter import RefusalReason
from schemas.event import Quality, Reading
from services.ingest.domain.errors import RefusedError
from services.ingest.domain.normalise import Normaliser
from services.ingest.domain.plausibility import RecentValues
from tests.unit.ingest.small_district import SENSORS

NOW = datetime(2026, 7, 16, 12, tzinfo=UTC)
BY_ID = {sensor.sensor_id: sensor for sensor in SENSORS}
GOOD = {
    "sensor_id": "RG-1",
    "metric": "rain",
    "value": 0.1,
    "unit": "mm",
    "occurred_at": "2026-07-16T19:55:00+08:00",
}
STAGE = {**GOOD, "sensor_id": "ST-1", "metric": "stage", "value": 170.0, "unit": "m"}


def read(item: Any, recent: RecentValues | None = None) -> Reading:
    _, reading = Normaliser(BY_ID, recent or RecentValues()).read(item, NOW)
    return reading


def at(minute: int, **changes: Any) -> dict[str, Any]:
    return {**GOOD, "occurred_at": (NOW + timedelta(minutes=minute)).isoformat(), **changes}


def test_ten_times_a_tenth_is_one() -> None:
    assert sum(read(GOOD).value for _ in range(10)) == 1_000


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sensor_id": "RG-9"}, RefusalReason.UNKNOWN_SENSOR),
        ({"sensor_id": None}, RefusalReason.MISSING_FIELD),
        ({"sensor_id": 7}, RefusalReason.BAD_FIELD),
        ({"metric": "stage"}, RefusalReason.UNKNOWN_METRIC),
        ({"metric": "mood"}, RefusalReason.UNKNOWN_METRIC),
        ({"value": "0.1"}, RefusalReason.BAD_VALUE),
        ({"value": True}, RefusalReason.BAD_VALUE),
        ({"value": 1e300}, RefusalReason.BAD_VALUE),
        ({"value": None}, RefusalReason.MISSING_FIELD),
        ({"unit": "furlong"}, RefusalReason.UNKNOWN_UNIT),
        ({"unit": None}, RefusalReason.MISSING_FIELD),
        ({"occurred_at": "2026-07-16T19:55:00"}, RefusalReason.BAD_TIME),
        ({"occurred_at": "yesterday"}, RefusalReason.BAD_TIME),
        ({"occurred_at": 1_784_000_000}, RefusalReason.BAD_TIME),
        ({"occurred_at": "0001-01-01T00:00:00+08:00"}, RefusalReason.BAD_TIME),
        ({"status": "Maybe"}, RefusalReason.BAD_FIELD),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(
    change: dict[str, Any], reason: RefusalReason
) -> None:
    with pytest.raises(RefusedError) as refused:
        read({**GOOD, **change})

    assert refused.value.reason is reason


def test_a_water_level_is_converted_to_the_gauges_own_datum() -> None:
    assert read({**STAGE, "datum": "huanghai"}).value == 171_700
    assert read({**STAGE, "datum": "wusong"}).value == 170_000
    assert read({**STAGE, "datum": "huanghai"}).datum == "wusong"


def test_a_water_level_in_an_unknown_datum_is_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        read({**STAGE, "datum": "local zero"})

    assert refused.value.reason is RefusalReason.UNKNOWN_DATUM


def test_a_water_level_is_refused_when_neither_it_nor_its_gauge_has_a_datum() -> None:
    sensor = BY_ID["ST-1"].model_copy(update={"datum": None, "datum_shift": {}})

    with pytest.raises(RefusedError) as refused:
        Normaliser({"ST-1": sensor}, RecentValues()).read(STAGE, NOW)

    assert refused.value.reason is RefusalReason.UNKNOWN_DATUM


def test_a_forecast_needs_the_time_it_is_for() -> None:
    forecast = {**STAGE, "metric": "stage_forecast"}

    with pytest.raises(RefusedError) as refused:
        read(forecast)

    assert refused.value.reason is RefusalReason.MISSING_FIELD
    assert read({**forecast, "valid_at": "2026-07-17T08:00:00+08:00"}).valid_at == datetime(
        2026, 7, 17, tzinfo=UTC
    )


def test_a_reading_ahead_of_its_time_is_kept_and_flagged() -> None:
    assert read(at(2)).quality == ()
    assert read(at(3)).quality == (Quality.CLOCK_ERROR,)


def test_a_wrong_word_is_refused_also_after_a_right_one_and_a_right_one_is_taken_after_it() -> None:
    normaliser = Normaliser(BY_ID, RecentValues())
    wrong: list[tuple[dict[str, Any], RefusalReason]] = [
        ({**STAGE, "datum": ["wusong"]}, RefusalReason.UNKNOWN_DATUM),
        ({**STAGE, "unit": {}}, RefusalReason.BAD_FIELD),
        ({**STAGE, "metric": ["stage"]}, RefusalReason.BAD_FIELD),
        ({**STAGE, "value": True}, RefusalReason.BAD_VALUE),
        ({**STAGE, "value": 1e300}, RefusalReason.BAD_VALUE),
    ]

    for item, reason in wrong:
        assert normaliser.read(STAGE, NOW)[1].value == 170_000
        with pytest.raises(RefusedError) as refused:
            normaliser.read(item, NOW)
        assert refused.value.reason is reason


def test_a_datum_that_the_metric_does_not_need_may_be_anything() -> None:
    assert read({**GOOD, "datum": ["wusong"]}) == read(GOOD)


def test_units_and_data_written_in_many_ways_are_all_understood() -> None:
    normaliser = Normaliser(BY_ID, RecentValues())

    for blanks in range(3 * 8 * len(BY_ID)):
        item = {**STAGE, "value": 557.74, "unit": "f" + " " * blanks + "t", "datum": "huanghai"}
        assert normaliser.read(item, NOW)[1].value == 171_699


def test_a_late_reading_is_judged_by_what_fell_before_it() -> None:
    minute = BY_ID["RG-1"].model_copy(update={"interval_s": 60})
    recent = RecentValues()
    normaliser = Normaliser({"RG-1": minute}, recent)
    for offset, value in ((-9, 9), (-5, 20), (-4, 3), (-1, 3)):
        recent.remember(normaliser.read(at(offset, value=value), NOW)[1])

    late = [normaliser.read(at(-2, value=value), NOW)[1].quality for value in (7, 7.001)]
    next_one = [normaliser.read(at(0, value=value), NOW)[1].quality for value in (24, 24.001)]

    assert late == [(), (Quality.IMPLAUSIBLE_STEP,)]
    assert next_one == [(), (Quality.IMPLAUSIBLE_STEP,)]


def test_a_cloudburst_beyond_belief_is_kept_and_flagged() -> None:
    flagged = read({**GOOD, "value": 30.1})

    assert flagged.quality == (Quality.IMPLAUSIBLE_STEP,)
    assert flagged.value == 30_100
    assert read({**GOOD, "value": 30.0}).quality == ()


def test_rain_reported_each_minute_is_judged_over_five() -> None:
    minute = BY_ID["RG-1"].model_copy(update={"interval_s": 60})
    recent = RecentValues()
    qualities = []

    for offset in range(-5, 0):
        _, found = Normaliser({"RG-1": minute}, recent).read(at(offset, value=7), NOW)
        recent.remember(found)
        qualities.append(found.quality)

    assert qualities == [(), (), (), (), (Quality.IMPLAUSIBLE_STEP,)]


def test_a_stage_may_not_jump_but_may_rise_over_time() -> None:
    recent = RecentValues()
    recent.remember(read({**STAGE, "occurred_at": (NOW - timedelta(minutes=20)).isoformat()}))

    soon = {**STAGE, "value": 172.5, "occurred_at": (NOW - timedelta(minutes=15)).isoformat()}
    later = {**soon, "occurred_at": (NOW - timedelta(minutes=10)).isoformat()}

    assert read(soon, recent).quality == (Quality.IMPLAUSIBLE_STEP,)
    assert read(later, recent).quality == ()


def test_a_flagged_reading_is_no_measure_for_the_next() -> None:
    recent = RecentValues()
    recent.remember(read(STAGE))
    wild = read({**STAGE, "value": 199, "occurred_at": NOW.isoformat()}, recent)
    recent.remember(wild)

    back = read({**STAGE, "occurred_at": (NOW + timedelta(minutes=1)).isoformat()}, recent)

    assert wild.quality == (Quality.IMPLAUSIBLE_STEP,)
    assert back.quality == ()


def test_a_value_out_of_all_bounds_is_flagged() -> None:
    assert read({**GOOD, "value": -0.1}).quality == (Quality.IMPLAUSIBLE_VALUE,)
    assert read({**GOOD, "value": 501}).quality == (Quality.IMPLAUSIBLE_VALUE,)


@pytest.mark.parametrize(("said", "doubted"), [("good", False), ("A", False), ("suspect", True)])
def test_a_sources_own_doubt_is_kept(said: str, doubted: bool) -> None:
    assert (Quality.SOURCE_DOUBTS in read({**GOOD, "quality": said}).quality) is doubted
