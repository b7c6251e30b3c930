"""Where: coordinates, and the area block of a warning under CAP's names."""

from schemas.record import Part


class Position(Part):
    """A WGS84 position in degrees; CAP writes latitude first, GeoJSON longitude first."""

    lat: float
    lon: float


class Geocode(Part):
    """A code with the name of its list, as CAP's geocode."""

    value_name: str
    value: str


class Area(Part):
    """One CAP area. *polygon* is a ring of positions; *circle* a centre and a radius in km."""

    area_desc: str
    polygons: tuple[tuple[Position, ...], ...] = ()
    circles: tuple[tuple[Position, float], ...] = ()
    geocodes: tuple[Geocode, ...] = ()
