"""
The district's map as shapes: its outline and its marks on a plane, without tiles from anywhere.

Longitudes are shortened by the cosine of the middle latitude: within one district that is true to a
few metres.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from services.console.domain.views.responses import PlaceMark
from services.district.domain.pack import Pack

WIDTH = 640.0
_MARGIN = 24.0
_NAMED = frozenset({"town"})
_KM_OF_A_DEGREE = 111.32


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark where it is drawn. *is_named* says whether its name stands beside it."""

    mark: PlaceMark
    x: float
    y: float
    is_named: bool


class DistrictMap:
    """Made once for a pack. `height` goes with WIDTH; `outline` is an SVG path."""

    def __init__(self, pack: Pack, outline: Mapping[str, Any] | None) -> None:
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

    def placed(self, marks: Iterable[PlaceMark]) -> Sequence[Placed]:
        """
        Return where *marks* are drawn, the worst last, so that it lies on top.

        Towns and registered points are drawn always, villages only where something is in force.
        """
        drawn = [
            mark
            for mark in marks
            if mark.level is not None
            or mark.orders
            or mark.kind not in {"district", "village", "grid"}
        ]
        drawn.sort(key=lambda mark: (mark.level or 0, bool(mark.orders), mark.place))
        return [
            Placed(
                mark,
                *self._at(mark.lon, mark.lat),
                mark.kind in _NAMED or mark.level is not None or bool(mark.orders),
            )
            for mark in drawn
        ]

    def _at(self, lon: float, lat: float) -> tuple[float, float]:
        x = _MARGIN + (lon - self._west) * self._shrink * self._scale
        y = _MARGIN + (self._north - lat) * self._scale
        return round(x, 1), round(y, 1)

    def _path(self, ring: Sequence[tuple[float, float]]) -> str:
        placed = [self._at(lon, lat) for lon, lat in ring]
        kept = [placed[0], *(b for a, b in pairwise(placed) if a != b)]
        return "M" + "L".join(f"{x} {y}" for x, y in kept) + "Z"


def _rings(outline: Mapping[str, Any]) -> list[list[tuple[float, float]]]:
    geometry = outline["features"][0]["geometry"] if "features" in outline else outline
    geometry = geometry.get("geometry", geometry)
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    return [[(lon, lat) for lon, lat, *_ in ring] for polygon in polygons for ring in polygon]
