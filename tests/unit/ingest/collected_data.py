"""The real messages collected beside this repository; absent on most machines."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from schemas.place import Place, PlaceLevel

SHARED = Path(__file__).parents[4] / "shared" / "data"
EXPECTED: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "warnings_expected.yaml").read_text(encoding="utf-8")
)
BEIJING = ZoneInfo("Asia/Shanghai")
LATER = datetime(2026, 11, 22, 12, tzinfo=UTC)


def collected(*parts: str) -> Path:
    """
    The file under shared data; without that folder the test is skipped by name.

    Where the folder is, a file that is missing in it is a failure.
    """
    path = SHARED.joinpath(*parts)
    if not SHARED.exists():
        pytest.skip(f"needs the collected data beside the repository: {'/'.join(parts)}")
    assert path.exists(), f"not among the collected data: {'/'.join(parts)}"
    return path


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def region_places(district: str) -> tuple[Place, ...]:
    """The places of a real district from its division codes."""
    levels = {"district": PlaceLevel.DISTRICT, "town": PlaceLevel.TOWN}
    rows = collected("regions", f"regions_{district}.csv").read_text(encoding="utf-8").splitlines()
    places = []
    for row in rows[1:]:
        code, name, level, parent = row.split(",")
        kind = levels.get(level, PlaceLevel.VILLAGE)
        above = None if kind is PlaceLevel.DISTRICT else parent
        places.append(Place(code=code, name=name, level=kind, parent=above))
    return tuple(places)
