"""
Which places of ours a warning is for (domain.md D.0.4): its areas ∩ the district.

By code, after padding, where there are codes; town codes differ between issuers, so within the
district the name of a town wins over its code. By name otherwise; by polygon and circle last. A
warning for an unknown part of the district is for all of it: too many woken is the lesser fault.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemas.area import Area, Position
from schemas.event import WarningInfo
from schemas.place import Place, PlaceLevel, Point
from services.ingest.domain.area_codes import DISTRICT, TOWN, covered_prefix
from services.ingest.domain.geometry import Ring, centre, distance_km, is_inside, overlap
from services.ingest.domain.place_forms import bare_form
from services.ingest.domain.place_names import PlaceNames
from services.ingest.domain.provinces import province_of

_DIVISION_LISTS = ("cpeas", "gb/t", "gbt", "gb2260", "adcode", "division", "区划")
"""What names of code lists hold when the list is China's; SAME and FIPS have six digits too."""


@dataclass(frozen=True, slots=True)
class DistrictAreas:
    """
    The district as warnings see it.

    *covering* are the names of what it lies in ("重庆市"); *outline* its own ring, if known;
    *grounds* are positions known to lie in each town.
    """

    district: Place
    towns: tuple[Place, ...]
    villages: Mapping[str, Place]
    names: PlaceNames
    covering: tuple[str, ...] = ()
    outline: Ring | None = None
    grounds: Mapping[str, tuple[Position, ...]] = field(default_factory=dict)

    @property
    def all_towns(self) -> tuple[str, ...]:
        """The codes of every town, in order."""
        return tuple(sorted(town.code for town in self.towns))


def district_areas(
    places: Sequence[Place],
    points: Sequence[Point] = (),
    outlines: Mapping[str, Ring] | None = None,
    covering: Sequence[str] = (),
) -> DistrictAreas:
    """Return what targets are found in; *outlines* are rings by district code, as far as known."""
    district = next(place for place in places if place.level is PlaceLevel.DISTRICT)
    by_code = {place.code: place for place in places}
    grounds: dict[str, list[Position]] = {}
    located = [(place.code, place.position) for place in places]
    located += [(point.place, point.position) for point in points]
    for code, position in located:
        town = _town_of(by_code.get(code), by_code)
        if town is not None and position is not None:
            grounds.setdefault(town.code, []).append(position)
    province = province_of(district.code)
    return DistrictAreas(
        district=district,
        towns=tuple(place for place in places if place.level is PlaceLevel.TOWN),
        villages={p.code: p for p in places if p.level is PlaceLevel.VILLAGE},
        names=PlaceNames(places),
        covering=(*covering, *((province,) if province else ())),
        outline=_outline(district.code, outlines or {}),
        grounds={code: tuple(known) for code, known in grounds.items()},
    )


def _outline(code: str, outlines: Mapping[str, Ring]) -> Ring | None:
    """Outlines come by codes of 6 digits as well as of 12."""
    ring = outlines.get(code) or outlines.get(code[:DISTRICT])
    return ring or None


def _town_of(place: Place | None, by_code: Mapping[str, Place]) -> Place | None:
    while place is not None and place.level is not PlaceLevel.TOWN:
        place = by_code.get(place.parent or "")
    return place


def targets(info: WarningInfo, ours: DistrictAreas) -> tuple[str, ...]:
    """Return the codes of the towns and villages *info* is for; empty when it is for elsewhere."""
    found: set[str] = set()
    for area in info.areas or (Area(area_desc=""),):
        found.update(_of_area(area, info, ours))
    return tuple(sorted(found))


def _of_area(area: Area, info: WarningInfo, ours: DistrictAreas) -> Sequence[str]:
    prefixes = [
        prefix
        for geocode in area.geocodes
        if _is_division_list(geocode.value_name)
        for value in geocode.value.replace("，", ",").split(",")
        if (prefix := covered_prefix(value.strip())) is not None
    ]
    if prefixes:
        return _by_codes(prefixes, area, ours)
    named = _by_names(area, info, ours)
    if named is not None:
        return named
    return _by_shapes(area, ours)


def _is_division_list(name: str) -> bool:
    lowered = name.lower().replace(" ", "")
    return not lowered or any(known in lowered for known in _DIVISION_LISTS)


def _by_codes(prefixes: Sequence[str], area: Area, ours: DistrictAreas) -> Sequence[str]:
    own = ours.district.code[:DISTRICT]
    found: set[str] = set()
    for prefix in prefixes:
        if own.startswith(prefix):
            # A whole-district code beside named towns is the issuer's address, not the area.
            named = ours.names.towns_in(area.area_desc) if prefix == own else ()
            found.update(town.code for town in named)
            if not named:
                return ours.all_towns
        elif prefix.startswith(own):
            found.update(_within(prefix, area, ours))
    return tuple(found)


def _within(prefix: str, area: Area, ours: DistrictAreas) -> Sequence[str]:
    named = [town.code for town in ours.names.towns_in(area.area_desc)]
    if named:
        return named
    if prefix in ours.villages:
        return (prefix,)
    known = [town.code for town in ours.towns if town.code[:TOWN] == prefix[:TOWN]]
    return known or ours.all_towns


def _by_names(area: Area, info: WarningInfo, ours: DistrictAreas) -> Sequence[str] | None:
    """None when the words say nothing about where; then the shapes are asked."""
    said = area.area_desc
    towns = [town.code for town in ours.names.towns_in(said)]
    around = f"{said} {info.sender_name} {info.headline}"
    if _names_district(around, ours):
        return towns or ours.all_towns
    tokens = [token for token in said.replace("，", "、").replace(",", "、").split("、") if token]
    if tokens and all(ours.names.exactly(token.strip()) for token in tokens):
        # A name that several places here have is not told apart; all of them are warned.
        return [place.code for token in tokens for place in ours.names.exactly(token.strip())]
    if said.strip() in ours.covering:
        return ours.all_towns
    return None


def _names_district(text: str, ours: DistrictAreas) -> bool:
    bare = bare_form(ours.district)
    return ours.district.name in text or (bare is not None and text.strip().startswith(bare))


def _by_shapes(area: Area, ours: DistrictAreas) -> Sequence[str]:
    hit = [
        code
        for code, known in ours.grounds.items()
        if any(_covers(area, position) for position in known)
    ]
    if hit or ours.outline is None:
        return hit
    touched = [ring for ring in area.polygons if overlap(ring, ours.outline)]
    middles = [centre(ring) for ring in touched]
    middles += [middle for middle, radius_km in area.circles if _touches(middle, radius_km, ours)]
    if not middles:
        return ()
    if not ours.grounds:
        return ours.all_towns
    return [_nearest_town(middle, ours) for middle in middles]


def _covers(area: Area, position: Position) -> bool:
    return any(is_inside(position, ring) for ring in area.polygons) or any(
        distance_km(middle, position) <= radius_km for middle, radius_km in area.circles
    )


def _touches(middle: Position, radius_km: float, ours: DistrictAreas) -> bool:
    ring = ours.outline or ()
    return is_inside(middle, ring) or any(
        distance_km(middle, corner) <= radius_km for corner in ring
    )


def _nearest_town(middle: Position, ours: DistrictAreas) -> str:
    return min(
        (distance_km(middle, position), code)
        for code, known in ours.grounds.items()
        for position in known
    )[1]
