"""
What was accepted before, kept in the bus's own store and asked in the transaction that appends.

Two kinds of memory. A key of a warning or tip is a row, in a space of 90 days; the two newest are
asked, older ones are dropped. Readings are too many for a row each: one row per appended event
holds them all packed, and a table in memory, filled from those rows at the start, answers. A
reading forgotten by it is appended again, which changes nothing: a window is a map.
"""

import hashlib
import struct
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain

from services.ingest.domain.dedup import SeriesKey
from services.runtime.bus import Transaction

_BUCKET = timedelta(days=90)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OLD_BUCKETS = range(2, 8)
_READINGS = "ingest.readings"
_PAIR = struct.Struct(">Qq")
_MASK = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15  # 2**64 over the golden ratio: neighbours in time lie far apart
_DROPPED_AT_ONCE = 8  # rows: dropping a generation must not hold up an append


class SeenKeys:
    """Keys of events that are appended once, and values kept with them."""

    def __init__(self, space: str = "ingest.seen") -> None:
        self._space = space

    def get(self, tx: Transaction, key: str, now: datetime) -> bytes | None:
        """Return what was put under *key* in this span or the one before."""
        at = self._bucket(now)
        found = tx.get(self._name(at), key)
        return found if found is not None else tx.get(self._name(at - 1), key)

    def put(self, tx: Transaction, key: str, value: bytes, now: datetime) -> None:
        """Keep *value* under *key* for 90 days at least."""
        tx.put(self._name(self._bucket(now)), key, value)

    def drop_old(self, tx: Transaction, now: datetime) -> None:
        """Remove what is no longer asked for."""
        for back in _OLD_BUCKETS:
            space = self._name(self._bucket(now) - back)
            for key, _ in tx.scan(space):
                tx.delete(space, key)

    def _bucket(self, now: datetime) -> int:
        return (now - _EPOCH) // _BUCKET

    def _name(self, bucket: int) -> str:
        return f"{self._space}.{bucket}"


class _Batch:
    """One appended event's readings; *is_durable* once its transaction is known to be."""

    __slots__ = ("is_durable", "row")

    def __init__(self, row: str, *, is_durable: bool) -> None:
        self.row = row
        self.is_durable = is_durable


class ReadingMemory:
    """
    The values last accepted of the newest readings, at most twice *limit* of them.

    Used only inside transactions, which run one after the other. What a transaction notes counts
    at once; should it fail, its row is not there, and whoever meets its readings asks for the row.
    """

    def __init__(self, limit: int = 100_000) -> None:
        self._limit = limit
        self._new: dict[int, tuple[int, _Batch]] = {}
        self._old: dict[int, tuple[int, _Batch]] = {}
        self._rows: deque[str] = deque()
        self._old_rows: deque[str] = deque()
        self._dropped: deque[str] = deque()

    def load(self, tx: Transaction) -> None:
        """Fill the memory from the rows of an earlier run."""
        for row, packed in tx.scan(_READINGS):
            batch = _Batch(row, is_durable=True)
            self._add(row, [(digest, value) for digest, value in _PAIR.iter_unpack(packed)], batch)

    def values(self, tx: Transaction, digests: Sequence[int]) -> dict[int, int]:
        """Return the values accepted for those of the readings that are remembered."""
        known: dict[int, int] = {}
        new, old = self._new, self._old
        for digest in digests:
            found = new.get(digest) or old.get(digest)
            if found is None:
                continue
            value, batch = found
            if batch.is_durable or tx.get(_READINGS, batch.row) is not None:
                known[digest] = value
        return known

    def note(self, tx: Transaction, row: str, pairs: Sequence[tuple[int, int]]) -> _Batch:
        """Remember *pairs* of digest and value under *row*, in memory and in *tx*."""
        packed = struct.pack(">" + "Qq" * len(pairs), *chain.from_iterable(pairs))
        tx.put(_READINGS, row, packed)
        for _ in range(min(_DROPPED_AT_ONCE, len(self._dropped))):
            tx.delete(_READINGS, self._dropped.popleft())
        batch = _Batch(row, is_durable=False)
        self._add(row, pairs, batch)
        return batch

    def _add(self, row: str, pairs: Sequence[tuple[int, int]], batch: _Batch) -> None:
        if len(self._new) >= self._limit:
            self._dropped.extend(self._old_rows)
            self._old, self._new = self._new, {}
            self._old_rows, self._rows = self._rows, deque()
        self._rows.append(row)
        for digest, value in pairs:
            self._new[digest] = (value, batch)


def digest_of(series: SeriesKey, at_us: int) -> int:
    """
    Return 64 bits of a reading's key: of 200,000 readings two fall together once in a billion times.

    Two of one series never do: there the bits only count on with the microseconds, in steps that
    are odd.
    """
    return (_bits_of(series) + at_us * _STEP) & _MASK


@lru_cache(maxsize=1 << 16)
def _bits_of(series: SeriesKey) -> int:
    text = "|".join("" if part is None else str(part) for part in series)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
