"""One handler's effects, as statements inside the store's open transaction."""

import contextlib
import itertools
import sqlite3
from collections.abc import Sequence

from schemas.topics import Topic
from services.runtime.bus import Outgoing, Stored
from services.runtime.sqlite_file import PAGE_BYTES

LogKey = tuple[Topic, str]


class StoreTransaction:
    """
    The `Transaction` of the bus port, over SQLite.

    *next_offsets* belongs to the store and is written through; what was appended is kept in
    `appended`, for followers and for undoing. Good only until the handler returns.
    """

    def __init__(
        self, database: sqlite3.Connection, next_offsets: dict[LogKey, int], stored_at_ms: int
    ) -> None:
        self._database = database
        self._next_offsets = next_offsets
        self._stored_at_ms = stored_at_ms
        self.appended: list[Stored] = []
        self.pages = 0
        """About how many pages of the write-ahead log this takes; 0 when nothing was written."""

    def append(self, record: Outgoing) -> None:
        """Append *record*."""
        self.place(record)

    def place(self, record: Outgoing) -> int:
        """Append *record* and return its offset."""
        key = (record.topic, record.district)
        offset = self._next_offsets.get(key)
        if offset is None:
            (last,) = self._database.execute(
                "SELECT max(offset) FROM log WHERE topic = ? AND district = ?",
                (record.topic.value, record.district),
            ).fetchone()
            offset = 0 if last is None else int(last) + 1
        self._write(
            "INSERT INTO log VALUES (?, ?, ?, ?, ?)",
            (record.topic.value, record.district, offset, self._stored_at_ms, record.data),
            len(record.data),
        )
        self._next_offsets[key] = offset + 1
        self.appended.append(
            Stored(record.topic, record.district, offset, record.data, record.record)
        )
        return offset

    def get(self, space: str, key: str) -> bytes | None:
        """Return the value, or None."""
        row = self._database.execute(
            "SELECT value FROM kv WHERE space = ? AND key = ?", (space, key)
        ).fetchone()
        return None if row is None else bytes(row[0])

    def put(self, space: str, key: str, value: bytes) -> None:
        """Set the value."""
        self._write(
            "INSERT INTO kv VALUES (?, ?, ?)"
            " ON CONFLICT (space, key) DO UPDATE SET value = excluded.value",
            (space, key, value),
            len(value),
        )

    def delete(self, space: str, key: str) -> None:
        """Remove the value if there is one."""
        self._write("DELETE FROM kv WHERE space = ? AND key = ?", (space, key))

    def scan(self, space: str, prefix: str = "") -> Sequence[tuple[str, bytes]]:
        """Return (key, value) of every key that begins with *prefix*, in the order of the keys."""
        rows = self._database.execute(
            "SELECT key, value FROM kv WHERE space = ? AND key >= ? ORDER BY key", (space, prefix)
        )
        with contextlib.closing(rows):
            return list(itertools.takewhile(lambda row: row[0].startswith(prefix), rows))

    def commit_position(self, group: str, topic: Topic, district: str, offset: int) -> None:
        """*group* has dealt with every record before *offset*. A position never goes back."""
        self._write(
            "INSERT INTO positions VALUES (?, ?, ?, ?) ON CONFLICT (consumers, topic, district)"
            " DO UPDATE SET offset = max(offset, excluded.offset)",
            (group, topic.value, district, offset),
        )

    def drop_before(self, topic: Topic, district: str, offset: int, limit: int) -> int:
        """
        Remove up to *limit* of the oldest records before *offset*; return how many.

        The last record stays whatever *offset* says: the next offset is read from it.
        """
        cursor = self._database.execute(
            "DELETE FROM log WHERE topic = :topic AND district = :district AND offset IN ("
            " SELECT offset FROM log WHERE topic = :topic AND district = :district"
            " AND offset < min(:offset, (SELECT max(offset) FROM log"
            " WHERE topic = :topic AND district = :district)) ORDER BY offset LIMIT :limit)",
            {"topic": topic.value, "district": district, "offset": offset, "limit": limit},
        )
        self.pages += 1 + cursor.rowcount
        return cursor.rowcount

    def _write(self, statement: str, values: tuple[object, ...], size: int = 0) -> None:
        self.pages += 1 + size // PAGE_BYTES
        self._database.execute(statement, values)
