"""The shapes of weather services' lists: what is in force, an entry a warning."""

import re
from collections.abc import Mapping

from schemas.level import Level
from services.ingest.domain.hazard_words import HazardWords, colour_level
from services.ingest.domain.shapes.fields import ShapeFields, stated_type, word

_PICTURE = re.compile(r"p(\d{4})(\d{3})(?:\.png)?$")
_PICTURE_LEVELS = {"001": Level.I, "002": Level.II, "003": Level.III, "004": Level.IV}
_CODE_COLOUR = re.compile(r"(11[A-Z]\d\d)_([a-z]+)$")


def picture(code: str, words: HazardWords) -> tuple[str, Level | None]:
    """Return the name and level of a p-code, "p0002004"; empty where it says neither."""
    found = _PICTURE.search(code)
    if found is None:
        return "", None
    return words.picture_types.get(found[1], ""), _PICTURE_LEVELS.get(found[2])


def national_centre(
    item: Mapping[str, object], original: str, words: HazardWords
) -> ShapeFields | None:
    """The national met centre's list: alertid, issuetime with slashes, title, a picture's name."""
    if not {"alertid", "title", "issuetime"} <= item.keys():
        return None
    kind, level = picture(word(item, "pic"), words)
    return ShapeFields(
        original=original,
        identifier=word(item, "alertid"),
        title=word(item, "title"),
        issued=word(item, "issuetime"),
        kind=kind,
        level=level,
    )


def weather_administration(
    item: Mapping[str, object], original: str, words: HazardWords
) -> ShapeFields | None:
    """
    The met administration's "now" call.

    `severity` there is a colour of its own making ("ORANGE" beside a yellow headline), so it
    comes last.
    """
    if "signaltype" not in item or "title" not in item:
        return None
    _, level = picture(word(item, "type"), words)
    return ShapeFields(
        original=original,
        identifier=word(item, "id"),
        title=word(item, "title"),
        text=word(item, "description"),
        issued=word(item, "effective"),
        kind=word(item, "signaltype"),
        event_code=word(item, "eventType"),
        level=colour_level(word(item, "signallevel"))
        or level
        or colour_level(word(item, "severity")),
        severity=word(item, "severity"),
    )


def district_office(
    item: Mapping[str, object], original: str, words: HazardWords
) -> ShapeFields | None:
    """A district weather office's own list: channelname, cttime, title; lifts are entries too."""
    del words
    if not {"channelname", "cttime", "title"} <= item.keys():
        return None
    number = word(item, "id")
    return ShapeFields(
        original=original,
        identifier=f"{word(item, 'channelname')}-{number}" if number else "",
        title=word(item, "title"),
        text=word(item, "content", "text"),
        issued=word(item, "cttime"),
        sender=word(item, "channelname"),
        area_name=word(item, "channelname"),
    )


def push_channel(
    item: Mapping[str, object], original: str, words: HazardWords
) -> ShapeFields | None:
    """A push service: headline, effective, and a type that is "11B20_yellow" or a p-code."""
    if not {"headline", "effective", "type"} <= item.keys():
        return None
    told = word(item, "type")
    kind, level = picture(told, words)
    coded = _CODE_COLOUR.search(told)
    return ShapeFields(
        original=original,
        identifier=word(item, "id"),
        title=word(item, "headline", "title"),
        text=word(item, "description"),
        issued=word(item, "effective"),
        kind=kind,
        event_code=coded[1] if coded else "",
        level=colour_level(coded[2]) if coded else level,
        msg_type=stated_type(word(item, "msgType")),
    )
