"""The area tree and the registered points on it."""

from enum import StrEnum

from pydantic import Field

from schemas.area import Position
from schemas.record import Part


class PlaceLevel(StrEnum):
    """区、镇街、村社、网格: the four layers."""

    DISTRICT = "DISTRICT"
    TOWN = "TOWN"
    VILLAGE = "VILLAGE"
    GRID = "GRID"


class Place(Part):
    """A node of the area tree; *code* is the division code (12 digits), *parent* its parent's."""

    code: str
    name: str
    level: PlaceLevel
    parent: str | None = None
    position: Position | None = None


class PointKind(StrEnum):
    """What is registered: a hazard point, a gauge with its reach, a unit, a part of the city."""

    HAZARD_POINT = "HAZARD_POINT"
    GAUGE = "GAUGE"
    UNIT = "UNIT"
    PART = "PART"


class Point(Part):
    """
    A registered point, unit or risk area.

    *marks* are its own thresholds by name, in thousandths of the unit (a gauge's 警戒 and 保证
    stages in its own *datum*).
    """

    point_id: str
    name: str
    kind: PointKind
    place: str
    position: Position | None = None
    households: int | None = None
    people: int | None = None
    shelter: str | None = None
    datum: str | None = None
    marks: dict[str, int] = Field(default_factory=dict)


class Sensor(Part):
    """
    One instrument at *place* (a place code or a point id).

    *interval_s* is how often it reports; four missing reports are silence (D.0.7). *datum_shift*
    gives, for each datum it may report in, what is added to reach its point's own.
    """

    sensor_id: str
    place: str
    metrics: tuple[str, ...]
    interval_s: int
    position: Position | None = None
    datum: str | None = None
    datum_shift: dict[str, int] = Field(default_factory=dict)
