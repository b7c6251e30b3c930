"""
Instants and spans as integers, inside the fold only.

Windows compare and subtract instants a hundred thousand times a second; microseconds since 1970
are exact there, and are turned back into instants where a decision is written.
"""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECONDS_A_DAY = 86_400
_MICROSECONDS = 1_000_000


def to_us(at: datetime) -> int:
    """Return the microseconds from 1970 to *at*."""
    since = at - _EPOCH
    return (since.days * _SECONDS_A_DAY + since.seconds) * _MICROSECONDS + since.microseconds


def from_us(at_us: int) -> datetime:
    """Return the instant *at_us* microseconds after 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=at_us)


def span_us(span: timedelta) -> int:
    """Return the microseconds of *span*."""
    return span // _MICROSECOND
