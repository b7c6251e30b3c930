"""Warnings in the JSON of Chinese providers: which shape each is, and the list of them in a body."""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.deadletter import RefusalReason
from services.ingest.domain.errors import RefusedError
from services.ingest.domain.shapes import listings, national, portals
from services.ingest.domain.shapes.fields import Reader, ShapeFields, draft, word
from services.ingest.domain.warning_draft import WarningDraft

DEEPEST = 4
"""How deep a list of warnings may lie in a body: `data.page.list` is three."""
_WRAPPERS = ("data", "page", "list", "alerts", "warnings", "alarms", "result", "content")


def entries(body: object, depth: int = 0) -> Iterator[object]:
    """
    Yield each warning in *body*: itself, or the entries of a list however a provider wraps it.

    What is no list and no wrapper is one entry, readable or not.
    """
    if isinstance(body, list):
        for entry in body:
            yield from entries(entry, depth + 1) if depth < DEEPEST else (entry,)
        return
    if isinstance(body, dict) and depth < DEEPEST:
        inner = next((body[name] for name in _WRAPPERS if isinstance(body.get(name), list)), None)
        if inner is None and not _looks_like_a_warning(body):
            inner = next(
                (body[name] for name in _WRAPPERS if isinstance(body.get(name), dict)), None
            )
        if inner is not None:
            yield from entries(inner, depth + 1)
            return
    yield body


def _looks_like_a_warning(body: dict[str, Any]) -> bool:
    return any(name in body for name in ("identifier", "alert", "headline", "title", "text"))


def read_warning(item: object, original: str, reader: Reader) -> WarningDraft:
    """
    Return the warning that *item* is in any shape we know; RefusedError otherwise.

    `unknown_shape` when no shape fits, `unreadable_warning` when one does but neither its fields
    nor its headline say what it is about.
    """
    if not isinstance(item, dict):
        raise RefusedError(RefusalReason.UNKNOWN_SHAPE, "not an object")
    fields = _fields(item, original, reader)
    if fields is None:
        raise RefusedError(RefusalReason.UNKNOWN_SHAPE, "no shape that is known")
    read = draft(fields, reader)
    if read is None:
        raise RefusedError(RefusalReason.UNREADABLE_WARNING, "says neither kind nor colour")
    return read


def _fields(item: Mapping[str, object], original: str, reader: Reader) -> ShapeFields | None:
    for shape in (national.full_message, national.service, national.list_entry):
        if (fields := shape(item, original)) is not None:
            return fields
    for listed in (
        listings.national_centre,
        listings.weather_administration,
        listings.district_office,
        portals.alarm_info,
        portals.numbered,
        portals.coloured_sky,
        portals.q_weather,
        portals.messenger,
        listings.push_channel,
    ):
        if (fields := listed(item, original, reader.words)) is not None:
            return fields
    text = word(item, "text")
    return ShapeFields(original=original, text=text) if text else None
