"""One reading as its sensor sent it, to the contract's `Reading`: units, datum, time, doubts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from schemas.cap import Status
from schemas.deadletter import RefusalReason
from schemas.event import Quality, Reading
from schemas.metric import FACTS, Metric
from schemas.place import Sensor
from services.ingest.domain.errors import RefusedError
from services.ingest.domain.plausibility import (
    CLOCK_TOLERANCE,
    Recent,
    RecentValues,
    most_at_once,
)
from services.ingest.domain.times import instant_with_offset
from services.ingest.domain.units import factor, to_thousandths, written_thousandths

LARGEST_SHIFT = 10**9
_GOOD = frozenset({"", "good", "ok", "valid", "a", "approved", "正常", "良好"})
"""What sources write when they doubt nothing; every other `quality` is a doubt."""
_METRICS = {metric.value: metric for metric in Metric}
_STATUSES = {status.value: status for status in Status}
_SPELLINGS = 8
"""Ways in which one sensor's metric, unit and datum may be written before all are forgotten."""


@dataclass(frozen=True, slots=True)
class _Channel:
    """
    What the pack says of readings that name the same sensor, metric, unit and datum.

    *shift* goes from the datum they name to *datum*, the gauge's own.
    """

    sensor_id: str
    metric: Metric
    per_unit: Fraction
    is_own_unit: bool
    shift: int
    datum: str | None
    recent: Recent
    at_once: int | None
    """The greatest plausible amount in one reading, where one alone can be too much."""


class Normaliser:
    """
    Puts readings into our terms, for the *sensors* of a pack.

    What follows from the pack alone is looked up once for all readings that are written alike.
    """

    def __init__(self, sensors: Mapping[str, Sensor], recent: RecentValues) -> None:
        self._sensors = sensors
        self._recent = recent
        self._channels: dict[tuple[object, ...], _Channel] = {}

    def read(self, item: object, now: datetime) -> tuple[Status, Reading]:
        """
        Return *item* (`sensor_id, metric, value, unit, occurred_at`, optional `datum`, `quality`,
        `valid_at`, `status`) in our terms, and CAP's status, by which exercises stay apart;
        RefusedError when it cannot be used at all.

        A value that is only doubtful is kept and flagged: it may be real in a cloudburst.
        """
        if not isinstance(item, dict):
            raise RefusedError(RefusalReason.BAD_FIELD, "not an object")
        channel = self._channel(item)
        value = _value(item, channel) + channel.shift
        occurred_at = instant_with_offset(_required(item, "occurred_at"))
        valid_at = None
        if channel.metric is Metric.STAGE_FORECAST:
            valid_at = instant_with_offset(_required(item, "valid_at"))
        doubt = channel.recent.doubt(value, occurred_at, channel.at_once)
        latest = now + CLOCK_TOLERANCE
        quality: tuple[Quality, ...] = ()
        if doubt is not None or occurred_at > latest or item.get("quality") is not None:
            quality = _quality(item, doubt, is_ahead=occurred_at > latest)
        reading = Reading.of_checked(
            channel.sensor_id,
            channel.metric,
            value,
            occurred_at,
            channel.datum,
            valid_at,
            quality,
        )
        return Status.ACTUAL if item.get("status") is None else _status(item), reading

    def _channel(self, item: dict[str, Any]) -> _Channel:
        said = item.get("sensor_id"), item.get("metric"), item.get("unit"), item.get("datum")
        try:
            known = self._channels.get(said)
        except TypeError:  # a list or an object among them; what is wrong with it is told there
            return self._look_up(item)
        if known is None:
            known = self._look_up(item)
            if len(self._channels) >= _SPELLINGS * len(self._sensors):
                self._channels.clear()
            self._channels[said] = known
        return known

    def _look_up(self, item: dict[str, Any]) -> _Channel:
        sensor = self._sensors.get(_text(item, "sensor_id"))
        if sensor is None:
            raise RefusedError(RefusalReason.UNKNOWN_SENSOR, "not in the district pack")
        metric = _metric(item, sensor)
        _number(item)
        per_unit = factor(metric, _text(item, "unit"))
        if per_unit is None:
            raise RefusedError(RefusalReason.UNKNOWN_UNIT, f"no unit of {metric}")
        shift, datum = _to_own_datum(item, sensor) if FACTS[metric].needs_datum else (0, None)
        return _Channel(
            sensor_id=sensor.sensor_id,
            metric=metric,
            per_unit=per_unit,
            is_own_unit=per_unit == 1,
            shift=shift,
            datum=datum,
            recent=self._recent.of(sensor.sensor_id, metric),
            at_once=most_at_once(FACTS[metric], timedelta(seconds=sensor.interval_s)),
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


def _number(item: dict[str, Any]) -> float:
    raw = _required(item, "value")
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise RefusedError(RefusalReason.BAD_VALUE, "value is not a number")
    return raw


def _value(item: dict[str, Any], channel: _Channel) -> int:
    raw = item.get("value")
    if channel.is_own_unit and (type(raw) is float or type(raw) is int):
        value = written_thousandths(raw)
        if value is not None:
            return value
    raw = _number(item)
    try:
        # repr is the shortest decimal that reads back as this float: what the sender wrote.
        value = to_thousandths(Decimal(repr(raw)), channel.per_unit)
    except InvalidOperation:
        value = None
    if value is None:
        raise RefusedError(RefusalReason.BAD_VALUE, "value is beyond any measurement")
    return value


def _to_own_datum(item: dict[str, Any], sensor: Sensor) -> tuple[int, str]:
    """A level above an unknown zero is no level: seven metres may be flood or drought."""
    datum = item.get("datum")
    if datum is None and sensor.datum is None:
        raise RefusedError(RefusalReason.UNKNOWN_DATUM, "no datum given")
    if datum is None or datum == sensor.datum:
        return 0, str(sensor.datum)
    shift = sensor.datum_shift.get(datum) if isinstance(datum, str) else None
    if shift is None:
        raise RefusedError(RefusalReason.UNKNOWN_DATUM, "no shift from this datum to the gauge's")
    return shift, str(sensor.datum or datum)


def _status(item: dict[str, Any]) -> Status:
    given = item.get("status")
    status = _STATUSES.get(given) if isinstance(given, str) else None
    if status is None:
        raise RefusedError(RefusalReason.BAD_FIELD, "status is none of CAP's")
    return status


def _quality(item: dict[str, Any], doubt: Quality | None, *, is_ahead: bool) -> tuple[Quality, ...]:
    found = [] if doubt is None else [doubt]
    if is_ahead:
        found.append(Quality.CLOCK_ERROR)
    if str(item.get("quality") or "").strip().lower() not in _GOOD:
        found.append(Quality.SOURCE_DOUBTS)
    return tuple(sorted(found))
