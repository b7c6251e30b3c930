"""
The desk's rows as an index of the ledger: they lie in another store than it, and may lag behind.

With each write goes what the rows follow from, so that whoever takes the district over knows what
is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from services.dispatcher.adapters.desk_store import SqliteDeskStore, space_of
from services.dispatcher.domain.record.ledger import GENESIS
from services.dispatcher.ports import Behind, EncodedRows
from services.runtime.bus import Bus, Transaction

INDEX = "index"
"""The space and the key of what rows follow from."""


@dataclass(frozen=True, slots=True)
class IndexMark:
    """
    Rows follow from the ledger up to the record *seq* with *hash*; from the offset *tail_from* on
    that one is found, and every record behind it. *feedback* went out with the last of them.
    """

    seq: int = 0
    hash: str = GENESIS
    tail_from: int = 0
    feedback: Sequence[bytes] = ()

    def to_bytes(self) -> bytes:
        """Return the mark as it is stored."""
        feedback = [event.decode() for event in self.feedback]
        return orjson.dumps([self.seq, self.hash, self.tail_from, feedback])

    @classmethod
    def from_bytes(cls, data: bytes) -> "IndexMark":
        """Return the mark that was stored as *data*."""
        seq, digest, tail_from, feedback = orjson.loads(data)
        return cls(seq, digest, tail_from, tuple(event.encode() for event in feedback))


def read_mark(bus: Bus, district: str) -> IndexMark | None:
    """Return what the rows of *district* follow from; None: nothing is known of them."""
    data = bus.value(space_of(district, INDEX), INDEX)
    return None if data is None else IndexMark.from_bytes(data)


class IndexedDeskStore(SqliteDeskStore):
    """The `DeskStore` over a bus whose records are durable before its values are."""

    def write(self, tx: Transaction, rows: EncodedRows, serial: int, behind: Behind) -> None:
        """Write *rows*, the serial, and what they follow from."""
        super().write(tx, rows, serial, behind)
        head = behind.head
        tail_from = behind.since
        before = tx.get(self._space(INDEX), INDEX)
        if before is not None and (known := IndexMark.from_bytes(before)).seq == head.seq:
            tail_from = known.tail_from  # no record came with these rows
        mark = IndexMark(head.seq, head.hash, tail_from, behind.feedback)
        tx.put(self._space(INDEX), INDEX, mark.to_bytes())
