"""What of a local log is not published yet: how much, since when, and who waits for it."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

_STRETCH = timedelta(milliseconds=100)  # a day of it is 864,000 entries, however much came


@dataclass(slots=True)
class _Stretch:
    """What was appended from *at* on for a moment, up to *end*."""

    at: datetime
    end: int
    records: int
    size: int


class Backlog:
    """
    One log's part of the spool, counted in memory; `changed` is set with every change.

    `position` is where publishing goes on: everything before it is published. `set_aside` counts
    what was passed although no broker took it.
    """

    def __init__(self) -> None:
        self.position = 0
        self.records = 0
        self.size = 0
        self.set_aside = 0
        self.changed = asyncio.Event()
        self._stretches: deque[_Stretch] = deque()
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def end(self) -> int:
        """The offset after the last record that waits; `position` when none does."""
        return self._stretches[-1].end if self._stretches else self.position

    @property
    def oldest_at(self) -> datetime | None:
        """Since when the oldest record waits, to a tenth of a second; None when none does."""
        return self._stretches[0].at if self._stretches else None

    def add(self, end: int, records: int, size: int, at: datetime) -> None:
        """Count what a transaction appended; what is published already is left out."""
        if end <= self.position:
            return
        self.records += records
        self.size += size
        last = self._stretches[-1] if self._stretches else None
        if last is not None and at - last.at < _STRETCH:
            last.end = end
            last.records += records
            last.size += size
        else:
            self._stretches.append(_Stretch(at, end, records, size))
        self.changed.set()

    def pass_to(self, position: int) -> None:
        """Everything before *position* is published: whoever waited for that goes on."""
        self.position = max(self.position, position)
        while self._stretches and self._stretches[0].end <= self.position:
            stretch = self._stretches.popleft()
            self.records -= stretch.records
            self.size -= stretch.size
        self._wake(lambda end: end <= self.position)
        self.changed.set()

    async def passed(self, end: int) -> None:
        """Return when everything before *end* is published, or `release` was called."""
        if end <= self.position:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((end, waiter))
        await waiter

    def release(self) -> None:
        """Let everybody go on who waits."""
        self._wake(lambda _end: True)

    def _wake(self, may_go: Callable[[int], bool]) -> None:
        # Transactions become durable in their order, and so the ends stand in theirs.
        while self._waiting and may_go(self._waiting[0][0]):
            waiter = self._waiting.popleft()[1]
            if not waiter.done():
                waiter.set_result(None)
