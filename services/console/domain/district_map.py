"""
The district's map as shapes: its outline and its marks on a plane, without tiles from anywhere.

Longitudes are shortened by the cosine of the middle latitude: within one district that is true to a
few metres.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from schemas.level import Level
from services.console.domain.map_labels import Label, labels
from services.console.domain.views.responses import PlaceMark
from services.district.domain.pack import Pack

WIDTH = 640.0
_MARGIN = 24.0
_NAMED = frozenset({"town"})
_KM_OF_A_DEGREE = 111.32
_BLOCK, _DOT, _POINT = 11.0, 6.0, 3.0
"""Half of what is drawn for a level, for a town or an order, for a point."""
_SQUARE = "m-11-11h22v22h-22z"
_CIRCLE = "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0"
_DISC = "m-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0"
_TRIANGLE = "m0-3l3 6h-6z"
_CROSS = "m-13-12l26 24m0-24l-26 24"
"""From the middle of a mark, as the end of an SVG path."""
_ASIDE = ((0, 0), (0, 23), (23, 0), (0, -23), (-23, 0))
"""Where a square may stand instead of on another; it is 22 wide."""
_MOVED = 60
"""Squares looked at: where there are more, no moving makes them readable."""
_NUMERALS = {
    Level.I: "m0-5v10",
    Level.II: "m-2.5-5v10m5-10v10",
    Level.III: "m-4-5v10m4-10v10m4-10v10",
    Level.IV: "m-5-5v10m3-10l3.5 10 3.5-10",
}
"""
As strokes from the middle of a mark: a browser sets five hundred signs of text one by one, and draws
five hundred strokes of a path at once.
"""


@dataclass(frozen=True, slots=True)
class Block:
    """Every place at one *level*: their squares as one path, and the numerals on them as another."""

    level: Level
    squares: str
    numerals: str
    count: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """
    What is drawn over the outline, each kind as one SVG path, the worst last and on top.

    A thousand places are a handful of elements: a page can be changed ten times a second.
    """

    points: str
    towns: str
    ordered: str
    blocks: tuple[Block, ...]
    names: tuple[tuple[Label, bool], ...]
    """Each name, and whether a response is in force there."""
    told: tuple[PlaceMark, ...]
    """Where something is in force, the worst first: for who hears the map read out."""
    crosses: str
    """Over each place with a dead channel."""
    dead: tuple[PlaceMark, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A mark where it is drawn."""

    mark: PlaceMark
    x: float
    y: float

    @property
    def reach(self) -> float:
        """From its middle to its edge."""
        if self.is_in_force:
            return _BLOCK
        return _DOT if self.mark.orders or self.mark.kind in _NAMED else _POINT

    @property
    def lines(self) -> tuple[str, ...]:
        """Its name, then the orders in force there, then the channels that are dead."""
        mark = self.mark
        if not (mark.kind in _NAMED or self.is_in_force or mark.orders or mark.dead):
            return ()
        cut = f"{'、'.join(mark.dead)}中断" if mark.dead else ""
        return tuple(one for one in (mark.name, " ".join(mark.orders), cut) if one)

    @property
    def is_in_force(self) -> bool:
        """Whether a response is in force there."""
        return self.mark.level is not None


class DistrictMap:
    """Made once for a pack. `height` goes with WIDTH; `outline` is an SVG path."""

    def __init__(self, pack: Pack, outline: Mapping[str, Any] | None) -> None:
        self._placed: dict[str, _Placed] = {}
        rings = _rings(outline) if outline is not None else []
        positions = [one.position for one in pack.rules.places]
        positions += [one.position for one in pack.rules.points]
        points = [point for ring in rings for point in ring]
        points += [(one.lon, one.lat) for one in positions if one is not None]
        points = points or [(0.0, 0.0), (1.0, 1.0)]
        lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
        self._west, self._north = min(lons), max(lats)
        self._shrink = math.cos(math.radians((min(lats) + max(lats)) / 2))
        broad = max((max(lons) - min(lons)) * self._shrink, 1e-6)
        self._scale = (WIDTH - 2 * _MARGIN) / broad
        self.width = WIDTH
        self.height = round((max(lats) - min(lats)) * self._scale + 2 * _MARGIN, 1)
        self.outline = " ".join(self._path(ring) for ring in rings)
        self.km = round(self._scale / _KM_OF_A_DEGREE, 2)
        """How long a kilometre is drawn."""

    def drawn(self, marks: Iterable[PlaceMark]) -> Drawing:
        """
        Return how *marks* are drawn.

        Towns and registered points are drawn always, villages only where something is in force.
        """
        spots = [
            self._place(mark)
            for mark in marks
            if mark.level is not None
            or mark.orders
            or mark.dead
            or mark.kind not in {"district", "village", "grid"}
        ]
        spots.sort(key=lambda spot: (spot.mark.level or 0, bool(spot.mark.orders), spot.mark.place))
        spots = _apart(spots)
        quiet = [spot for spot in spots if not spot.is_in_force]
        named = zip(labels(spots, self.width, self.height), spots, strict=True)
        return Drawing(
            points=_path(_TRIANGLE, (one for one in quiet if one.reach == _POINT)),
            towns=_path(
                _CIRCLE, (one for one in quiet if one.reach == _DOT and not one.mark.orders)
            ),
            ordered=_path(_DISC, (one for one in quiet if one.mark.orders)),
            blocks=tuple(
                _block(level, here)
                for level in Level
                if (here := [one for one in spots if one.mark.level is level])
            ),
            names=tuple((label, spot.is_in_force) for label, spot in named if label is not None),
            told=tuple(one.mark for one in reversed(spots) if one.is_in_force),
            crosses=_path(_CROSS, (one for one in spots if one.mark.dead)),
            dead=tuple(one.mark for one in spots if one.mark.dead),
        )

    def _place(self, mark: PlaceMark) -> _Placed:
        known = self._placed.get(mark.place)
        if known is None or known.mark is not mark:  # compared by what it is, a thousand cost much
            known = self._placed[mark.place] = _Placed(mark, *self._at(mark.lon, mark.lat))
        return known

    def _at(self, lon: float, lat: float) -> tuple[float, float]:
        x = _MARGIN + (lon - self._west) * self._shrink * self._scale
        y = _MARGIN + (self._north - lat) * self._scale
        return round(x, 1), round(y, 1)

    def _path(self, ring: Sequence[tuple[float, float]]) -> str:
        placed = [self._at(lon, lat) for lon, lat in ring]
        kept = [placed[0], *(b for a, b in pairwise(placed) if a != b)]
        return "M" + "L".join(f"{x} {y}" for x, y in kept) + "Z"


def _apart(spots: Sequence[_Placed]) -> list[_Placed]:
    """Return *spots* with squares that would lie on a worse one moved beside it."""
    taken: set[tuple[int, int]] = set()
    worst = [_free(spot, taken) if spot.is_in_force else spot for spot in spots[: -_MOVED - 1 : -1]]
    return [*spots[:-_MOVED], *reversed(worst)]


def _free(spot: _Placed, taken: set[tuple[int, int]]) -> _Placed:
    asides = (replace(spot, x=spot.x + dx, y=spot.y + dy) for dx, dy in _ASIDE)
    found = next((one for one in asides if taken.isdisjoint(_cells(one))), spot)
    taken.update(_cells(found))
    return found


def _cells(spot: _Placed) -> set[tuple[int, int]]:
    """Return the cells, a third of a square wide, that its square lies in."""
    third = 2 * _BLOCK / 3
    return {
        (int((spot.x + dx * third) // third), int((spot.y + dy * third) // third))
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
    }


def _path(shape: str, spots: Iterable[_Placed]) -> str:
    return "".join(f"M{spot.x:g} {spot.y:g}{shape}" for spot in spots)


def _block(level: Level, spots: Sequence[_Placed]) -> Block:
    return Block(
        level,
        squares=_path(_SQUARE, spots),
        numerals=_path(_NUMERALS[level], spots),
        count=len(spots),
    )


def _rings(outline: Mapping[str, Any]) -> list[list[tuple[float, float]]]:
    geometry = outline["features"][0]["geometry"] if "features" in outline else outline
    geometry = geometry.get("geometry", geometry)
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    return [[(lon, lat) for lon, lat, *_ in ring] for polygon in polygons for ring in polygon]
