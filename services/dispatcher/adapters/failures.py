"""Inputs that could not be dealt with, kept whole in `dead-letters.v1`."""

from dataclasses import asdict

import orjson

from schemas.deadletter import DeadLetter, RefusalReason
from schemas.ids import hash_id
from schemas.topics import Topic
from schemas.wire import encode
from services.dispatcher.domain.inputs import DecisionRead, Input
from services.runtime.bus import Bus, Outgoing, Transaction
from services.runtime.clock import Clock

GROUP = "dispatcher"


class DeadLetterFailures:
    """The `Failures` of the dispatcher. A decision that fails is passed over, not read for ever."""

    def __init__(self, bus: Bus, clock: Clock, district: str) -> None:
        self._bus = bus
        self._clock = clock
        self._district = district

    async def keep(self, what: Input, error: Exception) -> None:
        """Keep *what* as a dead letter; where it was a decision, go on behind it."""
        if isinstance(what, DecisionRead):
            original = encode(what.decision).decode()
        else:
            original = orjson.dumps(asdict(what)).decode()
        letter = DeadLetter(
            district=self._district,
            letter_id=hash_id("letter", original),
            refused_at=self._clock.now(),
            stage="dispatcher",
            reason=RefusalReason.HANDLER_FAILED,
            detail=type(error).__name__,
            media_type="application/json",
            original=original,
        )

        def work(tx: Transaction) -> None:
            tx.append(Outgoing(Topic.DEAD_LETTERS, self._district, encode(letter)))
            if isinstance(what, DecisionRead):
                tx.commit_position(GROUP, Topic.DECISIONS, self._district, what.offset + 1)

        await self._bus.transact(work)
