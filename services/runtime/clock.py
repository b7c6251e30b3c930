"""
The one clock of a process, in three settings: real, scaled, stepping.

Everything that waits, waits on this clock, so a night can be lived through in seconds and a
test never sleeps. Nothing else reads the machine's time or waits in it; `rest.py`, which lets
other work run until it is done, is the one exception.
"""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What a pipeline knows of time: what it is now, and how to wait."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...

    async def sleep_until(self, instant: datetime) -> None:
        """Return once `now()` is at or after *instant*."""
        ...


def _shown_by_the_machine() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the one place that may


class RealClock:
    """
    The machine's own clock, which goes on when somebody sets it back: for as long as it shows an
    earlier time, seconds are counted. Deadlines of people who are being called do not wait for it.
    """

    def __init__(
        self,
        shown: Callable[[], datetime] = _shown_by_the_machine,
        counted: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shown = shown
        self._counted = counted
        self._base, self._mark = shown(), counted()

    def now(self) -> datetime:
        """Return the machine's time, or a later one where it was set back."""
        shown, counted = self._shown(), self._counted()
        steady = self._base + timedelta(seconds=counted - self._mark)
        if shown < steady:
            return steady
        self._base, self._mark = shown, counted
        return shown

    async def sleep_until(self, instant: datetime) -> None:
        """Wait in real time."""
        while (left := (instant - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - not a poll
            await asyncio.sleep(left)


class ScaledClock:
    """
    A clock that starts at *start* and runs *speed* times as fast as the machine's.

    The speed may be changed while it runs: waits that are under way are re-timed.
    """

    def __init__(self, start: datetime, speed: float = 1.0) -> None:
        self._base = start
        self._mark = time.monotonic()
        self._speed = speed
        self._changed = asyncio.Event()

    @property
    def speed(self) -> float:
        """How many seconds pass here in one second of the machine."""
        return self._speed

    def now(self) -> datetime:
        """Return the scaled time."""
        return self._base + timedelta(seconds=(time.monotonic() - self._mark) * self._speed)

    def set_speed(self, speed: float) -> None:
        """Go on from the present instant at *speed*, which must be greater than 0."""
        self._base, self._mark = self.now(), time.monotonic()
        self._speed = speed
        self._changed.set()
        self._changed = asyncio.Event()

    async def sleep_until(self, instant: datetime) -> None:
        """Wait until the scaled clock shows *instant*, whatever its speed becomes meanwhile."""
        while (left := (instant - self.now()).total_seconds() / self._speed) > 0:
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                continue


class SteppingClock:
    """
    A clock that stands still until it is stepped to the next instant somebody waits for.

    Whoever drives it calls `step()` when all other work has come to rest.
    """

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._order = itertools.count()
        self._waiters: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """Return the instant the clock stands at."""
        return self._now

    def next_due(self) -> datetime | None:
        """Return the earliest instant anybody waits for, or None."""
        while self._waiters and self._waiters[0][2].done():
            heapq.heappop(self._waiters)
        return self._waiters[0][0] if self._waiters else None

    def move_to(self, instant: datetime) -> None:
        """Set the clock to *instant* if that is later, and wake whoever waited for it."""
        self._now = max(self._now, instant)
        while self._waiters and self._waiters[0][0] <= self._now:
            waiter = heapq.heappop(self._waiters)[2]
            if not waiter.done():
                waiter.set_result(None)

    def step(self) -> bool:
        """Move to the next instant that is waited for; False when nobody waits."""
        due = self.next_due()
        if due is None:
            return False
        self.move_to(due)
        return True

    async def sleep_until(self, instant: datetime) -> None:
        """Wait until the clock has been moved to *instant*."""
        if instant <= self._now:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiters, (instant, next(self._order), waiter))
        await waiter


def stopwatch() -> Callable[[], float]:
    """Start measuring, and return what tells the machine's seconds since: for metrics only."""
    begin = time.perf_counter()
    return lambda: time.perf_counter() - begin


def counted_seconds() -> float:
    """
    Return seconds that only ever grow, those among them that the machine slept: for deadlines which
    another machine keeps too.
    """
    slept_too = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(slept_too)


def pause(span: timedelta) -> None:
    """Let the machine's time pass in a process that has no loop."""
    time.sleep(span.total_seconds())
