"""
Traces: how a reading came to ring, across processes that hand nothing on but records.

A record carries no trace context, because the same input must lead to the same bytes. The ids of a
trace and of its spans are hashes of ids that records have anyway, so that each service tells its
part by itself and the parts meet at whoever collects them. A span holds ids and closed words: never
a number, a person, a caller or a text.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Step(StrEnum):
    """The steps from a reading to the ring, each of which is one span."""

    ACCEPT = "ingest accept"
    """Of an event: until it was durable."""
    DECIDE = "correlator decide"
    """Of a decision: until it was durable."""
    OPEN = "dispatcher open callout"
    """Of a callout: from what was decided on it until that was durable."""
    INTEND = "dispatcher intend attempt"
    """Of an attempt: until the intent was durable."""
    REQUEST = "carrier request"
    """Of an attempt: from the request until the carrier's answer."""


@dataclass(frozen=True, slots=True)
class Told:
    """*step* of the thing with the id *of*."""

    step: Step
    of: str

    @property
    def span_id(self) -> int:
        """The id of its span, which is never 0."""
        return _hashed(8, self.step.value, self.of)


@dataclass(frozen=True, slots=True)
class Span:
    """
    A step that is over, in the trace that the id *trace* begins (see `trace_of`).

    *after* is the step that it followed from; *beside* are further ones, of other traces too.
    """

    told: Told
    trace: str
    began: datetime
    ended: datetime
    after: Told | None = None
    beside: Sequence[tuple[str, Told]] = ()
    """Each with its trace."""
    failed: bool = False
    attributes: Mapping[str, str | int] = field(default_factory=dict)


class Traces(Protocol):
    """Where spans go. It neither waits nor raises."""

    def see(self, span: Span) -> None:
        """Take note of *span*."""
        ...


def trace_of(causes: Sequence[str], otherwise: str) -> str:
    """
    Return by which id the trace of something is known that *causes*, events, brought about.

    Each service knows the causes and none their order in the log: it is the least of them. What
    had none, because time passed, begins a trace of its own by the id *otherwise*.
    """
    return min(causes, default=otherwise)


def trace_id(trace: str) -> int:
    """Return the 128 bits that *trace* is known by outside; never 0."""
    return _hashed(16, "trace", trace)


def _hashed(size: int, *parts: str) -> int:
    # Length first: ("a", "bc") and ("ab", "c") are different things.
    said = b"".join(b"%d:%s" % (len(part), part) for part in map(str.encode, parts))
    return int.from_bytes(hashlib.sha256(said).digest()[:size], "big") or 1
