"""One reading as its sensor sent it, to the contract's `Reading`: units, datum, time, doubts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from schemas.cap import Status
from schemas.deadletter import RefusalReason
from schemas.event import Quality, Reading
from schemas.metric import FACTS, Metric
from schemas.place import Sensor
from services.ingest.domain.errors import RefusedError
from services.ingest.domain.plausibility import RecentValues, doubts, is_ahead
from services.ingest.domain.times import instant_with_offset
from services.ingest.domain.units import factor, to_thousandths

LARGEST_SHIFT = 10**9
_GOOD = frozenset({"", "good", "ok", "valid", "a", "approved", "正常", "良好"})
"""What sources write when they doubt nothing; every other `quality` is a doubt."""
_METRICS = {metric.value: metric for metric in Metric}
_STATUSES = {status.value: status for status in Status}


@dataclass(frozen=True, slots=True)
class Normalised:
    """A reading in our terms; *status* is CAP's, so that exercises stay apart."""

    reading: Reading
    status: Status


def normalise(
    item: object, sensors: Mapping[str, Sensor], recent: RecentValues, now: datetime
) -> Normalised:
    """
    Return *item* (`sensor_id, metric, value, unit, occurred_at`, optional `datum`, `quality`,
    `valid_at`, `status`) in our terms; RefusedError when it cannot be used at all.

    A value that is only doubtful is kept and flagged: it may be real in a cloudburst.
    """
    if not isinstance(item, dict):
        raise RefusedError(RefusalReason.BAD_FIELD, "not an object")
    sensor = sensors.get(_text(item, "sensor_id"))
    if sensor is None:
        raise RefusedError(RefusalReason.UNKNOWN_SENSOR, "not in the district pack")
    metric = _metric(item, sensor)
    value = _value(item, metric)
    datum = None
    if FACTS[metric].needs_datum:
        value, datum = _in_own_datum(item, sensor, value)
    occurred_at = instant_with_offset(_required(item, "occurred_at"))
    valid_at = _valid_at(item, metric)
    return Normalised(
        Reading(
            sensor_id=sensor.sensor_id,
            metric=metric,
            value=value,
            occurred_at=occurred_at,
            datum=datum,
            valid_at=valid_at,
            quality=_quality(item, sensor, metric, value, occurred_at, recent, now),
        ),
        _status(item),
    )


def _required(item: dict[str, Any], field: str) -> Any:
    value = item.get(field)
    if value is None:
        raise RefusedError(RefusalReason.MISSING_FIELD, field)
    return value


def _text(item: dict[str, Any], field: str) -> str:
    value = _required(item, field)
    if not isinstance(value, str):
        raise RefusedError(RefusalReason.BAD_FIELD, f"{field} is not a text")
    return value


def _metric(item: dict[str, Any], sensor: Sensor) -> Metric:
    metric = _METRICS.get(_text(item, "metric"))
    if metric is None or metric.value not in sensor.metrics:
        raise RefusedError(RefusalReason.UNKNOWN_METRIC, "not measured by this sensor")
    return metric


def _value(item: dict[str, Any], metric: Metric) -> int:
    raw = _required(item, "value")
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise RefusedError(RefusalReason.BAD_VALUE, "value is not a number")
    per_unit = factor(metric, _text(item, "unit"))
    if per_unit is None:
        raise RefusedError(RefusalReason.UNKNOWN_UNIT, f"no unit of {metric}")
    try:
        # repr is the shortest decimal that reads back as this float: what the sender wrote.
        value = to_thousandths(Decimal(repr(raw)), per_unit)
    except InvalidOperation:
        value = None
    if value is None:
        raise RefusedError(RefusalReason.BAD_VALUE, "value is beyond any measurement")
    return value


def _in_own_datum(item: dict[str, Any], sensor: Sensor, value: int) -> tuple[int, str]:
    """A level above an unknown zero is no level: seven metres may be flood or drought."""
    datum = item.get("datum")
    if datum is None and sensor.datum is None:
        raise RefusedError(RefusalReason.UNKNOWN_DATUM, "no datum given")
    if datum is None or datum == sensor.datum:
        return value, str(sensor.datum)
    shift = sensor.datum_shift.get(datum) if isinstance(datum, str) else None
    if shift is None:
        raise RefusedError(RefusalReason.UNKNOWN_DATUM, "no shift from this datum to the gauge's")
    return value + shift, str(sensor.datum or datum)


def _valid_at(item: dict[str, Any], metric: Metric) -> datetime | None:
    if metric is Metric.STAGE_FORECAST:
        return instant_with_offset(_required(item, "valid_at"))
    return None


def _status(item: dict[str, Any]) -> Status:
    given = item.get("status")
    if given is None:
        return Status.ACTUAL
    status = _STATUSES.get(given) if isinstance(given, str) else None
    if status is None:
        raise RefusedError(RefusalReason.BAD_FIELD, "status is none of CAP's")
    return status


def _quality(
    item: dict[str, Any],
    sensor: Sensor,
    metric: Metric,
    value: int,
    occurred_at: datetime,
    recent: RecentValues,
    now: datetime,
) -> tuple[Quality, ...]:
    found = []
    if is_ahead(occurred_at, now):
        found.append(Quality.CLOCK_ERROR)
    interval = timedelta(seconds=sensor.interval_s)
    doubt = doubts(metric, value, occurred_at, recent.before(sensor.sensor_id, metric), interval)
    if doubt is not None:
        found.append(doubt)
    if str(item.get("quality") or "").strip().lower() not in _GOOD:
        found.append(Quality.SOURCE_DOUBTS)
    return tuple(sorted(found))
