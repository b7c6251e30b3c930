"""
A snapshot kept in rows that are smaller than it, so that one that is not whole is known as such.

A store takes values of a megabyte at most, and the state of a thousand sensors is larger. So it is
compressed, cut, and laid beside the one before; the row that names it is written last and has its
hash. A writer that died on the way, or one that should have, leaves a hash that does not fit, and
then the one before is taken.
"""

import zlib
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
import structlog

from services.correlator.ports import Rows

_log = structlog.get_logger()

CHUNK_BYTES = 512 * 1024
"""Half of what a broker takes in one message unless it was told otherwise."""

_SLOTS = (0, 1)
_FAST = 1
"""zlib's level: the state is digits and repeated ids, and the loop waits meanwhile."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A snapshot, equal to the fold of every record before *offset*, whose decisions are durable."""

    offset: int
    snapshot: bytes


class KeptState:
    """One district's snapshots, the last two of them."""

    def __init__(self, rows: Rows, chunk_bytes: int = CHUNK_BYTES) -> None:
        self._rows = rows
        self._chunk_bytes = chunk_bytes
        self._newest: int | None = None

    def read(self) -> Kept | None:
        """Return the newest snapshot that is whole, or None."""
        for slot, head in sorted(self._heads(), key=lambda found: -found[1]["offset"]):
            snapshot = self._whole(slot, head)
            if snapshot is not None:
                self._newest = slot
                return Kept(head["offset"], snapshot)
            _log.warning("snapshot_not_whole", offset=head["offset"])
        return None

    def write(self, kept: Kept) -> None:
        """Keep a snapshot in the place of the one before the last."""
        packed = zlib.compress(kept.snapshot, _FAST)
        chunks = [
            packed[at : at + self._chunk_bytes] for at in range(0, len(packed), self._chunk_bytes)
        ]
        slot = _SLOTS[0] if self._newest != _SLOTS[0] else _SLOTS[1]
        for number, chunk in enumerate(chunks):
            self._rows.put(_chunk_key(slot, number), chunk)
        # Last: a head is only ever found when what it names was written before it.
        head = {
            "offset": kept.offset,
            "chunks": len(chunks),
            "sha256": sha256(packed).hexdigest(),
        }
        self._rows.put(_head_key(slot), orjson.dumps(head))
        self._newest = slot

    def _heads(self) -> list[tuple[int, dict[str, Any]]]:
        found = []
        for slot in _SLOTS:
            head = self._rows.get(_head_key(slot))
            if head is not None:
                found.append((slot, orjson.loads(head)))
        return found

    def _whole(self, slot: int, head: dict[str, Any]) -> bytes | None:
        chunks = [self._rows.get(_chunk_key(slot, number)) for number in range(head["chunks"])]
        packed = b"".join(chunk for chunk in chunks if chunk is not None)
        return zlib.decompress(packed) if sha256(packed).hexdigest() == head["sha256"] else None


def _head_key(slot: int) -> str:
    return f"head/{slot}"


def _chunk_key(slot: int, number: int) -> str:
    return f"state/{slot}/{number}"
