"""The shapes of weather portals and commercial services that pass warnings on."""

from collections.abc import Mapping

from schemas.level import Level
from services.ingest.domain.hazard_words import HazardWords, colour_level
from services.ingest.domain.shapes.fields import ShapeFields, inner, stated_type, word

_TWO_DIGIT_LEVELS = {"01": Level.IV, "02": Level.III, "03": Level.II, "04": Level.I}
_FOUR = 4


def alarm_info(item: Mapping[str, object], original: str, words: HazardWords) -> ShapeFields | None:
    """weather.com.cn, names in capitals: SIGNALTYPE, SIGNALLEVEL, ISSUETIME, RELIEVETIME."""
    if not {"SIGNALTYPE", "ISSUETIME"} <= item.keys():
        return None
    place = [word(item, name) for name in ("PROVINCE", "CITY", "STATIONNAME")]
    return ShapeFields(
        original=original,
        identifier=word(item, "identifier", "ALERTID"),
        title=word(item, "head"),
        text=word(item, "ISSUECONTENT"),
        issued=word(item, "ISSUETIME"),
        expires=word(item, "RELIEVETIME"),
        kind=word(item, "SIGNALTYPE") or words.short_types.get(word(item, "TYPECODE"), ""),
        level=colour_level(word(item, "SIGNALLEVEL"))
        or _TWO_DIGIT_LEVELS.get(word(item, "LEVELCODE")),
        msg_type=stated_type(word(item, "msgType")),
        references=tuple(word(item, "references").split()),
        area_name="".join(dict.fromkeys(name for name in place if name)),
    )


def numbered(item: Mapping[str, object], original: str, words: HazardWords) -> ShapeFields | None:
    """weather.com.cn, the fields numbered w1 to w16."""
    if not {"w5", "w8", "w13"} <= item.keys():
        return None
    return ShapeFields(
        original=original,
        identifier=word(item, "w16", "w10"),
        title=word(item, "w13"),
        text=word(item, "w9"),
        issued=word(item, "w8"),
        expires=word(item, "w15"),
        kind=word(item, "w5") or words.short_types.get(word(item, "w4"), ""),
        level=colour_level(word(item, "w7")) or _TWO_DIGIT_LEVELS.get(word(item, "w6")),
        msg_type=stated_type(word(item, "w14")),
        area_name=_joined(item, "w1", "w2", "w3"),
    )


def coloured_sky(
    item: Mapping[str, object], original: str, words: HazardWords
) -> ShapeFields | None:
    """Caiyun: seconds since 1970, a division code, and two digits each of kind and level."""
    if not {"alertId", "pubtimestamp"} <= item.keys():
        return None
    code = word(item, "code")
    four = len(code) == _FOUR
    return ShapeFields(
        original=original,
        identifier=word(item, "alertId"),
        title=word(item, "title"),
        text=word(item, "description"),
        issued=item.get("pubtimestamp"),
        kind=words.short_types.get(code[:2], "") if four else "",
        level=_TWO_DIGIT_LEVELS.get(code[2:]) if four else None,
        area_name=word(item, "location"),
        area_codes=tuple(code for code in (word(item, "adcode"),) if code),
    )


def q_weather(item: Mapping[str, object], original: str, words: HazardWords) -> ShapeFields | None:
    """QWeather v1 in both of its spellings; it numbers its messages itself and has no area."""
    if not {"issuedTime", "senderName"} <= item.keys():
        return None
    codes = item.get("eventCodes")
    first = codes[0] if isinstance(codes, list) and codes else {}
    event_type, message_type = inner(item, "eventType"), inner(item, "messageType")
    code = word(event_type, "code") or (word(first, "value") if isinstance(first, dict) else "")
    earlier = item.get("relatedAlertIds") or message_type.get("supersedes")
    return ShapeFields(
        original=original,
        identifier=word(item, "id"),
        sender=word(item, "senderName"),
        title=word(item, "headline"),
        text=word(item, "description"),
        issued=word(item, "issuedTime"),
        effective=word(item, "effectiveTime"),
        onset=word(item, "onsetTime"),
        expires=word(item, "expireTime"),
        kind=word(item, "event") or word(event_type, "name") or words.weather_types.get(code, ""),
        level=colour_level(word(inner(item, "color"), "code")),
        severity=word(item, "severity"),
        urgency=word(item, "urgency"),
        certainty=word(item, "certainty"),
        msg_type=stated_type(word(item, "msgType") or word(message_type, "code")),
        references=tuple(str(ref) for ref in earlier) if isinstance(earlier, list) else (),
    )


def messenger(item: Mapping[str, object], original: str, words: HazardWords) -> ShapeFields | None:
    """
    Tencent: detail, type_name, level_name and an `info` of its own that serves as identifier.

    It has no headline; the first sentence of the detail is one.
    """
    if not {"type_name", "detail", "update_time"} <= item.keys():
        return None
    return ShapeFields(
        original=original,
        identifier=word(item, "info"),
        text=word(item, "detail"),
        issued=word(item, "update_time"),
        kind=word(item, "type_name") or words.short_types.get(word(item, "type_code"), ""),
        level=colour_level(word(item, "level_name"))
        or _TWO_DIGIT_LEVELS.get(word(item, "level_code")),
        area_name=_joined(item, "province", "city", "county"),
    )


def _joined(item: Mapping[str, object], *names: str) -> str:
    return "".join(dict.fromkeys(name for field in names if (name := word(item, field))))
