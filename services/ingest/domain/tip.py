"""A report to the 12350 hotline as it is told: what, when, and where as far as it is certain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from schemas.area import Position
from schemas.deadletter import RefusalReason
from schemas.place import Place
from services.ingest.domain.area_codes import covered_prefix
from services.ingest.domain.caller_identity import Caller, read_caller, without_identity
from services.ingest.domain.cap_area import in_bounds
from services.ingest.domain.errors import RefusedError
from services.ingest.domain.geometry import distance_km
from services.ingest.domain.place_names import MOST_CANDIDATES, PlaceFound, PlaceNames
from services.ingest.domain.times import instant

LONGEST_TEXT = 4000
LONGEST_ID = 100
NEAR_KM = 1.0
"""Within this of a place whose position is known, coordinates are taken to be in it."""
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class TipTold:
    """
    One telling. *tip_id* is given when it is told again; then everything else may be missing.

    *text* has no numbers left in it; *where* is the place in words, which may be in the text too.
    """

    tip_id: str | None
    text: str
    occurred_at: datetime | None
    caller: Caller | None
    code: str | None
    where: str
    position: Position | None
    exercise: bool = False


def read_tip(item: object, zone: tzinfo) -> TipTold:
    """Return what *item* tells; RefusedError when it tells nothing that can be used."""
    if not isinstance(item, dict):
        raise RefusedError(RefusalReason.BAD_FIELD, "not an object")
    tip_id, text, told_at = item.get("tip_id"), item.get("text"), item.get("occurred_at")
    if tip_id is not None and not (isinstance(tip_id, str) and 0 < len(tip_id) <= LONGEST_ID):
        raise RefusedError(RefusalReason.BAD_FIELD, "tip_id")
    if text is not None and not (isinstance(text, str) and len(text) <= LONGEST_TEXT):
        raise RefusedError(RefusalReason.BAD_FIELD, "text")
    if tip_id is None and not (text and text.strip()):
        raise RefusedError(RefusalReason.MISSING_FIELD, "text")
    if tip_id is None and told_at is None:
        raise RefusedError(RefusalReason.MISSING_FIELD, "occurred_at")
    if item.get("status") not in {None, "Actual", "Exercise"}:
        raise RefusedError(RefusalReason.BAD_FIELD, "status")
    caller = read_caller(item.get("caller"))
    code, where, position = _where(item)
    return TipTold(
        tip_id=tip_id,
        text=without_identity(text or "", caller),
        occurred_at=instant(told_at, zone) if told_at is not None else None,
        caller=caller,
        code=code,
        where=without_identity(where, caller),
        position=position,
        exercise=item.get("status") == "Exercise",
    )


def _where(item: Mapping[str, object]) -> tuple[str | None, str, Position | None]:
    """The place as text, code or coordinates: in `place` itself, inside it, or beside it."""
    place = item.get("place")
    told: Mapping[str, object] = place if isinstance(place, dict) else item
    code, where = told.get("code"), told.get("text") if told is place else None
    if isinstance(place, int) and not isinstance(place, bool):
        place = str(place)
    if isinstance(place, str):
        code, where = (place, None) if covered_prefix(place.strip()) else (code, place)
    if isinstance(code, int) and not isinstance(code, bool):
        code = str(code)
    if not (code is None or isinstance(code, str)) or not (where is None or isinstance(where, str)):
        raise RefusedError(RefusalReason.BAD_FIELD, "place")
    return code.strip() if code else None, where or "", _position(told)


def _position(told: Mapping[str, object]) -> Position | None:
    lat, lon = told.get("lat"), told.get("lon")
    if lat is None and lon is None:
        return None
    if isinstance(lat, int | float) and isinstance(lon, int | float):
        position = in_bounds(float(lat), float(lon))
        if position is not None:
            return position
    raise RefusedError(RefusalReason.BAD_FIELD, "lat, lon")


def locate(
    told: TipTold, names: PlaceNames, by_code: Mapping[str, Place], located: Sequence[Place]
) -> PlaceFound:
    """
    Return where it is: by its code, the place in words, coordinates, then the text's own words.

    *located* are the places with a position. An unknown code finds nothing; it does not fail.
    """
    if told.code is not None:
        place = by_code.get(told.code.ljust(12, "0"))
        return PlaceFound(place=place) if place is not None else PlaceFound()
    for words in (told.where, f"{told.where}{told.text}"):
        found = names.find(words)
        if found.place is not None:
            return found
    if told.position is not None:
        return _by_position(told.position, located)
    return names.find(told.where or told.text)


def _by_position(position: Position, located: Sequence[Place]) -> PlaceFound:
    near = sorted(
        (distance_km(position, place.position), place.code, place)
        for place in located
        if place.position is not None
    )
    if near and near[0][0] <= NEAR_KM:
        return PlaceFound(place=near[0][2])
    return PlaceFound(
        candidates=tuple(place for _, _, place in near[: min(_NEAREST, MOST_CANDIDATES)])
    )
