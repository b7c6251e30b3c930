"""Instants as they are written by sensors, foreign authorities and Chinese providers."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from schemas.deadletter import RefusalReason
from services.ingest.domain.errors import RefusedError

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_MILLISECONDS = 100_000_000_000  # as seconds this is the year 5138
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?$")
_FRACTION = re.compile(r"\.\d+(?=$|Z|[+-]\d)")
_SLASHED = re.compile(r"^(\d{4})/(\d{1,2})/(\d{1,2})")
_DASHED = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?=[ T]|$)")
_IN_WORDS = re.compile(
    r"(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})日"
    r"(?P<hour>\d{1,2})[时点:：](?:(?P<minute>\d{1,2})分?)?"
)


def _bad(detail: str) -> RefusedError:
    return RefusedError(RefusalReason.BAD_TIME, detail)


def _in_range(instant: datetime) -> datetime:
    try:
        there = instant.astimezone(UTC)
    except OverflowError:
        raise _bad("outside the years 1990 to 2200") from None
    if not _EARLIEST <= there <= _LATEST:
        raise _bad("outside the years 1990 to 2200")
    return there


def instant_with_offset(text: object) -> datetime:
    """Return the UTC instant of an ISO 8601 text. One without an offset is refused, not guessed."""
    if not isinstance(text, str):
        raise _bad("not a text")
    return _iso_instant(text)


@lru_cache(maxsize=1024)  # many sensors measure at the same instant
def _iso_instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise _bad("not ISO 8601") from None
    if instant.tzinfo is None:
        raise _bad("no offset")
    return _in_range(instant)


def instant(value: object, zone: tzinfo) -> datetime:
    """
    Return the UTC instant of *value* in any form our sources write, in *zone* when it has no offset.

    Forms: ISO 8601, slashes for dashes, no seconds, `.0` behind the seconds, 14 digits, seconds or
    milliseconds since 1970. RefusedError (`bad_time`) otherwise.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _bad("not a time")
    if isinstance(value, int | float):
        return _since_1970(value)
    text = value.strip()
    if found := _DIGITS.fullmatch(text):
        text = "{}-{}-{}T{}:{}:{}".format(*(part or "00" for part in found.groups()))
    elif text.isascii() and text.isdigit():
        return _since_1970(int(text[:20]))
    text = _FRACTION.sub("", text)
    text = _SLASHED.sub(_dashed, text) if "/" in text else _DASHED.sub(_dashed, text)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise _bad("in no form that is known") from None
    return _in_range(read if read.tzinfo else read.replace(tzinfo=zone))


def _dashed(found: re.Match[str]) -> str:
    return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}"


def _since_1970(number: float) -> datetime:
    seconds = number / 1000 if abs(number) >= _MILLISECONDS else number
    try:
        return _in_range(datetime.fromtimestamp(seconds, UTC))
    except (OverflowError, ValueError, OSError):
        raise _bad("not a time since 1970") from None


def instant_in_words(text: str, zone: tzinfo, now: datetime) -> datetime | None:
    """
    Return the first time that *text* tells as 年月日时分, or None.

    A missing year, or year and month, is that of the latest such day not after *now*: whoever
    writes "26日14时30分" means the last 26th.
    """
    found = _IN_WORDS.search(text)
    if found is None:
        return None
    minute = int(found["minute"] or 0)
    today = now.astimezone(zone) + timedelta(minutes=10)
    year, month = found["year"], found["month"]
    candidates = (
        [(int(year), int(month))]
        if year and month
        else [(today.year - back, int(month)) for back in (0, 1)]
        if month
        else [_month_before(today, back) for back in range(3)]
    )
    for in_year, in_month in candidates:
        try:
            read = datetime(
                in_year, in_month, int(found["day"]), int(found["hour"]), minute, tzinfo=zone
            )
            if year or read <= today:
                return _in_range(read)
        except (ValueError, RefusedError):
            continue
    return None


def _month_before(day: datetime, back: int) -> tuple[int, int]:
    months = day.year * 12 + day.month - 1 - back
    return months // 12, months % 12 + 1
