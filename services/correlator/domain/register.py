"""Where things are: the area tree, the points and sensors of a rule pack, and who is inside what."""

from math import asin, cos, radians, sin, sqrt

from schemas.area import Position
from schemas.metric import Metric
from schemas.place import Place, PlaceLevel, Point, Sensor
from schemas.rule import Rule, Scope
from schemas.rulepack import RulePack

_EARTH_M = 6_371_000
_OVER_AN_AREA = frozenset({Metric.RAIN, Metric.WIND})
"""What falls or blows over an area: any sensor inside it speaks for it, at points too."""


class Register:
    """The places of one rule pack. It is built once for each pack and never changed."""

    __slots__ = ("_places", "_sensors_in", "_town_of", "points", "sensors", "towns")

    def __init__(self, pack: RulePack) -> None:
        self._places: dict[str, Place] = {place.code: place for place in pack.places}
        self.points: dict[str, Point] = {point.point_id: point for point in pack.points}
        self.sensors: dict[str, Sensor] = {sensor.sensor_id: sensor for sensor in pack.sensors}
        self.towns = tuple(
            sorted(code for code, at in self._places.items() if at.level is PlaceLevel.TOWN)
        )
        self._town_of: dict[str, str] = {}
        self._sensors_in: dict[str, list[str]] = {}
        for sensor_id in sorted(self.sensors):
            for area in self.chain(self.sensors[sensor_id].place):
                self._sensors_in.setdefault(area, []).append(sensor_id)

    def knows(self, code: str) -> bool:
        """Whether *code* is a place or a point."""
        return code in self._places or code in self.points

    def chain(self, code: str) -> tuple[str, ...]:
        """Return *code* and what it lies in, up to the district; a point lies in its place."""
        found = [code] if self.knows(code) else []
        point = self.points.get(code)
        above = point.place if point is not None else self._parent(code)
        while above is not None and above in self._places and above not in found:
            found.append(above)
            above = self._parent(above)
        return tuple(found)

    def _parent(self, code: str) -> str | None:
        place = self._places.get(code)
        return None if place is None else place.parent

    def town_of(self, code: str) -> str:
        """Return the town that *code* lies in; what lies in no town is its own."""
        town = self._town_of.get(code)
        if town is None:
            # Asked of every response in force at each event, so it is looked up once.
            town = self._town_of[code] = next(
                (at for at in self.chain(code) if at in self.towns), code
            )
        return town

    def towns_at(self, target: str) -> tuple[str, ...]:
        """Return the towns a warning for *target* is about: those in it, or the one it lies in."""
        place = self._places.get(target)
        if place is not None and place.level is PlaceLevel.DISTRICT:
            return tuple(town for town in self.towns if target in self.chain(town))
        town = self.town_of(target)
        return (town,) if town in self.towns else ()

    def lies_in(self, code: str, area: str) -> bool:
        """Whether *code* is *area* or lies in it."""
        return area in self.chain(code)

    def places_of(self, rule: Rule) -> tuple[str, ...]:
        """Return where *rule* is asked."""
        if rule.scope is Scope.TOWN:
            return self.towns
        return tuple(
            sorted(
                point_id
                for point_id, point in self.points.items()
                if point.kind.value == rule.scope.value
                and (rule.points is None or point_id in rule.points)
            )
        )

    def feeding(self, code: str, metric: Metric) -> tuple[str, ...]:
        """
        Return the sensors that speak for *code*: its own, else those of the nearest place it lies in.

        What holds over an area is taken from every sensor inside; anything else only from those
        mounted at the very place.
        """
        for area in self.chain(code):
            place = self._places.get(area)
            if place is not None and place.level is PlaceLevel.DISTRICT and area != code:
                break
            found = tuple(
                sensor_id
                for sensor_id in self._sensors_in.get(area, ())
                if metric in self.sensors[sensor_id].metrics
                and (metric in _OVER_AN_AREA or self.sensors[sensor_id].place == area)
            )
            if found:
                return found
        return ()

    def mounted_at(self, code: str) -> tuple[str, ...]:
        """Return the sensors mounted at *code* itself."""
        return tuple(
            sensor_id
            for sensor_id in self._sensors_in.get(code, ())
            if self.sensors[sensor_id].place == code
        )

    def position_of(self, code: str) -> Position | None:
        """Return where *code* is, as far as that is known."""
        point = self.points.get(code)
        if point is not None:
            return point.position
        place = self._places.get(code)
        return None if place is None else place.position

    def sensor_is_near(self, sensor_id: str, code: str, radius_m: int) -> bool:
        """Whether the sensor is at *code*, or at most *radius_m* from it; unknown is not near."""
        sensor = self.sensors[sensor_id]
        if sensor.place == code:
            return True
        return is_within(self._sensor_position(sensor), self.position_of(code), radius_m)

    def sensors_are_near(self, one_id: str, other_id: str, radius_m: int) -> bool:
        """Whether two sensors are mounted at one place, or at most *radius_m* apart."""
        one, other = self.sensors[one_id], self.sensors.get(other_id)
        if other is None or one.place == other.place:
            return other is not None
        return is_within(self._sensor_position(one), self._sensor_position(other), radius_m)

    def _sensor_position(self, sensor: Sensor) -> Position | None:
        return sensor.position or self.position_of(sensor.place)


def is_within(one: Position | None, other: Position | None, radius_m: int) -> bool:
    """Whether two positions are at most *radius_m* apart; an unknown one never is."""
    return one is not None and other is not None and distance_m(one, other) <= radius_m


def distance_m(one: Position, other: Position) -> float:
    """Return the distance in metres along the earth's surface (haversine)."""
    lat, other_lat = radians(one.lat), radians(other.lat)
    half = sin((other_lat - lat) / 2) ** 2
    half += cos(lat) * cos(other_lat) * sin(radians(other.lon - one.lon) / 2) ** 2
    return 2 * _EARTH_M * asin(sqrt(half))
