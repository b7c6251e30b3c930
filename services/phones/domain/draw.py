"""
Draws that look random and are a hash: the same seed and labels give the same draw for ever.
"""

import hashlib
from datetime import timedelta

Span = tuple[timedelta, timedelta]
"""The shortest and the longest of a drawn length of time."""


def seconds(shortest: float, longest: float) -> Span:
    """Return the span between two numbers of seconds."""
    return timedelta(seconds=shortest), timedelta(seconds=longest)


def draw(seed: str, *labels: str | int) -> float:
    """Return a number in [0, 1) that depends on *seed* and *labels* alone."""
    return int(_digest(seed, *labels)[:13], 16) / 16**13


def draw_span(span: Span, seed: str, *labels: str | int) -> timedelta:
    """Return a length within *span*, to the millisecond."""
    shortest, longest = span
    extra_ms = (longest - shortest).total_seconds() * 1000 * draw(seed, *labels)
    return shortest + timedelta(milliseconds=round(extra_ms))


def opaque_id(prefix: str, seed: str, *labels: str | int) -> str:
    """Return *prefix* and 32 hexadecimal digits, the shape of the carrier's identifiers."""
    return prefix + _digest(seed, prefix, *labels)[:32]


def _digest(*labels: str | int) -> str:
    return hashlib.sha256("\x1f".join(map(str, labels)).encode()).hexdigest()
