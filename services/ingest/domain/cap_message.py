"""
A CAP 1.1 or 1.2 message to a `WarningDraft`.

Reading is tolerant where a person would be (order of elements, prefixes, shapes that cannot be
read) and strict where he could not know: without a status nobody can tell a test from the real.
"""

import re
from datetime import datetime, tzinfo
from typing import TypeVar

from lxml import etree

from schemas.cap import MsgType, Status
from schemas.deadletter import RefusalReason
from schemas.event import WarningInfo
from schemas.hazard import Hazard
from schemas.level import Level
from services.ingest.domain.cap_area import read_area
from services.ingest.domain.cap_xml import (
    children,
    decode,
    local_name,
    namespace,
    parse,
    text_of,
    texts_of,
)
from services.ingest.domain.errors import RefusedError
from services.ingest.domain.hazard_words import HazardWords, colour_level, english_level, level_in
from services.ingest.domain.times import instant
from services.ingest.domain.warning_draft import WarningDraft

NAMESPACES = frozenset(
    {"urn:oasis:names:tc:emergency:cap:1.1", "urn:oasis:names:tc:emergency:cap:1.2"}
)
_Word = TypeVar("_Word", Status, MsgType)
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_OVER = re.compile(r"取消|解除|撤销|\bcancell?(?:ed|ation)\b|\ball clear\b", re.IGNORECASE)
_TRIPLE = 3
_NATIONAL_CODE = re.compile(r"11[A-Z]\d\d")


def read_cap(data: bytes, words: HazardWords, zone: tzinfo) -> WarningDraft:
    """
    Return the message in *data*; RefusedError when it is none that can be used.

    A time without an offset, which CAP forbids, is taken to be in *zone*.
    """
    text = decode(data)
    root = parse(text)
    if local_name(root) != "alert" or namespace(root) not in NAMESPACES:
        raise RefusedError(RefusalReason.NOT_CAP_1_1_OR_1_2, "the root is no CAP 1.1 or 1.2 alert")
    identifier, sender = _needed(root, "identifier"), _needed(root, "sender")
    status = _one_of(Status, _needed(root, "status"), "status")
    infos = tuple(_info(element, words, zone) for element in children(root, "info"))
    return WarningDraft(
        identifier=identifier,
        sender=sender,
        sent=instant(_needed(root, "sent"), zone),
        status=status,
        msg_type=_what_it_does(root, _one_of(MsgType, _needed(root, "msgType"), "msgType")),
        scope=text_of(root, "scope") or "Public",
        references=_references(text_of(root, "references"), identifier),
        infos=_agreed(infos),
        signed=root.find(_SIGNATURE) is not None,
        original=text,
    )


def _needed(root: etree._Element, name: str) -> str:
    value = text_of(root, name)
    if not value:
        raise RefusedError(RefusalReason.CAP_INCOMPLETE, f"no {name}")
    return value


def _one_of(kind: type[_Word], word: str, field: str) -> _Word:
    for member in kind:
        if member.value.lower() == word.lower():
            return member
    raise RefusedError(RefusalReason.CAP_INCOMPLETE, f"{field} is none of CAP's")


def _what_it_does(root: etree._Element, msg_type: MsgType) -> MsgType:
    """
    Some authorities end a warning by an Update whose every info says it is over.

    Read as an Update it would go on standing; CAP calls such an info `AllClear`.
    """
    infos = children(root, "info")
    if msg_type is not MsgType.UPDATE or not infos:
        return msg_type
    over = all(
        "AllClear" in texts_of(info, "responseType")
        or _OVER.search(f"{text_of(info, 'event')} {text_of(info, 'headline')}")
        for info in infos
    )
    return MsgType.CANCEL if over else msg_type


def _references(text: str, own: str) -> tuple[str, ...]:
    """Identifiers of "sender,identifier,sent" triples, or bare ones; never the message itself."""
    found: list[str] = []
    for entry in text.split():
        parts = entry.split(",")
        identifier = ",".join(parts[1:-1]) if len(parts) >= _TRIPLE else parts[0]
        if identifier and identifier != own and identifier not in found:
            found.append(identifier)
    return tuple(found)


def _info(element: etree._Element, words: HazardWords, zone: tzinfo) -> WarningInfo:
    event, headline = text_of(element, "event"), text_of(element, "headline")
    codes = _pairs(element, "eventCode")
    national = next((v for _, v in codes if _NATIONAL_CODE.fullmatch(v)), None)
    if national is None and _NATIONAL_CODE.fullmatch(text_of(element, "eventType")):
        national = text_of(element, "eventType")
    parameters = dict(_pairs(element, "parameter"))
    return WarningInfo(
        language=text_of(element, "language") or "en-US",
        event=event,
        event_code=national or (codes[0][1] if codes else None),
        hazard=_hazard(event, headline, national, codes, parameters, words),
        warning_level=_level(element, headline, parameters, words),
        severity=text_of(element, "severity") or None,
        urgency=text_of(element, "urgency") or None,
        certainty=text_of(element, "certainty") or None,
        headline=headline,
        description=text_of(element, "description"),
        instruction=text_of(element, "instruction"),
        sender_name=text_of(element, "senderName"),
        effective=_time(element, "effective", zone),
        onset=_time(element, "onset", zone),
        expires=_time(element, "expires", zone),
        areas=tuple(read_area(area) for area in children(element, "area")),
    )


def _time(element: etree._Element, name: str, zone: tzinfo) -> datetime | None:
    """A time that cannot be read is none: the pack says how long a warning without one stands."""
    text = text_of(element, name)
    try:
        return instant(text, zone) if text else None
    except RefusedError:
        return None


def _pairs(element: etree._Element, name: str) -> list[tuple[str, str]]:
    return [
        (text_of(pair, "valueName"), text_of(pair, "value")) for pair in children(element, name)
    ]


def _hazard(
    event: str,
    headline: str,
    national: str | None,
    codes: list[tuple[str, str]],
    parameters: dict[str, str],
    words: HazardWords,
) -> Hazard:
    same = next((words.same.get(v) for name, v in codes if name.upper() == "SAME"), None)
    awareness = parameters.get("awareness_type", "").partition(";")[0].strip()
    return (
        words.coded(national)
        or words.awareness.get(awareness)
        or words.named(event)
        or words.foreign_hazard(event)
        or same
        or words.named(headline)
        or words.foreign_hazard(headline)
        or Hazard.OTHER
    )


def _level(
    element: etree._Element, headline: str, parameters: dict[str, str], words: HazardWords
) -> Level | None:
    severity = text_of(element, "severity")
    _, _, awareness = parameters.get("awareness_level", "").partition(";")
    return (
        colour_level(awareness.partition(";")[0])
        or level_in(headline)
        or english_level(headline)
        or colour_level(severity)
        or words.severity.get(severity)
    )


def _agreed(infos: tuple[WarningInfo, ...]) -> tuple[WarningInfo, ...]:
    """One message in several languages is about one thing: an info not understood borrows."""
    known = {info.hazard for info in infos} - {Hazard.OTHER}
    if len(known) != 1:
        return infos
    (hazard,) = known
    return tuple(
        info if info.hazard is hazard else info.model_copy(update={"hazard": hazard})
        for info in infos
    )
