"""The district's map: what is drawn where, and that it can be read."""

import re

import pytest

from schemas.level import Level
from services.console.domain.district_map import DistrictMap, Drawing
from services.console.domain.views.responses import PlaceMark
from services.demo.stage import PACK
from services.district.load import load_pack


def mark(place: str, level: Level | None, kind: str = "town", lon: float = 106.6) -> PlaceMark:
    """Return a mark in the middle of the district."""
    return PlaceMark(place, f"地点{place}", kind, lat=29.53, lon=lon, level=level)


@pytest.fixture(scope="module")
def chart() -> DistrictMap:
    return DistrictMap(load_pack(PACK), None)


def squares(drawing: Drawing) -> list[tuple[float, float]]:
    """Return where all squares stand."""
    return [
        (float(x), float(y))
        for block in drawing.blocks
        for x, y in re.findall(r"M([\d.]+) ([\d.]+)", block.squares)
    ]


def test_the_worst_is_drawn_last_and_read_out_first(chart: DistrictMap) -> None:
    drawing = chart.drawn([mark("1", Level.I), mark("2", Level.IV, lon=106.7)])

    assert [block.level for block in drawing.blocks] == [Level.IV, Level.I]
    assert [one.place for one in drawing.told] == ["1", "2"]


def test_two_levels_at_one_spot_stand_side_by_side(chart: DistrictMap) -> None:
    drawing = chart.drawn([mark("1", Level.IV), mark("2", Level.IV, kind="gauge")])

    (ax, ay), (bx, by) = squares(drawing)
    assert abs(ax - bx) >= 22 or abs(ay - by) >= 22


def test_the_worse_of_two_keeps_its_place(chart: DistrictMap) -> None:
    alone = chart.drawn([mark("1", Level.I)])
    both = chart.drawn([mark("1", Level.I), mark("2", Level.IV, kind="gauge")])

    assert squares(both)[-1] == squares(alone)[0]


def test_a_village_is_drawn_only_where_something_is_in_force(chart: DistrictMap) -> None:
    drawing = chart.drawn([mark("1", None, "village"), mark("2", Level.III, "village")])

    assert [block.count for block in drawing.blocks] == [1]
    assert (drawing.points, drawing.towns, drawing.ordered) == ("", "", "")
    assert [label.lines[0] for label, _ in drawing.names] == ["地点2"]
