"""
The outbox: what ingest accepts lies in a log of its own first, and goes to the brokers from there.

A caller is answered when the brokers have acknowledged its event. While they are away it is
answered from the spool, which is on this machine's disk and bounded; when that is full, nothing is
taken (`docs/adr/0007`).
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from schemas.deadletter import DeadLetter
from schemas.topics import Topic
from schemas.wire import decode
from services.ingest.adapters.forwarder import GROUP, SET_ASIDE, Forwarder, Publisher
from services.ingest.adapters.spool import Backlog
from services.runtime.bus import BusUnavailableError, Outgoing, Stored, Transaction
from services.runtime.clock import Clock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.metrics import Metrics
from services.runtime.waiting import instant_or_event

T = TypeVar("T")

PATIENCE = timedelta(seconds=1)
"""How long a caller waits for the brokers at most."""
SPOOL_BYTES = 256 << 20

_TOPICS = (Topic.EVENTS, Topic.DEAD_LETTERS)
_READ_RECORDS = 256


class SpoolFullError(BusUnavailableError):
    """The brokers have been away for too long."""


class Outbox:
    """
    The `Bus` that ingest appends to, over the local *bus* of one *district*: `open`, then `start`.

    What is read from it is what the spool still holds. A transaction that appends nothing waits
    for what others appended before it: it may tell of it ("a duplicate").
    """

    def __init__(
        self,
        bus: EmbeddedBus,
        publisher: Publisher,
        clock: Clock,
        district: str,
        *,
        spool_bytes: int = SPOOL_BYTES,
        patience: timedelta = PATIENCE,
        metrics: Metrics | None = None,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._district = district
        self._spool_bytes = spool_bytes
        self._patience = patience
        self._backlogs = {topic: Backlog() for topic in _TOPICS}
        self._forwarders = {
            topic: Forwarder(bus, publisher, clock, topic, district, backlog, metrics)
            for topic, backlog in self._backlogs.items()
        }
        if metrics is not None:
            metrics.watch_spool(self)

    @property
    def at_rest(self) -> bool:
        """Whether nothing is on its way to the brokers, or only time can help."""
        return self._bus.at_rest and all(one.at_rest for one in self._forwarders.values())

    @property
    def size(self) -> int:
        """How many bytes wait to be published."""
        return sum(backlog.size for backlog in self._backlogs.values())

    @property
    def records(self) -> int:
        """How many records do."""
        return sum(backlog.records for backlog in self._backlogs.values())

    @property
    def set_aside(self) -> int:
        """How many records no broker took: they lie in the local store, and nobody acts on them."""
        return sum(backlog.set_aside for backlog in self._backlogs.values())

    @property
    def age(self) -> timedelta:
        """How long the oldest record has waited."""
        return max(self._age(backlog) for backlog in self._backlogs.values())

    @property
    def is_impaired(self) -> bool:
        """Whether the brokers are away or too slow, for anything."""
        return any(self._is_late(backlog) for backlog in self._backlogs.values())

    @property
    def is_spooling(self) -> bool:
        """Whether they keep events waiting, so that who sends them is answered from the spool."""
        return self._is_late(self._backlogs[Topic.EVENTS])

    @property
    def is_full(self) -> bool:
        """Whether nothing more is taken before something is published."""
        return self.size >= self._spool_bytes

    @property
    def is_disk_full(self) -> bool:
        """Whether the spool's disk has no space left."""
        return self._bus.ballast_freed

    async def open(self) -> None:
        """Count what an earlier process left; BusUnavailableError when the store fails."""
        for topic, backlog in self._backlogs.items():
            backlog.position = at = await self._bus.position(GROUP, topic, self._district)
            while batch := await self._bus.read(topic, self._district, at, _READ_RECORDS):
                at = batch[-1].offset + 1
                size = sum(len(record.data) for record in batch)
                backlog.add(at, len(batch), size, _taken_at(batch[0]))
        for key, _ in self._bus.values(SET_ASIDE):
            self._backlogs[Topic(key.split("/")[0])].set_aside += 1

    def start(self, spawn: Callable[[str, Coroutine[Any, Any, object]], None]) -> None:
        """Let *spawn* run what publishes."""
        for topic, forwarder in self._forwarders.items():
            spawn(f"forwarder of {topic}", forwarder.run())
        for topic, backlog in self._backlogs.items():
            spawn(f"patience with {topic}", self._answer_in_time(backlog))

    async def stop(self) -> None:
        """
        Give what waits as long as a caller would, while everything runs still; the rest lies there
        for the next start. Nothing may be appended any more.
        """
        until = self._clock.now() + self._patience
        for backlog in self._backlogs.values():
            while backlog.records:
                backlog.changed.clear()
                if await instant_or_event(self._clock, until, backlog.changed):
                    break
        for forwarder in self._forwarders.values():
            await forwarder.cut()

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        """
        Run *work*, and return its result when the brokers have acknowledged what it appended, or it
        lies in the spool while they are away. SpoolFullError, before it runs, when that is full.
        """
        if self.is_full:
            raise SpoolFullError("the spool is full")
        now = self._clock.now()
        appended: list[Outgoing] = []
        result = await self._bus.transact(lambda tx: work(_Noting(tx, appended)))
        await self._publish(appended, now)
        return result

    async def publish(self, records: Sequence[Outgoing]) -> Sequence[int]:
        """Append *records*, as a transaction does; return their offsets in the spool."""
        if self.is_full:
            raise SpoolFullError("the spool is full")
        now = self._clock.now()
        offsets = await self._bus.publish(records)
        await self._publish(records, now)
        return offsets

    async def position(self, group: str, topic: Topic, district: str) -> int:
        """Return the offset in the spool that *group* goes on from."""
        return await self._bus.position(group, topic, district)

    async def read(
        self, topic: Topic, district: str, offset: int, limit: int = 1000
    ) -> Sequence[Stored]:
        """Return up to *limit* records that the spool holds from *offset* on."""
        return await self._bus.read(topic, district, offset, limit)

    def follow(
        self, topic: Topic, district: str, offset: int, limit: int = 1000
    ) -> AsyncIterator[Sequence[Stored]]:
        """Yield batches of what comes into the spool."""
        return self._bus.follow(topic, district, offset, limit)

    async def newest(
        self, topic: Topic, district: str, before: int | None = None, limit: int = 1
    ) -> Sequence[Stored]:
        """Return the *limit* newest records that the spool holds, oldest first."""
        return await self._bus.newest(topic, district, before, limit)

    async def end(self, topic: Topic, district: str) -> int:
        """Return the offset that the next record has in the spool."""
        return await self._bus.end(topic, district)

    def known_end(self, topic: Topic, district: str) -> int:
        """Return the same at once."""
        return self._bus.known_end(topic, district)

    def value(self, space: str, key: str) -> bytes | None:
        """Return a durable value of ingest's own, or None."""
        return self._bus.value(space, key)

    def values(self, space: str) -> Sequence[tuple[str, bytes]]:
        """Return (key, value) of everything durable in *space*."""
        return self._bus.values(space)

    def _age(self, backlog: Backlog) -> timedelta:
        since = backlog.oldest_at
        return timedelta(0) if since is None else max(self._clock.now() - since, timedelta(0))

    def _is_late(self, backlog: Backlog) -> bool:
        return backlog.oldest_at is not None and self._age(backlog) >= self._patience

    async def _publish(self, appended: Sequence[Outgoing], now: datetime) -> None:
        """Count what is durable here since *now*, and wait for the brokers as long as is right."""
        for topic, backlog in self._backlogs.items():
            sizes = [len(record.data) for record in appended if record.topic is topic]
            if sizes:
                end = self._bus.known_end(topic, self._district)
                backlog.add(end, len(sizes), sum(sizes), now)
        for topic, backlog in self._backlogs.items():
            is_asked = not appended or any(record.topic is topic for record in appended)
            if is_asked and not self._is_late(backlog):
                await backlog.passed(backlog.end)

    async def _answer_in_time(self, backlog: Backlog) -> None:
        """Let callers go when the brokers have kept them waiting for long enough."""
        while True:
            backlog.changed.clear()
            oldest_at = backlog.oldest_at
            if oldest_at is not None and not self._is_late(backlog):
                await self._clock.sleep_until(oldest_at + self._patience)
                continue
            backlog.release()
            await backlog.changed.wait()


class _Noting:
    """The local transaction; what it appends is *appended*, too."""

    def __init__(self, tx: Transaction, appended: list[Outgoing]) -> None:
        self._tx = tx
        self._appended = appended
        self.get, self.put, self.delete = tx.get, tx.put, tx.delete
        self.scan, self.commit_position = tx.scan, tx.commit_position

    def append(self, record: Outgoing) -> None:
        self._tx.append(record)
        self._appended.append(record)


def _taken_at(record: Stored) -> datetime:
    told = decode(record.topic, record.data)
    at: datetime = told.refused_at if isinstance(told, DeadLetter) else vars(told)["accepted_at"]
    return at
