"""The shapes of the national warning platform (12379): the full message, the service's, the list's."""

import re
from collections.abc import Mapping

from schemas.area import Position
from schemas.cap import Status
from schemas.deadletter import RefusalReason
from services.ingest.domain.cap_area import circle, polygon
from services.ingest.domain.errors import RefusedError
from services.ingest.domain.hazard_words import colour_level
from services.ingest.domain.shapes.fields import ShapeFields, inner, stated_type, word

_SEPARATORS = re.compile(r"[\s,，;；]+")


def full_message(item: Mapping[str, object], original: str) -> ShapeFields | None:
    """
    The message as the national system sends it (domain.md C.3), with or without `alert` round it.

    `severity` carries the colour; onset, expires and polygon may be empty.
    """
    alert = inner(item, "alert") or item
    infos = alert.get("info")
    first = infos[0] if isinstance(infos, list) and infos else infos
    if not isinstance(first, dict) or not word(alert, "identifier"):
        return None
    areas = first.get("area")
    listed = areas if isinstance(areas, list) else [areas]
    found = [area for area in listed if isinstance(area, dict)]
    return ShapeFields(
        original=original,
        identifier=word(alert, "identifier"),
        sender=word(alert, "sender"),
        title=word(first, "headline"),
        text=word(first, "description"),
        instruction=word(first, "instruction"),
        issued=word(alert, "sendTime", "sent"),
        effective=word(first, "effective"),
        onset=word(first, "onset"),
        expires=word(first, "expires"),
        kind=word(first, "eventTypeCN", "event"),
        event_code=word(first, "eventType", "eventCode"),
        level=colour_level(word(first, "severity")),
        severity=word(first, "severity"),
        urgency=word(first, "urgency"),
        certainty=word(first, "certainty"),
        language=word(first, "language") or "zh-CN",
        msg_type=stated_type(word(alert, "msgType")),
        status=_status(word(alert, "status")),
        scope=word(alert, "scope") or "Public",
        references=_references(word(alert, "references")),
        area_name="、".join(name for area in found if (name := word(area, "areaDesc"))),
        area_codes=tuple(
            code for area in found for code in _SEPARATORS.split(word(area, "geocode")) if code
        ),
        polygons=tuple(ring for area in found if (ring := polygon(word(area, "polygon")))),
        circles=_circles(found),
    )


def _circles(areas: list[dict[str, object]]) -> tuple[tuple[Position, float], ...]:
    return tuple(disc for area in areas if (disc := circle(word(area, "circle"))))


def _status(text: str) -> Status:
    """Nobody may take an unknown status for the real thing, nor an exercise for none."""
    if not text:
        return Status.ACTUAL
    for status in Status:
        if status.value.lower() == text.lower():
            return status
    raise RefusedError(RefusalReason.UNREADABLE_WARNING, "status is none of CAP's")


def _references(text: str) -> tuple[str, ...]:
    """Identifiers alone, or CAP's triples: what has a sender's code and a time is an identifier."""
    entries = text.split()
    triples = [entry.split(",") for entry in entries]
    if triples and all(len(parts) == 3 for parts in triples):  # noqa: PLR2004 - CAP's triple
        return tuple(parts[1] for parts in triples)
    return tuple(part for part in _SEPARATORS.split(text) if part)


def service(item: Mapping[str, object], original: str) -> ShapeFields | None:
    """A government service's JSON: flat, with `eventTypeCN` and `referencesInfo`."""
    if "eventTypeCN" not in item or "headline" not in item:
        return None
    return ShapeFields(
        original=original,
        identifier=word(item, "identifier"),
        sender=word(item, "sender"),
        title=word(item, "headline"),
        text=word(item, "description"),
        issued=word(item, "sendTime", "effective"),
        effective=word(item, "effective"),
        expires=word(item, "expires"),
        kind=word(item, "eventTypeCN").removesuffix("事件"),
        event_code=word(item, "eventType"),
        level=colour_level(word(item, "severity")),
        severity=word(item, "severity"),
        msg_type=stated_type(word(item, "msgType")),
        references=_references(word(item, "referencesInfo")),
    )


def list_entry(item: Mapping[str, object], original: str) -> ShapeFields | None:
    """An entry of the 12379 list: identifier, headline, description, sendTime."""
    if not {"identifier", "headline", "sendTime"} <= item.keys():
        return None
    return ShapeFields(
        original=original,
        identifier=word(item, "identifier"),
        title=word(item, "headline"),
        text=word(item, "description"),
        issued=word(item, "sendTime"),
        sender=word(item, "sender"),
        msg_type=stated_type(word(item, "msgType")),
        references=_references(word(item, "references")),
    )
