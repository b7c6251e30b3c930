"""
The embedded bus: the bus port over one SQLite file, for one process on one machine.

The directory holds `bus.sqlite3` with its log, `lock`, and `ballast` (`ballast.py`).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Self, TypeVar

from schemas.topics import TOPICS, Topic
from services.runtime.ballast import Ballast
from services.runtime.bus import (
    BusUnavailableError,
    Outgoing,
    RetentionError,
    Stored,
    Transaction,
)
from services.runtime.checkpoint import Checkpointer
from services.runtime.clock import Clock
from services.runtime.directory_lock import DirectoryLock
from services.runtime.group_commit import GroupCommit, Watchers
from services.runtime.log_reader import LogReader
from services.runtime.log_tail import LogTail
from services.runtime.shell import Shell
from services.runtime.sqlite_file import StoreFullError

T = TypeVar("T")

FILE = "bus.sqlite3"
BALLAST_BYTES = 4 << 20
_DROPPED_AT_ONCE = 1_000  # records: a cut of a year must not hold up a chain
_IDLE_S = 0.05
_FULL_S = 1.0


def _unobserved(_seconds: float, _handlers: int) -> None:
    return


class EmbeddedBus:
    """
    The `Bus` of one process. Made by `open`, in the running loop, and used only there.

    A caller that is cancelled while it waits does not learn whether its effects were kept.
    """

    def __init__(
        self,
        directory: Path,
        clock: Clock,
        *,
        ballast: Ballast,
        observe: Callable[[float, int], None],
        max_pages: int | None,
        shell: Shell,
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._lock = DirectoryLock(directory)
        try:
            path = directory / FILE
            self._store = shell.open_store(path, max_pages)
            self._reader = LogReader(path)
            self._checkpoints = Checkpointer(path, lambda: not ballast.is_freed, shell.hire)
        except BaseException:
            self._lock.release()
            raise
        self._ballast = ballast
        self._commits = GroupCommit(
            self._store,
            self._checkpoints,
            lambda: int(clock.now().timestamp() * 1000),
            Watchers(self._became_durable, observe, self._failed),
            shell=shell,
        )
        self._tails: dict[tuple[Topic, str], LogTail] = {}
        self._chores: asyncio.TimerHandle | None = None
        self._is_closed = False

    @classmethod
    async def open(
        cls,
        directory: Path,
        clock: Clock,
        *,
        ballast_bytes: int = BALLAST_BYTES,
        observe: Callable[[float, int], None] = _unobserved,
        max_pages: int | None = None,
        free_bytes: Callable[[Path], int] | None = None,
        shell: Shell | None = None,
    ) -> Self:
        """
        Open the store in *directory*, or make it; BusInUseError when another process has it.

        *observe* is told of each commit: seconds, and how many handlers shared it. *max_pages*
        limits the file's size in pages of 4 KiB; *free_bytes* tells what a disk has left; *shell* is
        what blocks in place of the loop.
        """
        ballast = Ballast(directory / "ballast", ballast_bytes, free_bytes)
        bus = cls(
            directory,
            clock,
            ballast=ballast,
            observe=observe,
            max_pages=max_pages,
            shell=shell or Shell(),
        )
        ballast.restore()
        return bus

    @property
    def at_rest(self) -> bool:
        """Whether no transaction waits or runs; whoever drives a stepping clock asks."""
        return self._commits.at_rest

    @property
    def ballast_freed(self) -> bool:
        """Whether the disk was full, and its last space is kept for chains already running."""
        return self._ballast.is_freed

    async def publish(self, records: Sequence[Outgoing]) -> Sequence[int]:
        """Append *records* and return their offsets; durable when this returns."""
        return await self._commits.submit(lambda tx: [tx.place(record) for record in records])

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run *work*, in the loop's thread, and return its result once its effects are durable."""
        return await self._commits.submit(work)

    async def position(self, group: str, topic: Topic, district: str) -> int:
        """Return the offset *group* goes on from; 0 at first."""
        return self._reader.position(group, topic, district)

    async def read(
        self, topic: Topic, district: str, offset: int, limit: int = 1000
    ) -> Sequence[Stored]:
        """Return up to *limit* durable records from *offset* on, oldest first."""
        newest = self._tail(topic, district).after(offset, limit)
        return self._reader.read(topic, district, offset, limit) if newest is None else newest

    async def follow(
        self, topic: Topic, district: str, offset: int, limit: int = 1000
    ) -> AsyncIterator[Sequence[Stored]]:
        """Yield batches of durable records from *offset* on, until the bus is closed."""
        tail = self._tail(topic, district)
        while not self._is_closed:
            batch = await self.read(topic, district, offset, limit)
            if batch:
                offset = batch[-1].offset + 1
                yield batch
            else:
                await tail.beyond(offset)

    async def newest(
        self, topic: Topic, district: str, before: int | None = None, limit: int = 1
    ) -> Sequence[Stored]:
        """Return the *limit* newest durable records before offset *before*, oldest first."""
        return self._reader.newest(topic, district, before, limit)

    async def end(self, topic: Topic, district: str) -> int:
        """Return the offset after the newest record: the next one's, since this bus leaves no gap."""
        return self.known_end(topic, district)

    def known_end(self, topic: Topic, district: str) -> int:
        """Return the same as `end`, without waiting: this process is the only writer."""
        return self._tail(topic, district).end

    def value(self, space: str, key: str) -> bytes | None:
        """Return a durable value, or None."""
        return self._reader.value(space, key)

    def values(self, space: str) -> Sequence[tuple[str, bytes]]:
        """Return (key, value) of everything durable in *space*, in the order of the keys."""
        return self._reader.values(space)

    async def logs(self) -> Sequence[tuple[Topic, str]]:
        """Return every (topic, district) that holds a record."""
        return self._reader.logs()

    async def drop_before(self, topic: Topic, district: str, offset: int) -> None:
        """
        Remove the records before *offset*; the last record stays in any case.

        RetentionError for a topic that is kept for ever.
        """
        if TOPICS[topic].retention is None:
            raise RetentionError(f"{topic} is never cut")
        tail = self._tail(topic, district)
        dropped = _DROPPED_AT_ONCE
        while dropped == _DROPPED_AT_ONCE:
            dropped = await self._commits.submit(
                lambda tx: tx.drop_before(topic, district, offset, _DROPPED_AT_ONCE)
            )
            tail.forget()

    async def drop_stored_before(self, topic: Topic, district: str, stored_at_ms: int) -> None:
        """Remove the records stored before *stored_at_ms*, as `drop_before` does."""
        first = self._reader.first_since(topic, district, stored_at_ms)
        keep_from = self.known_end(topic, district) if first is None else first
        if keep_from:
            await self.drop_before(topic, district, keep_from)

    async def close(self) -> None:
        """Commit what was taken, let followers end, and give the directory back."""
        if self._is_closed:
            return
        self._is_closed = True
        for tail in self._tails.values():
            tail.wake()
        await self._commits.close()
        if self._chores is not None:
            self._chores.cancel()
        self._checkpoints.close()
        self._reader.close()
        self._store.close()
        self._lock.release()

    def _tail(self, topic: Topic, district: str) -> LogTail:
        key = (topic, district)
        if key not in self._tails:
            self._tails[key] = LogTail(self._reader.end(topic, district))
        return self._tails[key]

    def _became_durable(self, records: Sequence[Stored]) -> None:
        # A log without a tail has no follower here; a tail made later reads its end from the file.
        tails = self._tails
        for record in records:
            if tail := tails.get((record.topic, record.district)):
                tail.extend(record)
        for key in {(record.topic, record.district) for record in records}:
            if tail := tails.get(key):
                tail.wake()
        self._plan_chores()

    def _failed(self, failure: BusUnavailableError) -> None:
        if isinstance(failure, StoreFullError):
            self._ballast.free()
            self._plan_chores()

    def _plan_chores(self) -> None:
        if self._chores is None and (self._checkpoints.is_worth_while or self._ballast.is_freed):
            # A full disk says to nobody that it has space again, so that alone is asked for.
            wait_s = _FULL_S if self._ballast.is_freed else _IDLE_S
            self._chores = asyncio.get_running_loop().call_later(wait_s, self._do_chores)

    def _do_chores(self) -> None:
        self._chores = None
        if self._ballast.is_freed:
            self._checkpoints.run_beside(self._ballast.restore)
        elif self.at_rest and self._checkpoints.is_worth_while:
            self._checkpoints.copy()
        self._plan_chores()
