"""An outbox in front of brokers that a test sends away, on a clock that it moves."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from schemas.event import Tick
from schemas.topics import Topic
from schemas.wire import encode
from services.ingest.adapters.outbox import Outbox
from services.runtime.bus import Outgoing
from services.runtime.clock import SteppingClock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.metrics import Metrics
from services.runtime.rest import settle
from tests.fakes.brokers import FakeBrokers
from tests.unit.ingest.small_district import DISTRICT

MILLISECOND = timedelta(milliseconds=1)
SPOOL_BYTES = 2_000
LARGEST = 1_000


class Office:
    """An outbox in front of brokers that a test sends away, on a clock that it moves."""

    def __init__(self, folder: Path, clock: SteppingClock, max_pages: int | None = None) -> None:
        self.clock = clock
        self.brokers = FakeBrokers(clock, LARGEST)
        self.metrics = Metrics(CollectorRegistry())
        self._folder = folder
        self._max_pages = max_pages
        self._tasks: list[asyncio.Task[object]] = []
        self._asked: list[asyncio.Task[object]] = []

    async def open(self, spool_bytes: int = SPOOL_BYTES) -> None:
        self.local = await EmbeddedBus.open(
            self._folder, self.clock, ballast_bytes=4096, max_pages=self._max_pages
        )
        self.metrics = Metrics(CollectorRegistry())
        self.outbox = Outbox(
            self.local,
            self.brokers,
            self.clock,
            DISTRICT,
            spool_bytes=spool_bytes,
            metrics=self.metrics,
        )
        await self.outbox.open()
        self.outbox.start(self.spawn)
        await self.settle()

    def spawn(self, _name: str, work: Coroutine[Any, Any, object]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def die(self) -> None:
        """Nothing is put in order, as when the process is killed."""
        for task in (*self._tasks, *self._asked):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._asked, return_exceptions=True)
        self._tasks.clear()
        await self.local.close()

    async def take(self, name: str, size: int = 0) -> asyncio.Task[object]:
        """Append an event, and return whether its sender is answered."""
        tick = Tick(district=DISTRICT, event_id=name + "x" * size, accepted_at=self.clock.now())
        record = Outgoing(Topic.EVENTS, DISTRICT, encode(tick))
        asked: asyncio.Task[object] = asyncio.create_task(self.outbox.publish([record]))
        self._asked.append(asked)
        await self.settle()
        return asked

    async def pass_time(self, span: timedelta) -> None:
        """Let *span* pass, instant by instant."""
        await self.settle()
        until = self.clock.now() + span
        while (due := self.clock.next_due()) is not None and due <= until:
            self.clock.step()
            await self.settle()
        self.clock.move_to(until)
        await self.settle()

    async def settle(self) -> None:
        await settle([self.local])

    @property
    def names(self) -> list[str]:
        """The events at the brokers, in their order."""
        found = self.brokers.records(Topic.EVENTS, DISTRICT)
        return [vars(event)["event_id"].strip("x") for event in found]

    def gauge(self, name: str) -> float | None:
        return self.metrics.registry.get_sample_value(name)
