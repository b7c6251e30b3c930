"""Registered points and sensors: checked against the places, marks in exact thousandths."""

from collections.abc import Collection, Iterable, Mapping

from schemas.area import Position
from schemas.metric import FACTS, Metric
from schemas.place import Point, PointKind, Sensor
from services.district.document import Document
from services.district.faults import Faults
from services.district.file_types import At
from services.district.pack_files import PointEntry, PointsFile, SensorsFile
from services.district.quantity import Quantity, QuantityError, to_thousandths

_UNIT_OF_MARKS = {PointKind.GAUGE: FACTS[Metric.STAGE].unit}
_METRES = FACTS[Metric.STAGE].unit
_MARK_UNITS = tuple(facts.unit for facts in FACTS.values())


def build_points(
    document: Document, file: PointsFile, places: Collection[str], faults: Faults
) -> tuple[Point, ...]:
    """Return the points of *file*."""
    found: dict[str, Point] = {}
    for at, entry in enumerate(file.points):
        if entry.id in found or entry.id in places:
            document.fault(faults, ("points", at, "id"), f"the id {entry.id!r} is used twice")
        if entry.place not in places:
            document.fault(faults, ("points", at, "place"), f"unknown place {entry.place!r}")
        if entry.kind is PointKind.GAUGE and entry.datum is None:
            document.fault(faults, ("points", at), f"the gauge {entry.id!r} has no datum")
        found[entry.id] = Point(
            point_id=entry.id,
            name=entry.name,
            kind=entry.kind,
            place=entry.place,
            position=position_of(entry.at),
            households=entry.households,
            people=entry.people,
            shelter=entry.shelter,
            datum=entry.datum,
            marks=_marks(document, at, entry, faults),
        )
    return tuple(found.values())


def build_sensors(
    document: Document, file: SensorsFile, keys: Collection[str] | None, faults: Faults
) -> tuple[Sensor, ...]:
    """Return the sensors of *file*; *keys* are the places and points for them, if known."""
    found: dict[str, Sensor] = {}
    for at, entry in enumerate(file.sensors):
        path = ("sensors", at)
        if entry.id in found:
            document.fault(faults, (*path, "id"), f"the id {entry.id!r} is used twice")
        if keys is not None and entry.place not in keys:
            document.fault(faults, (*path, "place"), f"unknown place or point {entry.place!r}")
        seconds = int(entry.every.total_seconds())
        if seconds < 1:
            document.fault(faults, (*path, "every"), "a sensor reports at most once a second")
        if entry.datum is None and any(FACTS[metric].needs_datum for metric in entry.metrics):
            document.fault(
                faults, path, f"the sensor {entry.id!r} measures levels: it needs a datum"
            )
        found[entry.id] = Sensor(
            sensor_id=entry.id,
            place=entry.place,
            metrics=tuple(metric.value for metric in entry.metrics),
            interval_s=seconds,
            position=position_of(entry.at),
            datum=entry.datum,
            datum_shift=_amounts(
                document, (*path, "datum_shift"), entry.datum_shift, (_METRES,), faults
            ),
        )
    return tuple(found.values())


def position_of(at: At | None) -> Position | None:
    """Return *at* as a Position."""
    return None if at is None else Position(lat=at[0], lon=at[1])


def _marks(document: Document, at: int, entry: PointEntry, faults: Faults) -> dict[str, int]:
    unit = _UNIT_OF_MARKS.get(entry.kind)
    units = _MARK_UNITS if unit is None else (unit,)
    return _amounts(document, ("points", at, "marks"), entry.marks, units, faults)


def _amounts(
    document: Document,
    path: tuple[str | int, ...],
    amounts: Mapping[str, Quantity],
    units: Iterable[str],
    faults: Faults,
) -> dict[str, int]:
    """In thousandths of the one of *units* it is written in, else of the first it can become."""
    values: dict[str, int] = {}
    for name, amount in amounts.items():
        wanted = [amount.unit] if amount.unit in units else list(units)
        reason = ""
        for unit in wanted:
            try:
                values[name] = to_thousandths(amount.number, amount.unit, unit)
                break
            except QuantityError as error:
                reason = reason or str(error)
        else:
            document.fault(faults, (*path, name), reason)
    return values
