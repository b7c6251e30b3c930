"""Retention as a task: once a day what has been kept long enough goes, the ledger never."""

from datetime import timedelta

import structlog

from services.runtime.bus import BusError
from services.runtime.clock import Clock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.retention import apply_retention

FIRST_AFTER = timedelta(minutes=10)
"""After a start: whoever starts in the middle of a night has more urgent things to read."""
EVERY = timedelta(days=1)

_log = structlog.get_logger()


async def keep_retention(
    bus: EmbeddedBus, clock: Clock, first_after: timedelta = FIRST_AFTER, every: timedelta = EVERY
) -> None:
    """
    Apply the retention of every topic *first_after* the start and then *every* day, until cancelled.

    A disk that cannot be written now is tried again the next day: nothing is lost by keeping more.
    """
    due_at = clock.now() + first_after
    while True:
        await clock.sleep_until(due_at)
        try:
            await apply_retention(bus, clock.now())
        except BusError as error:
            _log.warning("retention_put_off", error_type=type(error).__name__)
        else:
            _log.info("retention_applied")
        # A clock that has jumped must not make it catch up day by day.
        due_at = max(due_at + every, clock.now())
