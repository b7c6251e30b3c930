"""Inputs that could not be dealt with, kept whole in `dead-letters.v1`."""

from base64 import b64encode
from dataclasses import asdict

import orjson

from schemas.deadletter import DeadLetter, RefusalReason
from schemas.ids import hash_id
from schemas.topics import Topic
from schemas.wire import SchemaError, encode
from services.dispatcher.domain.inputs import DecisionRead, Input
from services.runtime.bus import Bus, Outgoing, Stored, Transaction
from services.runtime.clock import Clock
from services.runtime.metrics import Metrics

GROUP = "dispatcher"


class DeadLetterFailures:
    """The `Failures` of the dispatcher. A decision that fails is passed over, not read for ever."""

    def __init__(
        self, bus: Bus, clock: Clock, district: str, metrics: Metrics | None = None
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._district = district
        self._metrics = metrics

    async def keep(self, what: Input, error: Exception) -> None:
        """Keep *what* as a dead letter; where it was a decision, go on behind it."""
        read_offset: int | None = None
        if isinstance(what, DecisionRead):
            original, read_offset = encode(what.decision), what.offset
        else:
            original = orjson.dumps(asdict(what))
        letter = self._letter(original, RefusalReason.HANDLER_FAILED, type(error).__name__)
        await self._append(letter, read_offset)

    async def keep_unreadable(self, stored: Stored, error: SchemaError) -> None:
        """Keep a record that is no decision, whole; the next decision's commit goes behind it."""
        letter = self._letter(stored.data, RefusalReason.UNREADABLE_RECORD, str(error))
        await self._append(letter, None)

    def _letter(self, original: bytes, reason: RefusalReason, detail: str) -> DeadLetter:
        try:
            text, encoding = original.decode(), "utf-8"
        except UnicodeDecodeError:
            text, encoding = b64encode(original).decode(), "base64"
        return DeadLetter(
            district=self._district,
            letter_id=hash_id("letter", text),
            refused_at=self._clock.now(),
            stage="dispatcher",
            reason=reason,
            detail=detail,
            media_type="application/json",
            original=text,
            encoding="base64" if encoding == "base64" else "utf-8",
        )

    async def _append(self, letter: DeadLetter, read_offset: int | None) -> None:
        def work(tx: Transaction) -> None:
            tx.append(Outgoing(Topic.DEAD_LETTERS, self._district, encode(letter)))
            if read_offset is not None:
                tx.commit_position(GROUP, Topic.DECISIONS, self._district, read_offset + 1)

        await self._bus.transact(work)
        if self._metrics is not None:
            self._metrics.dead_letters.labels(letter.stage, letter.reason.value).inc()
