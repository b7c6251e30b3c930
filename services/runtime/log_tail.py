"""The newest records of one log, kept in memory, and whoever waits for the next."""

import asyncio
import itertools
from collections import deque
from collections.abc import Sequence

from services.runtime.bus import Stored

_RECORDS = 512
_BYTES = 4 << 20


class LogTail:
    """
    Knows what is durable of one (topic, district): *end* is the offset after the last record.

    A follower that keeps up is served from here and never reads the file.
    """

    def __init__(self, end: int) -> None:
        self.end = end
        self._records: deque[Stored] = deque()
        self._bytes = 0
        self._waiters: set[asyncio.Future[None]] = set()

    def extend(self, record: Stored) -> None:
        """Take in the next durable record. Whoever waits is woken by `wake`."""
        if record.offset < self.end:  # it was on disk already when this tail first looked
            return
        self.end = record.offset + 1
        self._records.append(record)
        self._bytes += len(record.data)
        while len(self._records) > _RECORDS or self._bytes > _BYTES:
            self._bytes -= len(self._records.popleft().data)

    def after(self, offset: int, limit: int) -> Sequence[Stored] | None:
        """Return up to *limit* records from *offset* on; None when they are not all in memory."""
        if offset >= self.end:
            return []
        if not self._records or offset < self._records[0].offset:
            return None
        begin = offset - self._records[0].offset
        return list(itertools.islice(self._records, begin, begin + limit))

    def forget(self) -> None:
        """Keep no record: the file was cut."""
        self._records.clear()
        self._bytes = 0

    async def beyond(self, offset: int) -> None:
        """Return when the record at *offset* may be durable, or `wake` was called."""
        if self.end > offset:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)

    def wake(self) -> None:
        """Let everybody look again."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
