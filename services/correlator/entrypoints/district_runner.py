"""
One district's fold where records are delivered at least once and nothing is one transaction.

The order is: compute, publish and wait until it is durable, write state, and only then let the
records be forgotten. Whatever is lost between two of these is done again, and is the same: a record
that was folded is skipped, and a decision that was told is known by its id. What has been told is
asked of the topic it was told to, so that it makes no difference here who delivers the records, or
whether what he takes for dealt with really was.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import ParamSpec, TypeVar, cast

import structlog

from schemas.decision import Decision
from schemas.topics import Topic
from schemas.wire import decode
from services.correlator.adapters.kept_state import Kept, KeptState
from services.correlator.entrypoints.counting import count
from services.correlator.entrypoints.tracing import tell_decided
from services.correlator.entrypoints.untold import Untold, records_of
from services.correlator.pipeline import CorrelatorPipeline
from services.correlator.ports import Log
from services.runtime.bus import BusUnavailableError, Stored
from services.runtime.clock import Clock
from services.runtime.consumer import RETRY_AFTER
from services.runtime.metrics import Metrics
from services.runtime.traces import Traces

_log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

_READ = 256
"""Records read at once when there is something to catch up with."""

_BATCH = 32
"""Records between two looks at the loop: of 500 readings, they keep it for less than half a second."""


class DistrictRunner:
    """
    Runs one district's pipeline over a log. *clock* waits for a log that is away, and times what
    *traces* are told; nothing is decided by it.
    """

    def __init__(
        self,
        log: Log,
        state: KeptState,
        clock: Clock,
        district: str,
        pipeline: CorrelatorPipeline,
        metrics: Metrics | None = None,
        traces: Traces | None = None,
    ) -> None:
        self._records = log
        self._state = state
        self._clock = clock
        self._district = district
        self._pipeline = pipeline
        self._metrics = metrics
        self._traces = traces
        self._resumed = False
        self._folded_to = 0
        self._untold = Untold(district)
        self._one_at_a_time = asyncio.Lock()
        self._waits_for_log = False

    @property
    def at(self) -> int:
        """The offset before which every record is dealt with, its decisions durable."""
        begin = self._untold.begin
        return self._folded_to if begin is None else begin

    @property
    def waits_for_log(self) -> bool:
        """Whether only time can help."""
        return self._waits_for_log

    def next_due(self) -> datetime | None:
        """Return when the fold would next decide something by itself, or None: it is log time."""
        return self._pipeline.next_due()

    async def resume(self) -> None:
        """
        Fold what there is, from where it stands (at first the kept snapshot) to the log's end.

        What has been told before is not told again, whoever told it: the newest decision in the log
        says how far that goes.
        """
        async with self._one_at_a_time:
            await self._resume()

    async def handle(self, records: Sequence[Stored]) -> None:
        """Return once the decisions of *records*, which are of this district, are durable."""
        async with self._one_at_a_time:
            if not self._resumed:
                await self._resume()
            await self._decide(records)

    async def refuse(self, records: Sequence[Stored], why: str) -> None:
        """Keep *records* as dead letters: it is not known what they would have led to."""
        refused = [self._pipeline.refuse(record.data, why) for record in records]
        letters = [found for outcome in refused for found in records_of(outcome, self._district)]
        await self._asked(self._records.publish, letters)
        count(self._metrics, refused)

    def pass_by(self, offset: int) -> None:
        """Take note that all records before *offset* that were of this district have been handled."""
        if self._untold.begin is None:
            self._folded_to = max(self._folded_to, offset)

    async def _resume(self) -> None:
        if not self._resumed:
            self._restore()
        begin = self._folded_to
        self._untold.hold(await self._newest_told())
        end = await self._asked(self._records.end, Topic.EVENTS, self._district)
        while self._folded_to < end:
            batch = await self._asked(
                self._records.read, Topic.EVENTS, self._district, self._folded_to, _READ
            )
            if not batch:
                # The rest of the partition is other districts'.
                self._folded_to = end
                break
            for at in range(0, len(batch), _BATCH):
                await self._decide(batch[at : at + _BATCH])
                await asyncio.sleep(0)
        # Where the newest one told has not been met by now, it lies behind where this began.
        self._untold.hold(None)
        await self._decide(())
        self._resumed = True
        _log.info("fold_resumed", district=self._district, begin=begin, end=self._folded_to)

    def _restore(self) -> None:
        kept = self._state.read()
        if kept is not None and self._pipeline.restore(kept.snapshot):
            self._folded_to = kept.offset

    async def _newest_told(self) -> Decision | None:
        found = await self._asked(self._records.newest, Topic.DECISIONS, self._district)
        if not found:
            return None
        return cast("Decision", found[0].record or decode(Topic.DECISIONS, found[0].data))

    async def _decide(self, records: Sequence[Stored]) -> None:
        began = self._clock.now()
        for record in records:
            if record.offset < self._folded_to:
                continue
            outcome = self._pipeline.handle(record.data, record.record)
            self._untold.add(record.offset, outcome, self._pipeline.now)
            self._folded_to = record.offset + 1
        if not self._untold.is_held:
            # What a cancelled call left untold goes out with the next, before what came later.
            await self._tell(began)
        if self._pipeline.is_due:
            self._keep()

    async def _tell(self, began: datetime) -> None:
        outcomes = self._untold.outcomes
        if not outcomes:
            return
        await self._asked(self._records.publish, self._untold.records())
        self._untold.clear()
        count(self._metrics, outcomes)
        if self._traces is not None:
            made = [decision for outcome in outcomes for decision in outcome.made]
            tell_decided(self._traces, made, began, self._clock.now())

    def _keep(self) -> None:
        kept = Kept(self._folded_to, self._pipeline.take_snapshot())
        if self._untold.begin is not None:
            return  # What is held back would be behind whoever began from there.
        try:
            self._state.write(kept)
        except Exception:  # noqa: BLE001 - a start takes longer without, and nothing else is lost
            _log.exception("state_not_kept", district=self._district)

    async def _asked(self, ask: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the log, again and again while it is away: without it there is nothing to do."""
        while True:
            try:
                return await ask(*args, **kwargs)
            except BusUnavailableError:
                _log.warning("log_away", district=self._district, offset=self._folded_to)
            self._waits_for_log = True
            try:
                await self._clock.sleep_until(self._clock.now() + RETRY_AFTER)
            finally:
                self._waits_for_log = False
