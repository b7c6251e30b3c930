"""The passing of time as an event: a `Tick` while nothing else comes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from services.ingest.domain.errors import NotDurableError
from services.runtime.clock import Clock


class TickLog(Protocol):
    """What ticking needs of the event log."""

    last_appended_at: datetime | None

    async def tick(self) -> None:
        """Append a `Tick`."""
        ...


class Ticker:
    """
    Keeps the log's own clock going (design.md 2.1).

    On a clock that runs, `run` appends a tick when *every* has passed since the last event. On
    the stepping clock nobody runs it: whoever steps asks *next_due* for the process's next due
    timer, moves the clock there and calls `tick`.

    While *is_spooling* none is appended, so that a spool holds what was said and nothing else.
    """

    def __init__(
        self,
        log: TickLog,
        clock: Clock,
        every: timedelta,
        next_due: Callable[[], datetime | None] = lambda: None,
        is_spooling: Callable[[], bool] = lambda: False,
    ) -> None:
        self._log = log
        self._clock = clock
        self._every = every
        self._is_spooling = is_spooling
        self.next_due = next_due

    async def run(self) -> None:
        """Tick for ever. A tick that cannot be written is tried again in its turn."""
        logger = structlog.get_logger()
        tried_at = self._clock.now()
        while True:
            last_at = max(self._log.last_appended_at or tried_at, tried_at)
            await self._clock.sleep_until(last_at + self._every)
            if (self._log.last_appended_at or tried_at) > last_at:
                continue
            tried_at = self._clock.now()
            if self._is_spooling():
                # Nobody reads these ticks before the brokers are back, and whatever comes after
                # them carries time on all the same: timers fire at the times when they were due.
                continue
            try:
                await self.tick()
            except NotDurableError:
                logger.warning("tick_not_written")

    async def tick(self) -> None:
        """Append one tick now; NotDurableError when it cannot be written."""
        await self._log.tick()
