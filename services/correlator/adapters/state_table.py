"""
A district's rows in a Faust table: on this machine's disk, and in a topic that others follow.

Faust lays a value into the partition of the event that is being handled, and knows of that one by a
context variable. Here several districts are handled at once, and one is restored before any event
has come, so each access says itself which partition it means.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from weakref import ref

from faust.streams import _current_event
from faust.types import TP, TableT


class _Place:
    """What a table asks of the current event: where it lies."""

    def __init__(self, at: TP) -> None:
        self.message = self
        self.topic = at.topic
        self.partition = at.partition


class TableRows:
    """The rows of *district* in *table*, which lie in the partition of its events, *at*."""

    def __init__(self, table: TableT[bytes, bytes], district: str, at: TP) -> None:
        self._table = table
        self._district = district
        self._place = _Place(at)

    def get(self, key: str) -> bytes | None:
        """Return the value, or None."""
        with self._in_place():
            found: bytes | None = self._table.get(self._key(key))
            return found

    def put(self, key: str, value: bytes) -> None:
        """Write the value to the disk; it is on its way to the topic when this returns."""
        with self._in_place():
            self._table[self._key(key)] = value

    def _key(self, key: str) -> bytes:
        return f"{self._district}/{key}".encode()

    @contextmanager
    def _in_place(self) -> Iterator[None]:
        token = _current_event.set(ref(cast("Any", self._place)))
        try:
            yield
        finally:
            _current_event.reset(token)
