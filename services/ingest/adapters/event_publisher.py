"""The event log over the bus: one transaction finds out what is new, appends it, and says so."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from schemas.cap import Status
from schemas.event import Event, Reading, Readings, Tick
from schemas.ids import hash_id
from schemas.topics import Topic
from schemas.wire import encode
from services.ingest.adapters.dead_letters import letters_for
from services.ingest.adapters.dedup_store import ReadingMemory, SeenKeys, digest_of
from services.ingest.domain.dedup import reading_key, readings_id
from services.ingest.domain.errors import NotDurableError
from services.ingest.ports import Letters, Once
from services.runtime.bus import Bus, BusUnavailableError, Outgoing, Transaction
from services.runtime.clock import Clock
from services.runtime.metrics import Metrics
from services.runtime.traces import Span, Step, Told, Traces

T = TypeVar("T")
_NO_LETTERS = Letters("", "", "")


class BusEventLog:
    """
    `EventLog` over a bus, for one district.

    `accepted_at` is stamped inside the transaction, so that the order of the log and of its times
    agree. *last_appended_at* is for whoever ticks.
    """

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        district: str,
        remembered: int = 100_000,
        metrics: Metrics | None = None,
        traces: Traces | None = None,
    ) -> None:
        self._metrics = metrics
        self._traces = traces
        self._bus = bus
        self._clock = clock
        self._district = district
        self._memory = ReadingMemory(remembered)
        self._seen = SeenKeys()
        self.last_appended_at: datetime | None = None

    async def open(self) -> None:
        """Remember what was accepted before this process."""

        def work(tx: Transaction) -> None:
            self._memory.load(tx)
            self._seen.drop_old(tx, self._clock.now())

        await self._transact(work)

    async def append_readings(
        self, source: str, status: Status, readings: Sequence[Reading], letters: Letters
    ) -> Sequence[bool]:
        """Append what is new of *readings* as one event; tell of each whether it was new."""
        keys = [digest_of(*reading_key(reading, status)) for reading in readings]
        began, appended = self._clock.now(), list[Event]()

        def work(tx: Transaction) -> tuple[list[bool], list[Callable[[], None]]]:
            now = self._clock.now()
            fresh, is_correction = self._new_of(tx, keys, readings)
            new = [reading for reading, is_new in zip(readings, fresh, strict=True) if is_new]
            pairs = [
                (key, reading.value)
                for key, reading, is_new in zip(keys, readings, fresh, strict=True)
                if is_new
            ]
            durable = []
            if new:
                corrected_at = now.isoformat() if is_correction else ""
                event = Readings(
                    district=self._district,
                    event_id=readings_id(source, pairs, corrected_at),
                    accepted_at=now,
                    status=status,
                    source=source,
                    readings=tuple(new),
                )
                self._append(tx, event, now)
                appended.append(event)
                row = f"{int(now.timestamp() * 1000):015d}-{event.event_id}"
                batch = self._memory.note(tx, row, pairs)
                durable.append(lambda: setattr(batch, "is_durable", True))
            self._append_letters(tx, letters, now)
            return fresh, durable

        fresh, durable = await self._transact(work)
        for mark in durable:
            mark()
        self._tell(appended, letters, began)
        return fresh

    async def append_once(self, wanted: Sequence[Once], letters: Letters) -> Sequence[bool]:
        """Append each of *wanted* that is new; tell of each whether it was."""
        if not wanted and not letters.refusals:
            return []

        began, appended = self._clock.now(), list[Event]()

        def work(tx: Transaction) -> list[bool]:
            now = self._clock.now()
            fresh = []
            for once in wanted:
                is_new = self._seen.get(tx, once.key, now) is None
                fresh.append(is_new)
                if is_new:
                    event = once.build(now)
                    appended.append(event)
                    self._append(tx, event, now)
                    self._seen.put(tx, once.key, b"", now)
                    if once.keep is not None:
                        self._seen.put(tx, once.keep[0], once.keep[1], now)
            self._append_letters(tx, letters, now)
            return fresh

        fresh = await self._transact(work)
        self._tell(appended, letters, began)
        return fresh

    async def kept(self, name: str) -> bytes | None:
        """Return the value kept under *name* with an event."""
        return await self._transact(lambda tx: self._seen.get(tx, name, self._clock.now()))

    async def tick(self) -> None:
        """Append a `Tick`: time passed and nothing else came."""

        def work(tx: Transaction) -> None:
            now = self._clock.now()
            moment = int(now.timestamp() * 1_000_000)
            event_id = hash_id("tick", self._district, moment)
            self._append(tx, Tick(district=self._district, event_id=event_id, accepted_at=now), now)

        await self._transact(work)
        self._count([Tick.__name__])

    def _tell(self, events: Sequence[Event], letters: Letters, began: datetime) -> None:
        self._count([type(event).__name__ for event in events], letters)
        if self._traces is None:
            return
        for event in events:
            told = {"event_id": event.event_id, "kind": type(event).__name__}
            told["status"] = event.status.value
            accepted = Told(Step.ACCEPT, event.event_id)
            ended = self._clock.now()
            self._traces.see(Span(accepted, event.event_id, began, ended, attributes=told))

    def _count(self, kinds: Sequence[str], letters: Letters = _NO_LETTERS) -> None:
        """Only what is durable."""
        if self._metrics is None:
            return
        for kind in kinds:
            self._metrics.events_accepted.labels(kind).inc()
        for refusal in letters.refusals:
            self._metrics.dead_letters.labels(letters.stage, refusal.reason.value).inc()

    def _new_of(
        self, tx: Transaction, keys: Sequence[int], readings: Sequence[Reading]
    ) -> tuple[list[bool], bool]:
        """Of the same reading twice in one body the first is new, and the second if it differs."""
        known = self._memory.values(tx, keys)
        fresh, is_correction = [], False
        for key, reading in zip(keys, readings, strict=True):
            before, value = known.get(key), reading.value
            fresh.append(before != value)
            is_correction = is_correction or (before is not None and before != value)
            known[key] = value
        return fresh, is_correction

    def _append(self, tx: Transaction, event: Event, now: datetime) -> None:
        tx.append(Outgoing(Topic.EVENTS, self._district, encode(event), event))
        self.last_appended_at = now

    def _append_letters(self, tx: Transaction, letters: Letters, now: datetime) -> None:
        for letter in letters_for(self._district, letters, now):
            tx.append(letter)

    async def _transact(self, work: Callable[[Transaction], T]) -> T:
        try:
            return await self._bus.transact(work)
        except BusUnavailableError as error:
            raise NotDurableError("the bus cannot write") from error
