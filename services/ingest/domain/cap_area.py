"""The area of a CAP message: polygons, circles and geocodes, as far as they can be read."""

from math import isfinite

from lxml import etree

from schemas.area import Area, Geocode, Position
from services.ingest.domain.cap_xml import children, text_of, texts_of

_CORNERS = 3
_HALF_EARTH_KM = 20_100


def read_area(element: etree._Element) -> Area:
    """Return the area; a shape that cannot be read is left out, its name and codes still say where."""
    return Area(
        area_desc=text_of(element, "areaDesc"),
        polygons=tuple(ring for text in texts_of(element, "polygon") if (ring := polygon(text))),
        circles=tuple(disc for text in texts_of(element, "circle") if (disc := circle(text))),
        geocodes=tuple(
            Geocode(value_name=text_of(code, "valueName"), value=text_of(code, "value"))
            for code in children(element, "geocode")
        ),
    )


def polygon(text: str) -> tuple[Position, ...]:
    """Return the ring of "lat,lon lat,lon ..."; empty when it is none."""
    corners = [position(pair) for pair in text.split()]
    ring = tuple(corner for corner in corners if corner is not None)
    return ring if len(ring) == len(corners) and len(ring) >= _CORNERS else ()


def circle(text: str) -> tuple[Position, float] | None:
    """Return centre and radius in km of "lat,lon radius"."""
    centre, _, radius = text.strip().partition(" ")
    middle = position(centre)
    try:
        radius_km = float(radius)
    except ValueError:
        return None
    if middle is None or not 0 <= radius_km <= _HALF_EARTH_KM:
        return None
    return middle, radius_km


def position(pair: str) -> Position | None:
    """Return the position of "lat,lon", or None. A ring over the date line goes on beyond 180."""
    lat, _, lon = pair.partition(",")
    try:
        return in_bounds(float(lat), float(lon), most_lon=360)
    except ValueError:
        return None


def in_bounds(lat: float, lon: float, most_lon: float = 180) -> Position | None:
    """Return the position if it is one on the Earth."""
    if not (isfinite(lat) and isfinite(lon)):
        return None
    if not (-90 <= lat <= 90 and -most_lon <= lon <= most_lon):  # noqa: PLR2004 - the poles
        return None
    return Position(lat=lat, lon=lon)
