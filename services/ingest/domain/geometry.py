"""Distances and rings on the ground. Positions are WGS84 degrees."""

from collections.abc import Sequence
from math import asin, cos, radians, sin, sqrt

from schemas.area import Position

EARTH_RADIUS_KM = 6371.0088  # the mean radius; the error over a district is metres

Ring = Sequence[Position]


def distance_km(one: Position, other: Position) -> float:
    """Return the great-circle distance (haversine)."""
    north, east = radians(other.lat - one.lat), radians(other.lon - one.lon)
    chord = (
        sin(north / 2) ** 2 + cos(radians(one.lat)) * cos(radians(other.lat)) * sin(east / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))


def is_inside(position: Position, ring: Ring) -> bool:
    """Whether *position* lies in *ring*, closed or not, by counting the edges to its east."""
    inside = False
    before = ring[-1]
    for corner in ring:
        if (corner.lat > position.lat) != (before.lat > position.lat):
            share = (position.lat - corner.lat) / (before.lat - corner.lat)
            if position.lon < corner.lon + share * (before.lon - corner.lon):
                inside = not inside
        before = corner
    return inside


def overlap(one: Ring, other: Ring) -> bool:
    """Whether two rings share ground: a corner of one in the other, or edges that cross."""
    if any(is_inside(corner, other) for corner in one):
        return True
    if any(is_inside(corner, one) for corner in other):
        return True
    return any(
        _cross(a, b, c, d)
        for a, b in zip(one, [*one[1:], one[0]], strict=True)
        for c, d in zip(other, [*other[1:], other[0]], strict=True)
        if _near(a, b, c, d)
    )


def _near(a: Position, b: Position, c: Position, d: Position) -> bool:
    return (
        max(a.lat, b.lat) >= min(c.lat, d.lat)
        and max(c.lat, d.lat) >= min(a.lat, b.lat)
        and max(a.lon, b.lon) >= min(c.lon, d.lon)
        and max(c.lon, d.lon) >= min(a.lon, b.lon)
    )


def _side(a: Position, b: Position, c: Position) -> float:
    return (b.lon - a.lon) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lon - a.lon)


def _cross(a: Position, b: Position, c: Position, d: Position) -> bool:
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def centre(ring: Ring) -> Position:
    """Return the mean of the corners: near enough to say what is nearest."""
    return Position(
        lat=sum(corner.lat for corner in ring) / len(ring),
        lon=sum(corner.lon for corner in ring) / len(ring),
    )
