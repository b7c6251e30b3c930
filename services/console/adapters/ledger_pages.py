"""The ledger's pages, from where it lies: record number n is at offset n - 1."""

from collections.abc import Sequence

from schemas.dispatch import LedgerRecord
from schemas.topics import Topic
from schemas.wire import decode
from services.runtime.bus import Bus


class BusLedger:
    """`LedgerPages` over the bus."""

    def __init__(self, bus: Bus, district: str) -> None:
        self._bus = bus
        self._district = district

    async def page(self, before: int | None, limit: int) -> Sequence[LedgerRecord]:
        """Return up to *limit* records older than number *before*, the newest first."""
        end = await self._bus.end(Topic.DISPATCH, self._district)
        last = end if before is None else min(end, before - 1)
        first = max(0, last - limit)
        stored = await self._bus.read(Topic.DISPATCH, self._district, first, max(0, last - first))
        records = [decode(Topic.DISPATCH, one.data) for one in stored]
        return [record for record in reversed(records) if isinstance(record, LedgerRecord)]
