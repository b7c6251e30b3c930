"""
Group commit: the shell that turns the synchronous store into something one can await.

Handlers' work runs in the event loop's own thread, so it may use the handler's memory without
locks; the COMMIT, which waits for the disk, runs in another. What arrives in one pass of the loop,
or while a commit is under way, runs as one group with one fsync. A small handler that is alone, in
a loop with little else to do, is committed in the loop's thread as long as the disk is quick
(`commit_pace.py`).
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from services.runtime.bus import BusUnavailableError, Stored
from services.runtime.checkpoint import Checkpointer
from services.runtime.commit_pace import CommitPace
from services.runtime.embedded_store import EmbeddedStore
from services.runtime.shell import Shell
from services.runtime.store_transaction import StoreTransaction

T = TypeVar("T")

_GROUP = 1_024  # handlers in a group: the loop does nothing else while they run
_CALM_S = 0.0003  # until the loop comes round: longer means that it has other work to do
_SMALL_PAGES = 64  # 256 KiB: more bytes take a quick disk longer than the hand-over to the thread


@dataclass(slots=True, eq=False)
class _Entry:
    work: Callable[[StoreTransaction], Any]
    future: asyncio.Future[Any]
    result: Any = None
    failure: Exception | None = None


@dataclass(frozen=True, slots=True)
class Watchers:
    """
    Who is told: *durable* the records of each group, *committed* how long it took in seconds and
    how many handlers shared it, *failed* why a group was lost. All are called in the loop.
    """

    durable: Callable[[Sequence[Stored]], None]
    committed: Callable[[float, int], None]
    failed: Callable[[BusUnavailableError], None]


class GroupCommit:
    """Runs handlers in the order they came, in groups, over *store*."""

    def __init__(
        self,
        store: EmbeddedStore,
        checkpoints: Checkpointer,
        now_ms: Callable[[], int],
        watchers: Watchers,
        pace: CommitPace | None = None,
        shell: Shell | None = None,
    ) -> None:
        shell = shell or Shell()
        self._store = store
        self._checkpoints = checkpoints
        self._now_ms = now_ms
        self._watchers = watchers
        self._stopwatch = shell.watch
        self._pace = pace or CommitPace(shell.watch)
        self._loop = asyncio.get_running_loop()
        self._thread = shell.hire("commit")
        self._waiting: list[_Entry] = []
        self._group: list[_Entry] = []
        self._elapsed = shell.watch()
        self._commit_s = 0.0
        self._is_busy = False
        self._is_planned = False
        self._is_calm = False
        self._since_planned = self._stopwatch()
        self._is_closed = False
        self._rested = asyncio.Event()

    @property
    def at_rest(self) -> bool:
        """Whether no handler waits and no commit is under way."""
        return not self._is_busy and not self._waiting

    def submit(self, work: Callable[[StoreTransaction], T]) -> asyncio.Future[T]:
        """Return a future of *work*'s result, done when its effects are durable."""
        if self._is_closed:
            raise BusUnavailableError("the bus is closed")
        future: asyncio.Future[T] = self._loop.create_future()
        self._waiting.append(_Entry(work, future))
        self._plan()
        return future

    async def close(self) -> None:
        """Take nothing more, and return when everything taken before is committed."""
        self._is_closed = True
        while not self.at_rest:
            self._rested.clear()
            await self._rested.wait()
        self._thread.stop()

    def _plan(self) -> None:
        # Not at once: whoever else is awake in this pass of the loop may want to share the commit.
        if self._waiting and not self._is_busy and not self._is_planned:
            self._is_planned = True
            self._since_planned = self._stopwatch()
            self._loop.call_soon(self._begin)

    def _begin(self) -> None:
        self._is_planned = False
        self._is_calm = self._since_planned() < _CALM_S
        self._go_on()
        self._is_calm = False

    def _go_on(self) -> None:
        while self._waiting and not self._is_busy:
            if self._checkpoints.is_over_limit:
                self._is_busy = True
                self._checkpoints.restart(self._restarted)
            else:
                self._run_group()
        if self.at_rest:
            self._rested.set()

    def _restarted(self) -> None:
        self._is_busy = False
        self._go_on()

    def _run_group(self) -> None:
        self._elapsed = self._stopwatch()
        self._group, self._waiting = self._waiting[:_GROUP], self._waiting[_GROUP:]
        now_ms = self._now_ms()
        try:
            self._store.begin(alone=len(self._group) == 1)
            for entry in self._group:
                if not entry.future.cancelled():
                    self._run_one(entry, now_ms)
        except BusUnavailableError as failure:
            self._fail(failure)
            return
        if not self._store.pages:  # nobody wrote: there is nothing to wait for
            self._store.rollback()
            self._answer()
        elif self._may_block():
            self._commit_here()
        else:
            self._is_busy = True
            self._thread.call(self._commit, self._committed_there)

    def _run_one(self, entry: _Entry, now_ms: int) -> None:
        try:
            entry.result = self._store.run(entry.work, now_ms)
        except BusUnavailableError:
            raise
        except Exception as failure:  # noqa: BLE001 - it belongs to the caller, whatever it is
            entry.failure = failure

    def _may_block(self) -> bool:
        return (
            self._is_calm  # else the other work can go on while the disk is written
            and len(self._group) == 1
            and not self._waiting
            and self._store.pages <= _SMALL_PAGES
            and self._pace.is_quick
            and not self._checkpoints.is_running  # two fsyncs of one disk wait for each other
        )

    def _commit(self) -> None:
        elapsed = self._stopwatch()
        try:
            self._store.commit()
        finally:
            self._commit_s = elapsed()

    def _commit_here(self) -> None:
        failure: Exception | None = None
        try:
            self._commit()
        except Exception as error:  # noqa: BLE001 - it is told to the caller, whatever it is
            failure = error
        self._pace.blocked(self._commit_s)
        self._committed(failure)

    def _committed_there(self, failure: Exception | None) -> None:
        self._is_busy = False
        self._pace.waited(self._commit_s)
        self._committed(failure)
        if len(self._waiting) > 1:
            # The next group goes to the disk before the handlers of this one wake up, so that
            # both work at the same time.
            self._go_on()
        elif self._waiting:  # alone, it can wait for those handlers, and go with what they want
            self._plan()
        else:
            self._rested.set()

    def _committed(self, failure: Exception | None) -> None:
        if failure is None:
            self._checkpoints.wrote(self._store.pages)
            self._watchers.durable(self._store.appended)
            self._watchers.committed(self._elapsed(), len(self._group))
            self._answer()
        elif isinstance(failure, BusUnavailableError):
            self._fail(failure)
        else:
            self._fail(BusUnavailableError(f"the commit failed: {type(failure).__name__}"))

    def _answer(self) -> None:
        # A handler's own failure, too, is told only now. It may rest on what a neighbour wrote in
        # the same group ("a duplicate"), and that was not true before it was durable.
        for entry in self._group:
            if entry.future.done():
                continue
            if entry.failure is None:
                entry.future.set_result(entry.result)
            elif isinstance(entry.failure, StopIteration):  # a future refuses it
                entry.future.set_exception(RuntimeError("the work raised StopIteration"))
            else:
                entry.future.set_exception(entry.failure)
        self._group = []

    def _fail(self, failure: BusUnavailableError) -> None:
        self._store.rollback()
        self._watchers.failed(failure)
        for entry in self._group:
            if not entry.future.done():
                told = type(failure)(*failure.args)  # one for each: tracebacks grow where raised
                told.__cause__ = failure.__cause__
                entry.future.set_exception(told)
        self._group = []
