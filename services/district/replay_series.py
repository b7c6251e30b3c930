"""
Rows of a recorded series, and invented values, as the readings of a script. Pure: the rows are
handed in, and times stay offsets from the script's start.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from schemas.metric import SCALE, Metric
from services.district.replay_files import ColumnEntry, InventedEntry, SeriesEntry
from services.district.replay_times import time_after


class SeriesError(ValueError):
    """A series cannot be played; the text says which column or row, and why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One reading, *after* the script's start, as a line of JSON with its time left open."""

    after: timedelta
    text: str


def lines_of(series: SeriesEntry, rows: Iterable[Mapping[str, str]]) -> Iterator[Line]:
    """Yield the readings of *series* in the order of their times."""
    origin = _instant(series.origin, series.format)
    first = _instant(series.first, series.format)
    last = _instant(series.last, series.format)
    lines: list[Line] = []
    for row in rows:
        at = _instant(row.get(series.time, ""), series.format)
        if first <= at <= last:
            for column in series.columns:
                lines += _readings(column, row, at - origin, series.every)
    yield from sorted(lines, key=lambda line: line.after)


def invented_lines(invented: InventedEntry) -> Iterator[Line]:
    """Yield the readings of an invented series."""
    for nth, value in enumerate(invented.spelled_out()):
        after = invented.start + nth * invented.every
        for sensor in invented.sensors:
            yield _line(after, sensor, invented.metric, value, invented.unit)


def _readings(
    column: ColumnEntry, row: Mapping[str, str], after: timedelta, every: timedelta
) -> Iterator[Line]:
    text = row.get(column.column)
    if text is None:
        raise SeriesError(f"no column {column.column!r}")
    if not text:
        return
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise SeriesError(f"{text!r} in the column {column.column!r} is no number") from None
    if column.split is None:
        yield _line(after, column.sensor, column.metric, value, column.unit)
        return
    # The amount fell in the time before the row. Running totals in thousandths keep the parts'
    # sum exactly the amount.
    parts = every // column.split
    total = int(value * SCALE)
    for nth in range(parts):
        part = total * (nth + 1) // parts - total * nth // parts
        at = after - every + (nth + 1) * column.split
        yield _line(at, column.sensor, column.metric, Decimal(part) / SCALE, column.unit)


def _line(after: timedelta, sensor: str, metric: Metric, value: Decimal, unit: str) -> Line:
    fields = {
        "sensor_id": sensor,
        "metric": metric.value,
        "value": "@value",
        "unit": unit,
        "occurred_at": time_after(after),
    }
    # A float would not print 0.1 mm as it was measured in every case; the digits go in as text.
    text = json.dumps(fields, ensure_ascii=False).replace('"@value"', f"{value.normalize():f}")
    return Line(after, text)


def _instant(text: str, how: str) -> datetime:
    try:
        # Only differences of a file's own times are used, so its zone does not matter.
        return datetime.strptime(text, how).replace(tzinfo=UTC)
    except ValueError:
        raise SeriesError(f"{text!r} is not a time written {how}") from None
