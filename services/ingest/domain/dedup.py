"""What makes two inputs the same (domain.md F.7): the keys that duplicates are known by."""

import re
from collections.abc import Iterable
from datetime import datetime

from schemas.cap import MsgType, Status
from schemas.event import Quality, Reading
from schemas.ids import hash_id

_CHINESE_IDENTIFIER = re.compile(r"\d{14}_\d{14}(_\d+)?")
"""Sender code and Beijing time (domain.md C.3): the same whoever passes the message on."""


def reading_key(reading: Reading, status: Status) -> str:
    """
    Return sensor, metric and the instants: one measurement.

    The same key with the same value is a duplicate; with another value it is the source's
    correction, which is accepted and takes the first one's place in every window. A reading once
    ahead of its time may come again when its time is there; any other doubt is not lifted by
    saying a thing twice.
    """
    valid_at = reading.valid_at.timestamp() if reading.valid_at else ""
    ahead = Quality.CLOCK_ERROR in reading.quality
    return (
        f"{status}|{reading.sensor_id}|{reading.metric}|{reading.occurred_at.timestamp()}"
        f"|{valid_at}|{ahead}"
    )


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


def readings_id(source: str, pairs: Iterable[tuple[int, int]], corrected_at: str = "") -> str:
    """
    Return the event id of readings by (digest of the key, value): the same twice has the same id.

    A correction carries its instant, so that a value set back to what it first was is new.
    """
    return hash_id("readings", source, corrected_at, [list(pair) for pair in pairs])
