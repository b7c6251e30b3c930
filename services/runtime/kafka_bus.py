"""
The distributed bus: the bus port over a log on Kafka and values kept elsewhere.

Works run in order against memory, in rounds. Of each round the values' store is asked whether this
is still their owner; then the records under the fence are appended, then the others, then the
values are written; then callers are told. What a round was going to keep is forgotten by memory
when it fails, so that the same may come again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from schemas.topics import Topic
from services.runtime.bus import (
    BusError,
    BusUnavailableError,
    NotOwnerError,
    Outgoing,
    Stored,
    Transaction,
)
from services.runtime.kafka.failures import failures_translated
from services.runtime.kafka.fenced_rounds import FencedRounds
from services.runtime.kafka.log import KafkaLog
from services.runtime.kafka.memory import Memory, MemoryTransaction, Placed, Round
from services.runtime.lifecycle import end_task
from services.runtime.values import Change, Values

T = TypeVar("T")

_ROUND = 1_024  # handlers in a round: the loop does nothing else while they run
_PAUSE_S = 0.2


@dataclass(slots=True, eq=False)
class _Entry:
    work: Callable[[MemoryTransaction], Any]
    future: asyncio.Future[Any]
    result: Any = None
    failure: Exception | None = None


@dataclass(slots=True, eq=False)
class _Follower:
    topic: Topic
    district: str
    given: int


class KafkaBus:
    """
    The `Bus` of one process of several. Made by `open`, in the running loop, and used only there.

    Of a bus without a fence a caller may wait for as long as brokers are away that were there when
    its records left; who comes meanwhile is refused.
    """

    def __init__(self, log: KafkaLog, values: Values, memory: Memory) -> None:
        self._log = log
        self._values = values
        self._patience_s = 2 * log.answer_within.total_seconds()
        self._memory = memory
        self._fenced: FencedRounds | None = None
        self._waiting: list[_Entry] = []
        self._running: asyncio.Task[None] | None = None
        self._overdue: asyncio.TimerHandle | None = None
        self._refusal: BusError | None = None
        self._followers: set[_Follower] = set()

    @classmethod
    async def open(
        cls, log: KafkaLog, values: Values, *, fenced: tuple[Topic, str] | None = None
    ) -> Self:
        """
        Open the bus with what *values* hold; BusUnavailableError when they do not answer.

        What goes to the topic and district of *fenced* is appended under *log*'s fence, which is
        taken first: what is read there from now on, nobody else adds to. The bus closes *log* when
        it is closed, or cannot be opened.
        """
        try:
            if fenced is not None:
                await log.take_fence(*fenced)
            bus = cls(log, values, Memory(await values.load()))
        except BaseException:
            await log.close()
            raise
        if fenced is not None:
            bus._fenced = FencedRounds(log, *fenced)
        return bus

    @property
    def at_rest(self) -> bool:
        """
        Whether nothing waits to become durable, and every follower here was given whatever was
        acknowledged here. Whoever drives a stepping clock asks, where nobody else writes.
        """
        return self._running is None and all(
            one.given >= self._log.known_end(one.topic, one.district) for one in self._followers
        )

    async def publish(self, records: Sequence[Outgoing]) -> Sequence[int]:
        """Append *records* and return their offsets; durable when this returns."""
        placed: list[Placed] = await self._submit(lambda tx: [tx.place(one) for one in records])
        return [one.offset for one in placed if one.offset is not None]

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run *work*, in the loop's thread, and return its result once its effects are durable."""
        return await self._submit(work)

    async def position(self, group: str, topic: Topic, district: str) -> int:
        """Return the offset *group* goes on from; 0 at first."""
        return self._memory.position(group, topic, district)

    async def read(
        self, topic: Topic, district: str, offset: int, limit: int = 1000
    ) -> Sequence[Stored]:
        """Return up to *limit* durable records from *offset* on, oldest first."""
        return await self._log.read(topic, district, offset, limit)

    async def newest(
        self, topic: Topic, district: str, before: int | None = None, limit: int = 1
    ) -> Sequence[Stored]:
        """Return the *limit* newest durable records before offset *before*, oldest first."""
        return await self._log.newest(topic, district, before, limit)

    async def follow(
        self, topic: Topic, district: str, offset: int, limit: int = 1000
    ) -> AsyncIterator[Sequence[Stored]]:
        """Yield batches of durable records from *offset* on, until the bus is closed."""
        follower = _Follower(topic, district, offset)
        self._followers.add(follower)
        try:
            async for batch in self._log.follow(topic, district, offset, limit):
                follower.given = batch[-1].offset + 1
                yield batch
        finally:
            self._followers.discard(follower)

    async def end(self, topic: Topic, district: str) -> int:
        """Return the offset after the newest record; 0 when there is none."""
        return await self._log.end(topic, district)

    def known_end(self, topic: Topic, district: str) -> int:
        """Return the offset after the newest record read here or acknowledged here."""
        return self._log.known_end(topic, district)

    def value(self, space: str, key: str) -> bytes | None:
        """Return a durable value, or None."""
        return self._memory.get(space, key)

    def values(self, space: str) -> Sequence[tuple[str, bytes]]:
        """Return (key, value) of everything durable in *space*, in the order of the keys."""
        return sorted(self._memory.space(space).items())

    async def close(self) -> None:
        """Finish what was taken, as far as brokers and store answer, and let followers end."""
        self._refusal = self._refusal or _closed()
        if self._running is not None:
            _, late = await asyncio.wait([self._running], timeout=self._patience_s)
            for task in late:
                await end_task(task)
        await self._log.close()

    def _submit(self, work: Callable[[MemoryTransaction], T]) -> asyncio.Future[T]:
        if self._refusal is not None:
            raise _again(self._refusal)
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Entry(work, future))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return future

    async def _run(self) -> None:
        try:
            while self._waiting:
                entries, self._waiting = self._waiting[:_ROUND], self._waiting[_ROUND:]
                await self._one_round(entries)
        finally:
            self._running = None
            self._refuse_waiting()

    async def _one_round(self, entries: Sequence[_Entry]) -> None:
        done = Round(self._memory)
        for entry in entries:
            _carry_out(entry, done)
        failure: Exception | None = None
        self._overdue = asyncio.get_running_loop().call_later(
            self._patience_s, self._become_overdue
        )
        try:
            await self._make_durable(done)
        except NotOwnerError as error:
            failure = self._refusal = error
        except Exception as error:  # noqa: BLE001 - it is the callers'
            failure = error
        except asyncio.CancelledError:
            failure = _closed()
            raise
        finally:
            self._be_in_time()
            for entry in entries:
                _tell(entry, failure)

    async def _make_durable(self, done: Round) -> None:
        changes = done.changes
        theirs = [one for one in done.records if self._is_fenced(one)]
        others = [one for one in done.records if not self._is_fenced(one)]
        if not changes and not done.records:
            return

        async def still_owner() -> None:
            await self._values.reserve(changes)

        if theirs or changes:
            await still_owner()
        if self._fenced is not None:
            _place(theirs, await self._fenced.append([one.record for one in theirs], still_owner))
            # The round is known again when it comes again, so that nobody need wait here for ever.
            with failures_translated():
                async with asyncio.timeout(self._patience_s):
                    offsets = await self._log.append([one.record for one in others])
            _place(others, offsets)
            await self._values.write(changes)
            self._fenced.finish()
        else:
            _place(others, await self._log.append([one.record for one in others]))
            await self._write(changes, for_good=bool(others))
        self._memory.apply(changes)

    async def _write(self, changes: Sequence[Change], *, for_good: bool) -> None:
        while changes:
            try:
                await self._values.write(changes)
            except BusUnavailableError:
                if not for_good:
                    raise
                await asyncio.sleep(_PAUSE_S)
            else:
                return

    def _is_fenced(self, placed: Placed) -> bool:
        return self._fenced is not None and self._fenced.is_theirs(placed.record)

    def _become_overdue(self) -> None:
        self._refusal = self._refusal or _AwayError("an earlier round waits for an answer")
        self._refuse_waiting()

    def _be_in_time(self) -> None:
        if self._overdue is not None:
            self._overdue.cancel()
        if isinstance(self._refusal, _AwayError):
            self._refusal = None

    def _refuse_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for entry in waiting:
            _tell(entry, self._refusal or _closed())


class _AwayError(BusUnavailableError):
    """Whoever comes while a round waits for brokers is surely not kept."""


def _carry_out(entry: _Entry, done: Round) -> None:
    transaction = MemoryTransaction(done)
    try:
        entry.result = entry.work(transaction)
    except Exception as error:  # noqa: BLE001 - it is the caller's, once his neighbours are durable
        entry.failure = error
    else:
        transaction.keep()


def _tell(entry: _Entry, failure: Exception | None) -> None:
    if entry.future.done():
        return
    if isinstance(failure, BusError):
        entry.future.set_exception(_again(failure))
    elif (raised := failure or entry.failure) is not None:
        entry.future.set_exception(raised)
    else:
        entry.future.set_result(entry.result)


def _again(error: BusError) -> BusError:
    """Return the same refusal for one more caller, who adds a trace of his own."""
    return type(error)(*error.args)


def _closed() -> BusError:
    return BusUnavailableError("the bus is closed")


def _place(placed: Sequence[Placed], offsets: Sequence[int]) -> None:
    for one, offset in zip(placed, offsets, strict=True):
        one.offset = offset
