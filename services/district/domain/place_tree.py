"""The tree of places, with the registered points as its leaves."""

from collections.abc import Iterator

from schemas.place import Place, PlaceLevel, Point
from schemas.rulepack import RulePack


class PlaceTree:
    """Answers what lies in what. Keys are place codes and point ids alike."""

    def __init__(self, pack: RulePack) -> None:
        self._places: dict[str, Place] = {place.code: place for place in pack.places}
        self._points: dict[str, Point] = {point.point_id: point for point in pack.points}
        self._parents: dict[str, str | None] = {
            **{place.code: place.parent for place in pack.places},
            **{point.point_id: point.place for point in pack.points},
        }
        self.district = next(
            place.code for place in pack.places if place.level is PlaceLevel.DISTRICT
        )

    def __contains__(self, key: str) -> bool:
        return key in self._parents

    def name(self, key: str) -> str:
        """Return the name of the place or point *key*, or *key* itself when it is not known."""
        if key in self._places:
            return self._places[key].name
        return self._points[key].name if key in self._points else key

    def upwards(self, key: str) -> Iterator[str]:
        """Yield *key* and what it lies in, up to the district."""
        at: str | None = key
        while at is not None and at in self._parents:
            yield at
            at = self._parents[at]

    def is_within(self, key: str, outer: str) -> bool:
        """Whether *key* is *outer* or lies in it."""
        return outer in self.upwards(key)

    def town_of(self, key: str) -> str | None:
        """Return the town that *key* lies in (itself, if it is one), or None above the towns."""
        for at in self.upwards(key):
            place = self._places.get(at)
            if place is not None and place.level is PlaceLevel.TOWN:
                return at
        return None

    def towns(self) -> tuple[str, ...]:
        """Return the codes of all towns, in order."""
        return tuple(sorted(p.code for p in self._places.values() if p.level is PlaceLevel.TOWN))
