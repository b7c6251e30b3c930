"""`places.csv`: the area tree, a division code a line, as the statistics bureau lists them."""

import csv
from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from pathlib import Path

from schemas.area import Position
from schemas.place import Place, PlaceLevel
from services.district.faults import Faults

FILE = "places.csv"
_COLUMNS = ["code", "name", "level", "parent", "lat", "lon"]
_ABOVE = {
    PlaceLevel.TOWN: PlaceLevel.DISTRICT,
    PlaceLevel.VILLAGE: PlaceLevel.TOWN,
    PlaceLevel.GRID: PlaceLevel.VILLAGE,
}
_CODE_DIGITS = 12


def read_places(folder: Path, faults: Faults) -> tuple[tuple[Place, ...], frozenset[str]] | None:
    """
    Return the places of *folder*, and every code that stands there, also in a line with a mistake;
    None, when the file is not there or no such list. What is wrong is noted in *faults*.
    """
    rows = _rows(folder, faults)
    if rows is None:
        return None
    places: dict[str, Place] = {}
    lines: dict[str, int] = {}
    codes = frozenset(row.get("code", "") for _, row in rows)
    for line, row in rows:
        place = _place(row, line, faults) if len(row) == len(_COLUMNS) else None
        if place is None:
            continue
        if place.code in places:
            faults.add(FILE, line, f"place {place.code} stands here twice")
        places[place.code], lines[place.code] = place, line
    for place in places.values():
        _check_parent(place, places, codes, lines[place.code], faults)
    if sum(row.get("level", "").upper() == PlaceLevel.DISTRICT for _, row in rows) != 1:
        faults.add(FILE, 1, "exactly one place has the level district")
    return tuple(places.values()), codes


def _rows(folder: Path, faults: Faults) -> list[tuple[int, dict[str, str]]] | None:
    """Return each line with its values; one that has not as many as columns has fewer."""
    try:
        with (folder / FILE).open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            if header != _COLUMNS:
                faults.add(FILE, 1, _wrong_columns(header))
                if len(header) != len(_COLUMNS) or set(header) == set(_COLUMNS):
                    return None
            rows = []
            for row in reader:
                if len(row) != len(_COLUMNS):
                    faults.add(FILE, reader.line_num, f"{len(row)} columns, not {len(_COLUMNS)}")
                    row = row[:1]  # noqa: PLW2901 - the code alone is known
                rows.append((reader.line_num, dict(zip(_COLUMNS, row, strict=False))))
            return rows
    except FileNotFoundError:
        faults.add(FILE, 1, "the file is missing")
    except (UnicodeDecodeError, csv.Error):
        faults.add(FILE, 1, "the file is not CSV in UTF-8")
    return None


def _wrong_columns(header: list[str]) -> str:
    unknown = [repr(name) for name in header if name not in _COLUMNS]
    found = f"; unknown column {', '.join(unknown)}" if unknown else ""
    return f"the columns are {','.join(_COLUMNS)}{found}"


def _place(row: dict[str, str], line: int, faults: Faults) -> Place | None:
    code, name = row["code"], row["name"].strip()
    try:
        level = PlaceLevel(row["level"].upper())
    except ValueError:
        faults.add(FILE, line, f"level {row['level']!r} is none of district, town, village, grid")
        return None
    if not code.isascii() or not code.isdigit() or len(code) != _CODE_DIGITS or not name:
        faults.add(FILE, line, f"a place has a code of {_CODE_DIGITS} digits and a name")
        return None
    parent = None if level is PlaceLevel.DISTRICT else row["parent"]
    return Place(
        code=code,
        name=name,
        level=level,
        parent=parent,
        position=_position(row, line, faults),
    )


def _position(row: dict[str, str], line: int, faults: Faults) -> Position | None:
    if not row["lat"] and not row["lon"]:
        return None
    try:
        lat, lon = Decimal(row["lat"]), Decimal(row["lon"])
    except InvalidOperation:
        faults.add(FILE, line, f"{row['lat']!r}, {row['lon']!r} is no position")
        return None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):  # noqa: PLR2004 - the globe
        faults.add(FILE, line, f"{lat}, {lon} is not on the globe")
        return None
    return Position(lat=float(lat), lon=float(lon))


def _check_parent(
    place: Place, places: dict[str, Place], codes: Collection[str], line: int, faults: Faults
) -> None:
    above = _ABOVE.get(place.level)
    if above is None:
        return
    parent = places.get(place.parent or "")
    if parent is None:
        if place.parent not in codes:
            faults.add(FILE, line, f"unknown parent {place.parent!r}")
    elif parent.level is not above:
        reason = (
            f"a {place.level.lower()} lies in a {above.lower()}, not in a {parent.level.lower()}"
        )
        faults.add(FILE, line, reason)
