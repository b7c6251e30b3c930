"""
The disk under a simulated process: a real SQLite file, and a shell in which nothing waits for it.

It can be full, or slow; and a process can die just before a commit or just after.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from services.runtime.bus import Stored
from services.runtime.embedded_store import EmbeddedStore
from services.runtime.shell import Shell
from services.runtime.sqlite_file import StoreFullError
from tests.simulation.faults import Count, FaultKind, Mishaps

_BUSY_S = 1.0
"""Told as the loop's delay where a night wants its commits in the other thread."""
_KILLS = {FaultKind.KILL_BEFORE_COMMIT, FaultKind.KILL_AFTER_COMMIT}


class KilledError(BaseException):
    """The process is dead: nothing behind this is reached, and nothing may catch it."""


class Process(Protocol):
    """Whose disk it is."""

    is_dead: bool

    def die(self, downtime_s: float) -> None:
        """Be dead from now on."""
        ...


class Disk:
    """
    One night's disk. It outlives the processes; *told* hears what has become durable.

    `latency_s` is what a commit takes; `full_until` and `grace` say until when there is no space,
    and how many commits the ballast's space still holds once it has been thrown out.
    """

    usual_s = 0.0005

    def __init__(
        self, mishaps: Mishaps, told: Callable[[list[Stored]], None], *, beside: bool
    ) -> None:
        self.mishaps = mishaps
        self.told = told
        self.beside = beside
        self.latency_s = self.usual_s
        self.full_until = 0.0
        self.grace = 0
        self.process: Process | None = None
        self.ballast_freed: Callable[[], bool] = lambda: False

    @property
    def is_full(self) -> bool:
        """Whether there is no space left."""
        return asyncio.get_running_loop().time() < self.full_until

    @property
    def is_slow(self) -> bool:
        """Whether a commit takes so long that it goes to the other thread."""
        return self.latency_s > _QUICK_S

    def free_bytes(self, _folder: Path) -> int:
        """Return what is left, for the ballast."""
        return 0 if self.is_full else 1 << 40

    def shell(self) -> Shell:
        """Return what stands around a store on this disk."""
        return Shell(
            hire=lambda _name: _VirtualWorker(self),
            watch=self._watch,
            open_store=lambda path, max_pages: _WatchedStore(path, max_pages, self),
        )

    def write(self) -> None:
        """Take up space; StoreFullError when there is none."""
        if not self.is_full:
            return
        if self.ballast_freed() and self.grace > 0:
            self.grace -= 1
            return
        raise StoreFullError("no space left for the store")

    def _watch(self) -> Callable[[], float]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        slow_s = _BUSY_S if self.beside or self.is_slow else 0.0
        return lambda: loop.time() - began + slow_s


_QUICK_S = 0.002


class _WatchedStore(EmbeddedStore):
    """The store, with the moments before and after each of its commits."""

    def __init__(self, path: Path, max_pages: int | None, disk: Disk) -> None:
        super().__init__(path, max_pages)
        self._disk = disk

    def commit(self) -> None:
        process = self._disk.process
        fault = next(iter(self._disk.mishaps.next(Count.COMMIT)), None)
        if fault is not None and fault.kind is FaultKind.KILL_BEFORE_COMMIT:
            self._kill(process, fault.size)
        self._disk.write()
        super().commit()
        self._disk.told(self.appended)
        if fault is not None and fault.kind is FaultKind.KILL_AFTER_COMMIT:
            self._kill(process, fault.size)

    @staticmethod
    def _kill(process: Process | None, downtime_s: float) -> None:
        if process is not None and not process.is_dead:
            process.die(downtime_s)
            raise KilledError


class _VirtualWorker:
    """Does each call at once when its turn comes, and reports it as late as the disk is slow."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._free_at = 0.0

    def call(
        self, function: Callable[[], object], then: Callable[[Exception | None], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        begins_at = max(loop.time(), self._free_at)
        done_at = begins_at + self._disk.latency_s
        self._free_at = done_at

        def act() -> None:
            failure: Exception | None = None
            try:
                function()
            except Exception as error:  # noqa: BLE001 - it is reported, whatever it is
                failure = error
            loop.call_at(done_at, then, failure)

        loop.call_at(begins_at + self._disk.latency_s / 2, act)

    def stop(self) -> None:
        return
