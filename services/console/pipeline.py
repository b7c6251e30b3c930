"""
The console's reading: three topics into one situation, and word to whoever waits for a change.

It starts anew each time: decisions and ledger from their beginning, since what is in force may have
begun long ago; of the events only the newest, since pages show tonight's tips and warnings only.
"""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from schemas.decision import ActAnswered
from schemas.record import Record
from schemas.topics import Topic
from schemas.wire import SchemaError, decode
from services.console.domain.situation import Situation
from services.runtime.bus import Bus, Stored

EVENTS_READ = 20_000
"""Newest events that a start looks through; a night has a few thousand, ticks not counted."""
_PAGE = 1_000

_log = structlog.get_logger()


class Reading:
    """Follows one topic into the situation. *take* is told each record."""

    def __init__(
        self, bus: Bus, topic: Topic, district: str, take: Callable[[Sequence[Record]], None]
    ) -> None:
        self._bus = bus
        self.topic = topic
        self._district = district
        self._take = take
        self._done: int | None = None

    @property
    def lag(self) -> int:
        """How many durable records are not shown yet."""
        return max(0, self._bus.known_end(self.topic, self._district) - (self._done or 0))

    @property
    def has_caught_up(self) -> bool:
        """Whether everything that was there at the start has been read."""
        return self._done is not None and self.lag == 0

    async def run(self, newest: int | None = None) -> None:
        """Read what is there (the *newest* so many; None: all of it), then what comes."""
        await self._bus.end(self.topic, self._district)  # from now on its lag is known
        start = 0 if newest is None else await self._start_of(newest)
        self._done = start
        async for batch in self._bus.follow(self.topic, self._district, start):
            self._take(self._decoded(batch))
            self._done = batch[-1].offset + 1
            await asyncio.sleep(0)  # a long catching up must not keep anybody from being rung

    async def _start_of(self, newest: int) -> int:
        """Return the offset of the first of the *newest* so many records; 0 when there is none."""
        start: int | None = None
        while newest > 0:
            limit = min(newest, _PAGE)
            page = await self._bus.newest(self.topic, self._district, start, limit)
            if not page:
                break
            start = page[0].offset
            newest -= len(page)
            await asyncio.sleep(0)
        return start or 0

    def _decoded(self, batch: Sequence[Stored]) -> list[Record]:
        records = []
        for stored in batch:
            try:
                records.append(stored.record or decode(self.topic, stored.data))
            except SchemaError as error:
                # Whoever acts on this topic has put it among the dead letters; a page goes on.
                _log.warning(
                    "record_not_shown", topic=self.topic, offset=stored.offset, fault=str(error)
                )
        return records


class ConsolePipeline:
    """Keeps one district's situation, and wakes whoever waits for a change or for an answer."""

    def __init__(self, bus: Bus, district: str, situation: Situation) -> None:
        self.situation = situation
        self._changed = asyncio.Event()
        self._answers: dict[str, asyncio.Future[ActAnswered]] = {}
        self.events = Reading(bus, Topic.EVENTS, district, self._events)
        self.decisions = Reading(bus, Topic.DECISIONS, district, self._decisions)
        self.ledger = Reading(bus, Topic.DISPATCH, district, self._facts)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The three."""
        return self.events, self.decisions, self.ledger

    @property
    def at_rest(self) -> bool:
        """Whether everything durable is shown."""
        return all(reading.has_caught_up for reading in self.readings)

    async def changed_after(self, version: int) -> int:
        """Return the situation's version once it is greater than *version*."""
        while self.situation.version <= version:
            await self._changed.wait()
        return self.situation.version

    def wake(self) -> None:
        """Let everybody who waits look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    def expect(self, act_id: str) -> asyncio.Future[ActAnswered]:
        """Return what will hold the answer to *act_id*; `forget` it afterwards."""
        waiting = self._answers.get(act_id)
        if waiting is None:
            waiting = asyncio.get_running_loop().create_future()
            self._answers[act_id] = waiting
        known = self.situation.answer_to(act_id)
        if known is not None and not waiting.done():
            waiting.set_result(known)
        return waiting

    def forget(self, act_id: str) -> None:
        """Wait for the answer to *act_id* no longer."""
        self._answers.pop(act_id, None)

    def _events(self, records: Sequence[Record]) -> None:
        before = self.situation.version
        for record in records:
            self.situation.take_event(record)  # type: ignore[arg-type]  # decode gives this topic's
        self._tell(before)

    def _decisions(self, records: Sequence[Record]) -> None:
        before = self.situation.version
        for record in records:
            self.situation.take_decision(record)  # type: ignore[arg-type]  # as above
            if isinstance(record, ActAnswered):
                waiting = self._answers.get(record.act_id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(record)
        self._tell(before)

    def _facts(self, records: Sequence[Record]) -> None:
        before = self.situation.version
        for record in records:
            self.situation.take_fact(record)  # type: ignore[arg-type]  # as above
        self._tell(before)

    def _tell(self, before: int) -> None:
        if self.situation.version != before:
            self.wake()
