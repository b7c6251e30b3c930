"""
The stages between a record and its decisions, in the order they must have.

Decode once; let the fold skip what it has seen, fire the timers that are due, and apply the record;
encode. What cannot be read, or whose handling raises, becomes a dead letter, and the fold goes on
from the state before it: so it must be possible to get that state back.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import orjson
import structlog

from schemas.deadletter import DeadLetter, RefusalReason
from schemas.decision import Decision
from schemas.event import AnyEvent
from schemas.ids import hash_id
from schemas.record import Record
from schemas.topics import Topic
from schemas.wire import SchemaError, decode, encode
from services.correlator.domain import snapshot
from services.correlator.domain.fold import Fold

_log = structlog.get_logger()

SNAPSHOT_EVERY = 1000
"""Records; folding as many again after a start takes well under a second."""

TAIL_BYTES = 32 * 1024 * 1024
"""What is kept to be folded again, at most: a record of 500 readings is 60 kB, so 500 of those."""

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""The log's time before its first readable record."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a record led to: decisions as bytes, or a dead letter."""

    decisions: tuple[bytes, ...] = ()
    dead_letter: bytes | None = None
    made: tuple[Decision, ...] = ()
    """The decisions themselves, for who tells of them."""
    refusal: RefusalReason | None = None
    """Why there is a dead letter."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Of the decisions, for who counts them."""
        return tuple(type(one).__name__ for one in self.made)


class CorrelatorPipeline:
    """
    Bytes of one district's `events.v1` to bytes of its decisions.

    It holds the last snapshot and the records since; `is_due` says when to take the next one.
    """

    def __init__(
        self,
        district: str,
        snapshot_every: int = SNAPSHOT_EVERY,
        tail_bytes: int = TAIL_BYTES,
    ) -> None:
        self._district = district
        self._tail_bytes_at_most = tail_bytes
        self._snapshot_every = snapshot_every
        self._fold = Fold(district)
        self._base = self._dump()
        self._tail: list[bytes] = []
        self._tail_bytes = 0

    @property
    def now(self) -> datetime | None:
        """The log's time; None before its first record."""
        return self._fold.now

    def next_due(self) -> datetime | None:
        """Return when the fold would next decide something by itself, or None."""
        return self._fold.next_due()

    @property
    def is_due(self) -> bool:
        """Whether so much has been folded since the last snapshot that another should be taken."""
        return (
            len(self._tail) >= self._snapshot_every or self._tail_bytes >= self._tail_bytes_at_most
        )

    def take_snapshot(self) -> bytes:
        """Return the state after the last record, as canonical bytes."""
        self._base = self._dump()
        self._tail.clear()
        self._tail_bytes = 0
        return self._base

    def restore(self, snapshot_bytes: bytes) -> bool:
        """Go on from a snapshot; False, and nothing done, when it is of another shape."""
        dumped = orjson.loads(snapshot_bytes)
        if dumped.get("shape") != snapshot.SHAPE:
            return False
        self._fold = snapshot.restore(dumped)
        self._base = snapshot_bytes
        self._tail.clear()
        self._tail_bytes = 0
        return True

    def handle(self, data: bytes, record: Record | None = None) -> Outcome:
        """
        Return what the record *data* leads to; it raises nothing.

        *record* is what *data* decodes to, where that has been handed on.
        """
        try:
            event = cast("AnyEvent", record or decode(Topic.EVENTS, data))
        except SchemaError as error:
            return self._refused(data, RefusalReason.UNREADABLE_RECORD, str(error))
        try:
            decisions = self._fold.apply(event)
            encoded = tuple(encode(decision) for decision in decisions)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next record must be handled
            kind = type(error).__name__
            _log.exception("record_failed", event_id=event.event_id)
            self._go_back()
            return self._refused(data, RefusalReason.HANDLER_FAILED, kind)
        self._tail.append(data)
        self._tail_bytes += len(data)
        self._tell(event, decisions)
        return Outcome(encoded, made=tuple(decisions))

    def refuse(self, data: bytes, why: str) -> Outcome:
        """Return the dead letter for a record that something around the fold failed at."""
        return self._refused(data, RefusalReason.HANDLER_FAILED, why)

    def _go_back(self) -> None:
        """Fold again up to the record before the one that failed: it may have moved half of it."""
        self._fold = snapshot.restore(orjson.loads(self._base))
        for data in self._tail:
            self._fold.apply(cast("AnyEvent", decode(Topic.EVENTS, data)))

    def _dump(self) -> bytes:
        return orjson.dumps(snapshot.dump(self._fold), option=orjson.OPT_SORT_KEYS)

    def _refused(self, data: bytes, reason: RefusalReason, detail: str) -> Outcome:
        return Outcome(dead_letter=self._letter(data, reason, detail), refusal=reason)

    def _letter(self, data: bytes, reason: RefusalReason, detail: str) -> bytes:
        try:
            original, encoding = data.decode(), "utf-8"
        except UnicodeDecodeError:
            original, encoding = b64encode(data).decode(), "base64"
        return encode(
            DeadLetter(
                district=self._district,
                letter_id=hash_id("letter", self._district, Topic.EVENTS.value, original),
                refused_at=self._fold.now or _NO_TIME,
                stage="correlator",
                reason=reason,
                detail=detail,
                media_type="application/json",
                original=original,
                encoding="utf-8" if encoding == "utf-8" else "base64",
            )
        )

    @staticmethod
    def _tell(event: AnyEvent, decisions: Sequence[Decision]) -> None:
        if decisions:
            _log.info("decided", event_id=event.event_id, decisions=len(decisions))
