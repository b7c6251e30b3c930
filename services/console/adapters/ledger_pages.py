"""
The ledger's pages, from where it lies.

Record number n lies at offset n - 1 or, where offsets leave gaps, behind it; a page's end is found
by halving what is left between.
"""

from collections.abc import Sequence

from schemas.dispatch import LedgerRecord
from schemas.topics import Topic
from schemas.wire import decode
from services.runtime.bus import Bus, Stored


class BusLedger:
    """`LedgerPages` over the bus."""

    def __init__(self, bus: Bus, district: str) -> None:
        self._bus = bus
        self._district = district

    async def page(self, before: int | None, limit: int) -> Sequence[LedgerRecord]:
        """Return up to *limit* records older than number *before*, the newest first."""
        until = None if before is None else await self._offset_of(before)
        if limit < 1 or until == 0:
            return []
        stored = await self._bus.newest(Topic.DISPATCH, self._district, until, limit)
        return [record for one in reversed(stored) if (record := _record(one))]

    async def _offset_of(self, number: int) -> int:
        """Return an offset with every record before *number* before it, and no other."""
        first = max(0, number - 1)
        last = await self._bus.end(Topic.DISPATCH, self._district)
        # In a log without gaps the first look finds it.
        middle = first
        while first < last:
            found = await self._bus.read(Topic.DISPATCH, self._district, middle, 1)
            record = _record(found[0]) if found else None
            if record is None or record.seq >= number:
                last = middle
            else:
                first = found[0].offset + 1
            middle = (first + last) // 2
        return first


def _record(stored: Stored) -> LedgerRecord | None:
    record = decode(Topic.DISPATCH, stored.data)
    return record if isinstance(record, LedgerRecord) else None
