"""What the providers' shapes have in common, and how a draft is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from schemas.area import Area, Geocode, Position
from schemas.cap import MsgType, Status
from schemas.event import WarningInfo
from schemas.hazard import Hazard
from schemas.ids import hash_id
from schemas.level import Level
from services.ingest.domain.errors import RefusedError
from services.ingest.domain.hazard_words import HazardWords, level_in
from services.ingest.domain.headline import (
    area_behind,
    area_in,
    headline_of,
    sender_in,
    what_it_does,
)
from services.ingest.domain.times import instant, instant_in_words
from services.ingest.domain.warning_draft import WarningDraft

DIVISION_CODES = "GB/T 2260"
_CODE_DIGITS = 6
_ISSUER_DIGITS = 14


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading needs: the tables, the zone of times without an offset, and now."""

    words: HazardWords
    zone: tzinfo
    now: datetime


@dataclass(frozen=True, slots=True)
class ShapeFields:
    """
    One warning as a provider's fields give it; empty where the shape has no such field.

    *level* is what fields other than the headline say; the headline wins over it, since some
    providers put a word beside it that does not fit. *issued* and the other times are as written.
    """

    original: str
    title: str = ""
    text: str = ""
    identifier: str = ""
    sender: str = ""
    issued: object = None
    effective: object = None
    onset: object = None
    expires: object = None
    kind: str = ""
    event_code: str = ""
    level: Level | None = None
    severity: str = ""
    urgency: str = ""
    certainty: str = ""
    instruction: str = ""
    language: str = "zh-CN"
    msg_type: MsgType | None = None
    status: Status = Status.ACTUAL
    scope: str = "Public"
    references: tuple[str, ...] = ()
    area_name: str = ""
    area_codes: tuple[str, ...] = ()
    polygons: tuple[tuple[Position, ...], ...] = ()
    circles: tuple[tuple[Position, float], ...] = ()


def word(item: Mapping[str, object], *names: str) -> str:
    """Return the first of the fields *names* that has a text or a whole number in it."""
    for name in names:
        value = item.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""


def inner(item: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Return the object under *name*, or an empty one."""
    value = item.get(name)
    return value if isinstance(value, dict) else {}


def stated_type(value: str) -> MsgType | None:
    """Return the message type a field states, in any case; None when it states none."""
    return next((kind for kind in MsgType if kind.value.lower() == value.lower()), None)


def draft(fields: ShapeFields, reader: Reader) -> WarningDraft | None:
    """Return the warning, or None when neither fields nor headline say what it is about."""
    headline = fields.title or headline_of(fields.text)
    hazard = _hazard(fields, headline, reader.words)
    level = level_in(headline) or fields.level or level_in(headline_of(fields.text))
    if hazard is None and level is None:
        return None
    identifier = fields.identifier or hash_id(
        "text", fields.title, fields.text, str(fields.issued or "")
    )
    return WarningDraft(
        identifier=identifier,
        sender=fields.sender or sender_in(headline) or sender_in(headline_of(fields.text)),
        sent=_sent(fields, headline, reader),
        msg_type=what_it_does(headline, fields.text, fields.msg_type),
        status=fields.status,
        scope=fields.scope,
        references=tuple(ref for ref in fields.references if ref != identifier),
        infos=(_info(fields, headline, hazard or Hazard.OTHER, level, reader),),
        original=fields.original,
    )


def _hazard(fields: ShapeFields, headline: str, words: HazardWords) -> Hazard | None:
    return (
        words.named(fields.kind)
        or words.named(headline)
        or words.coded(fields.event_code)
        or words.named(headline_of(fields.text))
    )


def _info(
    fields: ShapeFields, headline: str, hazard: Hazard, level: Level | None, reader: Reader
) -> WarningInfo:
    return WarningInfo(
        language=fields.language,
        event=fields.kind or reader.words.name_in(headline) or headline,
        event_code=fields.event_code or None,
        hazard=hazard,
        warning_level=level,
        severity=fields.severity or None,
        urgency=fields.urgency or None,
        certainty=fields.certainty or None,
        headline=headline,
        description=fields.text,
        instruction=fields.instruction,
        sender_name=fields.sender or sender_in(headline),
        effective=_time(fields.effective, reader.zone),
        onset=_time(fields.onset, reader.zone),
        expires=_time(fields.expires, reader.zone),
        areas=(_area(fields, headline),),
    )


def _area(fields: ShapeFields, headline: str) -> Area:
    """
    The area the fields name, else the headline's, with codes; a code may come from the identifier.

    The identifier begins with the division of whoever issued it. When the headline names a
    smaller area than the issuer's own, that code would be too wide and is left out.
    """
    codes = fields.area_codes
    if not codes and not area_behind(headline):
        codes = _issuer_code(fields.identifier)
    return Area(
        area_desc=fields.area_name or area_in(headline) or area_in(headline_of(fields.text)),
        polygons=fields.polygons,
        circles=fields.circles,
        geocodes=tuple(Geocode(value_name=DIVISION_CODES, value=code) for code in codes),
    )


def _issuer_code(identifier: str) -> tuple[str, ...]:
    issuer, mark, _ = identifier.replace("-", "_").partition("_")
    is_code = issuer.isascii() and issuer.isdigit()
    if mark and is_code and len(issuer) in {_CODE_DIGITS, _ISSUER_DIGITS}:
        return (issuer[:_CODE_DIGITS],)
    return ()


def _sent(fields: ShapeFields, headline: str, reader: Reader) -> datetime:
    """The field's time, else the headline's, the text's, the identifier's; else it is new now."""
    told = _time(fields.issued, reader.zone)
    if told is not None:
        return told
    for text in (headline, fields.text):
        in_words = instant_in_words(text, reader.zone, reader.now)
        if in_words is not None:
            return in_words
    stamp = fields.identifier.partition("_")[2][:14]
    return (_time(stamp, reader.zone) if stamp else None) or reader.now


def _time(value: object, zone: tzinfo) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        return instant(value, zone)
    except RefusedError:
        return None
