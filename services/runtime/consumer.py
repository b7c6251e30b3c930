"""A consumer group's runner over the bus: batches in order, from where the group stopped."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from schemas.topics import Topic
from services.runtime.bus import Bus, BusUnavailableError, Stored
from services.runtime.clock import Clock

_log = structlog.get_logger()

RETRY_AFTER = timedelta(seconds=1)


class Consumer:
    """
    Hands each batch of one topic and district to *handle_batch*, one at a time.

    The handler commits the position in its own transaction. When that fails with
    BusUnavailableError it gets the same batch again after *RETRY_AFTER*, for ever: it must have
    left its memory as it was. Whatever else it raises ends `run`.
    """

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        group: str,
        topic: Topic,
        district: str,
        handle_batch: Callable[[Sequence[Stored]], Awaitable[None]],
        limit: int = 1000,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self.group = group
        self.topic = topic
        self._district = district
        self._handle_batch = handle_batch
        self._limit = limit
        self._handled: int | None = None
        self._waits_for_bus = False

    @property
    def at_rest(self) -> bool:
        """Whether every durable record has been handled, or only time can help."""
        return self._handled is not None and (self.lag == 0 or self._waits_for_bus)

    @property
    def lag(self) -> int:
        """
        How far the records handled are behind those that are durable, in offsets; before `run`, all
        of the way. 0 says that every one is handled.
        """
        end = self._bus.known_end(self.topic, self._district)
        return max(0, end - (self._handled or 0))

    async def run(self) -> None:
        """Handle what is there and what comes, until the bus is closed or this is cancelled."""
        await self._bus.end(self.topic, self._district)  # from now on its lag is known
        self._handled = await self._bus.position(self.group, self.topic, self._district)
        batches = self._bus.follow(self.topic, self._district, self._handled, self._limit)
        async for batch in batches:
            await self._handle(batch)
            self._handled = batch[-1].offset + 1

    async def _handle(self, batch: Sequence[Stored]) -> None:
        while True:
            try:
                await self._handle_batch(batch)
            except BusUnavailableError:
                _log.warning(
                    "batch_put_back", group=self.group, topic=self.topic, offset=batch[0].offset
                )
            else:
                return
            self._waits_for_bus = True
            await self._clock.sleep_until(self._clock.now() + RETRY_AFTER)
            self._waits_for_bus = False
