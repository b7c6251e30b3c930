"""
The correlator over the bus: batches of `events.v1` in, decisions out, one transaction for each.

Decisions, dead letters, the position and now and then a snapshot are on disk together or not at
all. After a start the fold is brought up to the committed position without telling anything again.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog

from schemas.topics import Topic
from services.correlator.entrypoints.counting import count
from services.correlator.entrypoints.tracing import tell_decided
from services.correlator.pipeline import CorrelatorPipeline, Outcome
from services.runtime.bus import Bus, BusUnavailableError, Outgoing, Stored, Transaction
from services.runtime.clock import Clock
from services.runtime.consumer import RETRY_AFTER, Consumer
from services.runtime.metrics import Metrics
from services.runtime.traces import Traces

_log = structlog.get_logger()

GROUP = "correlator"
_SPACE = "correlator"
# 32 records of 500 readings keep the loop for less than half a second, and ten small ones for less
# than a millisecond; what waits meanwhile shares the next commit.
_BATCH = 32


class EmbeddedRunner:
    """Runs one district's pipeline for as long as the bus is open. *clock* only waits for the bus."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        district: str,
        pipeline: CorrelatorPipeline,
        metrics: Metrics | None = None,
        traces: Traces | None = None,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._district = district
        self._pipeline = pipeline
        self._metrics = metrics
        self._traces = traces
        self._handled: tuple[int, list[Outcome], bytes | None] | None = None
        self._consumer = Consumer(
            bus, clock, GROUP, Topic.EVENTS, district, self._handle, limit=_BATCH
        )

    @property
    def at_rest(self) -> bool:
        """Whether every durable event has been folded and its decisions are durable."""
        return self._consumer.at_rest

    @property
    def lag(self) -> int:
        """How many durable events have not been folded."""
        return self._consumer.lag

    def next_due(self) -> datetime | None:
        """
        Return when the fold would next decide something by itself, or None.

        It is the log's time: nothing happens until a record has been accepted at or after it.
        """
        return self._pipeline.next_due()

    async def run(self) -> None:
        """Catch up with what was already decided, then decide what comes, until cancelled."""
        await self._catch_up()
        await self._consumer.run()

    async def _catch_up(self) -> None:
        def stored(transaction: Transaction) -> tuple[bytes | None, bytes | None]:
            return (
                transaction.get(_SPACE, f"{self._district}/state"),
                transaction.get(_SPACE, f"{self._district}/offset"),
            )

        while True:
            try:
                state, offset = await self._bus.transact(stored)
                break
            except BusUnavailableError:  # a disk that is full at the start may not stay so
                await self._clock.sleep_until(self._clock.now() + RETRY_AFTER)
        at = 0
        if state is not None and offset is not None and self._pipeline.restore(state):
            at = int(offset)
        decided = await self._bus.position(GROUP, Topic.EVENTS, self._district)
        _log.info("fold_resumed", snapshot_offset=at, position=decided)
        while at < decided:
            limit = min(_BATCH, decided - at)
            for record in await self._bus.read(Topic.EVENTS, self._district, at, limit):
                self._pipeline.handle(record.data, record.record)
                at = record.offset + 1
            if self._pipeline.is_due:
                self._pipeline.take_snapshot()

    async def _handle(self, batch: Sequence[Stored]) -> None:
        began = self._clock.now()
        # A batch whose transaction failed comes again. The fold has moved past it, so what it led
        # to is kept until it is on disk, and never worked out twice.
        if self._handled is None or self._handled[0] != batch[0].offset:
            outcomes = [self._pipeline.handle(record.data, record.record) for record in batch]
            state = self._pipeline.take_snapshot() if self._pipeline.is_due else None
            self._handled = batch[0].offset, outcomes, state
        _, outcomes, state = self._handled
        end = batch[-1].offset + 1

        def effects(transaction: Transaction) -> None:
            for outcome in outcomes:
                for decision in outcome.decisions:
                    transaction.append(Outgoing(Topic.DECISIONS, self._district, decision))
                if outcome.dead_letter is not None:
                    letter = Outgoing(Topic.DEAD_LETTERS, self._district, outcome.dead_letter)
                    transaction.append(letter)
            if state is not None:
                transaction.put(_SPACE, f"{self._district}/state", state)
                transaction.put(_SPACE, f"{self._district}/offset", str(end).encode())
            transaction.commit_position(GROUP, Topic.EVENTS, self._district, end)

        await self._bus.transact(effects)
        self._handled = None
        count(self._metrics, outcomes)
        if self._traces is not None:
            made = [decision for outcome in outcomes for decision in outcome.made]
            tell_decided(self._traces, made, began, self._clock.now())
