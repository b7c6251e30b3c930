"""
The synchronous core of the embedded bus: groups of handlers' effects in one SQLite file.

A group is `begin`, `run` for each handler, then `commit` or `rollback`. Who runs it in which
thread, and who is told, is `group_commit.py`'s business.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from services.runtime.bus import Stored
from services.runtime.sqlite_file import is_store_failure, open_for_writing, unavailable
from services.runtime.store_transaction import LogKey, StoreTransaction

T = TypeVar("T")


class EmbeddedStore:
    """The only writer of the file at *path*; *max_pages* limits how large the file may become."""

    def __init__(self, path: Path, max_pages: int | None = None) -> None:
        self._database = open_for_writing(path)
        if max_pages is not None:
            self._database.execute(f"PRAGMA max_page_count = {max_pages}")
        self._next_offsets: dict[LogKey, int] = {}
        self._appended: list[Stored] = []
        self._pages = 0
        self._is_alone = False

    @property
    def appended(self) -> list[Stored]:
        """What the handlers of this group appended."""
        return self._appended

    @property
    def pages(self) -> int:
        """About how many pages this group writes; 0 when there is nothing to commit."""
        return self._pages

    def begin(self, *, alone: bool = False) -> None:
        """
        Begin a group; BusUnavailableError when the file cannot be used.

        *alone*: one handler only is run, so there are no neighbours to keep its failure from.
        """
        self._appended = []
        self._pages = 0
        self._is_alone = alone
        try:
            self._database.execute("BEGIN")
        except sqlite3.Error as error:
            raise unavailable(error) from error

    def run(self, work: Callable[[StoreTransaction], T], stored_at_ms: int) -> T:
        """
        Run *work* and return its result. When it raises, only its own effects are undone.

        BusUnavailableError means that the file failed: the whole group must be rolled back.
        """
        transaction = StoreTransaction(self._database, self._next_offsets, stored_at_ms)
        try:
            if self._is_alone:
                result = self._run_alone(work, transaction)
            else:
                result = self._run_among_others(work, transaction)
        except sqlite3.Error as error:
            if is_store_failure(error):
                raise unavailable(error) from error
            raise
        self._appended += transaction.appended
        self._pages += transaction.pages
        return result

    def commit(self) -> None:
        """Make the group durable; BusUnavailableError when that failed and nothing was kept."""
        try:
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            raise unavailable(error) from error

    def rollback(self) -> None:
        """Undo the group. It is right after any failure, however far the group had come."""
        self._forget_offsets(self._appended)
        self._appended = []
        # After some failures SQLite has rolled back by itself; one more error adds nothing.
        with contextlib.suppress(sqlite3.Error):
            self._database.execute("ROLLBACK")

    def close(self) -> None:
        """Close the file; what was not committed is gone."""
        self._database.close()

    def _run_alone(self, work: Callable[[StoreTransaction], T], transaction: StoreTransaction) -> T:
        try:
            return work(transaction)
        except BaseException:
            self._forget_offsets(transaction.appended)
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise

    def _run_among_others(
        self, work: Callable[[StoreTransaction], T], transaction: StoreTransaction
    ) -> T:
        self._database.execute("SAVEPOINT work")
        try:
            result = work(transaction)
        except BaseException:
            self._forget_offsets(transaction.appended)
            if self._database.in_transaction:
                self._database.execute("ROLLBACK TO work")
                self._database.execute("RELEASE work")
            raise
        self._database.execute("RELEASE work")
        return result

    def _forget_offsets(self, appended: Sequence[Stored]) -> None:
        for record in appended:
            self._next_offsets.pop((record.topic, record.district), None)
