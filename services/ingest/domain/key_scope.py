"""What a source's key may speak of (invariant 16): its kinds, its sensors, its area."""

from collections.abc import Iterable

from schemas.place import Sensor
from services.district.domain.pack import SourceKey
from services.district.domain.place_tree import PlaceTree


def names_sensor(source: SourceKey, sensor_id: str) -> bool:
    """Whether the key names *sensor_id*, itself or by a prefix. A key that names none has none."""
    return any(
        sensor_id.startswith(named[:-1]) if named.endswith("*") else sensor_id == named
        for named in source.sensors
    )


def is_in_area(source: SourceKey, place: str, tree: PlaceTree) -> bool:
    """Whether *place*, a place code or a point id, lies in the key's area."""
    return source.area is None or tree.is_within(place, source.area)


def sensors_of(source: SourceKey, sensors: Iterable[Sensor], tree: PlaceTree) -> frozenset[str]:
    """Return the ids of the registered sensors that the key may report."""
    return frozenset(
        sensor.sensor_id
        for sensor in sensors
        if names_sensor(source, sensor.sensor_id) and is_in_area(source, sensor.place, tree)
    )
