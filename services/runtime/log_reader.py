"""
Reading the store's file: durable records, positions and values; nothing is changed.

It may be used beside a running process, which holds the lock for writing only.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from schemas.topics import Topic
from services.runtime.bus import Stored
from services.runtime.sqlite_file import open_for_reading, unavailable

_BEYOND = (1 << 63) - 1  # SQLite's largest integer


@contextlib.contextmanager
def _failures_translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise unavailable(error) from error


class LogReader:
    """A connection of its own, so that it never sees what is not committed."""

    def __init__(self, path: Path) -> None:
        with _failures_translated():
            self._database = open_for_reading(path)

    def read(self, topic: Topic, district: str, offset: int, limit: int) -> Sequence[Stored]:
        """Return up to *limit* records from *offset* on, oldest first."""
        with _failures_translated():
            # Every row is fetched at once: a read left open would keep the log from being reused.
            rows = self._database.execute(
                "SELECT offset, data FROM log WHERE topic = ? AND district = ? AND offset >= ?"
                " ORDER BY offset LIMIT ?",
                (topic.value, district, offset, limit),
            ).fetchall()
        return [Stored(topic, district, at, data) for at, data in rows]

    def newest(
        self, topic: Topic, district: str, before: int | None, limit: int
    ) -> Sequence[Stored]:
        """Return the *limit* newest records before offset *before*, oldest first."""
        with _failures_translated():
            rows = self._database.execute(
                "SELECT offset, data FROM log WHERE topic = ? AND district = ? AND offset < ?"
                " ORDER BY offset DESC LIMIT ?",
                (topic.value, district, _BEYOND if before is None else before, limit),
            ).fetchall()
        return [Stored(topic, district, at, data) for at, data in reversed(rows)]

    def end(self, topic: Topic, district: str) -> int:
        """Return the offset after the last record; 0 when there is none."""
        with _failures_translated():
            (last,) = self._database.execute(
                "SELECT max(offset) FROM log WHERE topic = ? AND district = ?",
                (topic.value, district),
            ).fetchone()
        return 0 if last is None else int(last) + 1

    def position(self, group: str, topic: Topic, district: str) -> int:
        """Return the offset *group* goes on from; 0 at first."""
        with _failures_translated():
            row = self._database.execute(
                "SELECT offset FROM positions WHERE consumers = ? AND topic = ? AND district = ?",
                (group, topic.value, district),
            ).fetchone()
        return 0 if row is None else int(row[0])

    def value(self, space: str, key: str) -> bytes | None:
        """Return the value, or None."""
        with _failures_translated():
            row = self._database.execute(
                "SELECT value FROM kv WHERE space = ? AND key = ?", (space, key)
            ).fetchone()
        return None if row is None else bytes(row[0])

    def values(self, space: str) -> Sequence[tuple[str, bytes]]:
        """Return (key, value) of everything in *space*, in the order of the keys."""
        with _failures_translated():
            return self._database.execute(
                "SELECT key, value FROM kv WHERE space = ? ORDER BY key", (space,)
            ).fetchall()

    def logs(self) -> Sequence[tuple[Topic, str]]:
        """Return every (topic, district) that holds a record, in their order."""
        with _failures_translated():
            rows = self._database.execute(
                "SELECT DISTINCT topic, district FROM log ORDER BY topic, district"
            ).fetchall()
        return [(Topic(topic), district) for topic, district in rows]

    def first_since(self, topic: Topic, district: str, stored_at_ms: int) -> int | None:
        """Return the first offset stored at or after *stored_at_ms*, or None."""
        with _failures_translated():
            row = self._database.execute(
                "SELECT offset FROM log WHERE topic = ? AND district = ? AND stored_at >= ?"
                " ORDER BY offset LIMIT 1",
                (topic.value, district, stored_at_ms),
            ).fetchone()
        return None if row is None else int(row[0])

    def end_and_values(
        self, topic: Topic, district: str, spaces: str
    ) -> tuple[int, dict[str, list[tuple[str, bytes]]]]:
        """
        Return the offset after the last record, and as of the same moment every (key, value) of the
        spaces that begin with *spaces*, by what the space's name goes on with.
        """
        found: dict[str, list[tuple[str, bytes]]] = {}
        with _failures_translated():
            self._database.execute("BEGIN")
            try:
                end = self.end(topic, district)
                for space, key, value in self._database.execute(
                    "SELECT space, key, value FROM kv WHERE space >= ? AND space < ?"
                    " ORDER BY space, key",
                    (spaces, spaces + "\U0010ffff"),
                ):
                    found.setdefault(space.removeprefix(spaces), []).append((key, value))
            finally:
                self._database.execute("COMMIT")
        return end, found

    def close(self) -> None:
        """Close the file."""
        self._database.close()
