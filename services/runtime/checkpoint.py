"""
When the write-ahead log is copied back into the store's file, so that no commit waits for it.

A checkpoint inside a commit makes one caller in a few hundred wait for megabytes to be copied.
So they run from a connection and a thread of their own: when the store is idle, or beside the
commits when it never is. Only a log at its hard limit makes commits wait.
"""

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.runtime.sqlite_file import open_for_reading
from services.runtime.worker_thread import Worker, WorkerThread

IDLE_PAGES = 1_000  # 4 MiB: less is not worth two fsyncs
BUSY_PAGES = 4_000  # 16 MiB: what a store that is never idle lets lie
HARD_PAGES = 16_000  # 64 MiB: commits wait from here on, or the log would grow for ever


@dataclass(slots=True)
class _Found:
    pages: int | None = None
    all_copied: bool = False


class Checkpointer:
    """
    Counts the pages that commits added to the log and copies them back in time.

    It rests while *may_grow* says that the file may not: a file that grows into the last space of
    a full disk takes it from the commits. The count is the sum of what transactions estimate,
    set right by each checkpoint, which is the only one whom SQLite tells.
    """

    def __init__(
        self,
        path: Path,
        may_grow: Callable[[], bool],
        hire: Callable[[str], Worker] = WorkerThread,
    ) -> None:
        self._may_grow = may_grow
        self._database = open_for_reading(path)
        self._thread = hire("checkpoint")
        self._is_running = False
        self._log_pages = 0
        self._new_pages = 0

    @property
    def is_over_limit(self) -> bool:
        """Whether the next commit should wait for `restart`."""
        return self._log_pages >= HARD_PAGES and self._may_grow()

    @property
    def is_running(self) -> bool:
        """Whether `copy` is under way beside the commits."""
        return self._is_running

    @property
    def is_worth_while(self) -> bool:
        """Whether there is enough to copy for an idle moment."""
        return self._gathered(IDLE_PAGES)

    def wrote(self, pages: int) -> None:
        """Count *pages* just committed, and copy beside the commits when many have gathered."""
        self._log_pages += pages
        self._new_pages += pages
        if self._gathered(BUSY_PAGES):
            self.copy()

    def copy(self) -> None:
        """Copy what can be copied without making anybody wait."""
        self._is_running = True
        counted = self._log_pages
        self._new_pages = 0
        found = _Found()

        def done(_failure: Exception | None) -> None:
            self._is_running = False
            since = self._log_pages - counted
            if found.all_copied and not since:  # the next commit begins the log from its start
                self._log_pages = 0
            elif found.pages is not None:  # the truth, instead of a sum of estimates
                self._log_pages = found.pages + since

        self._thread.call(lambda: self._checkpoint("PASSIVE", found), done)

    def restart(self, then: Callable[[], None]) -> None:
        """Copy all of it, while nothing is committed, and call *then* in the loop."""
        found = _Found()

        def done(_failure: Exception | None) -> None:
            # After a failure, a disk that is full say, commits go on and say so themselves.
            self._log_pages = 0 if found.all_copied else HARD_PAGES - IDLE_PAGES
            self._new_pages = 0
            then()

        self._thread.call(lambda: self._checkpoint("RESTART", found), done)

    def run_beside(self, function: Callable[[], None]) -> None:
        """Run *function*, which blocks, in the thread of the checkpoints."""
        self._thread.call(function, lambda _failure: None)

    def close(self) -> None:
        """Finish what is under way and close the file."""
        self._thread.stop()
        self._database.close()

    def _gathered(self, pages: int) -> bool:
        return self._new_pages >= pages and not self._is_running and self._may_grow()

    def _checkpoint(self, mode: str, found: _Found) -> None:
        with contextlib.suppress(sqlite3.Error):
            row = self._database.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
            is_blocked, found.pages, copied = row
            found.all_copied = not is_blocked and copied == found.pages
