"""What makes two inputs the same (domain.md F.7): the keys that duplicates are known by."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from schemas.cap import MsgType, Status
from schemas.event import Quality, Reading
from schemas.ids import hash_id
from schemas.metric import Metric

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CHINESE_IDENTIFIER = re.compile(r"\d{14}_\d{14}(_\d+)?")
"""Sender code and Beijing time (domain.md C.3): the same whoever passes the message on."""


SeriesKey: TypeAlias = tuple[Status, str, Metric, datetime | None, bool]
"""Status, sensor, metric, the time a forecast is for, and whether it was ahead of its time."""


def reading_key(reading: Reading, status: Status) -> tuple[SeriesKey, int]:
    """
    Return the series of a reading and the microsecond since 1970 in it: one measurement.

    The same key with the same value is a duplicate; with another value it is the source's
    correction, which is accepted and takes the first one's place in every window. A reading once
    ahead of its time may come again when its time is there; any other doubt is not lifted by
    saying a thing twice.
    """
    ahead = Quality.CLOCK_ERROR in reading.quality
    series = status, reading.sensor_id, reading.metric, reading.valid_at, ahead
    return series, (reading.occurred_at - _EPOCH) // _MICROSECOND


def warning_key(identifier: str, sender: str, sent: datetime, msg_type: MsgType) -> str:
    """
    Return what names one message.

    CAP names a message by sender, identifier and sent: some authorities use an identifier again
    for an update. A national identifier is unique by itself, except that a lift passed on in a
    list keeps that of the warning it ends.
    """
    if _CHINESE_IDENTIFIER.fullmatch(identifier):
        return f"{identifier}|{msg_type is MsgType.CANCEL}"
    return f"{sender}|{identifier}|{sent.timestamp()}"


def tip_key(tip_id: str, place: str | None) -> str:
    """Return what names one telling of a tip: first without, then with its place."""
    return f"{tip_id}|{place or ''}"


def readings_id(source: str, pairs: Sequence[tuple[int, int]], corrected_at: str = "") -> str:
    """
    Return the event id of readings by (digest of the key, value): the same twice has the same id.

    A correction carries its instant, so that a value set back to what it first was is new.
    """
    return hash_id("readings", source, corrected_at, pairs)
