"""Retention runs by itself: soon after the start, and then every day."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from structlog.testing import capture_logs

from schemas.topics import TOPICS, Topic
from services.runtime.bus import BusUnavailableError, Outgoing
from services.runtime.clock import SteppingClock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.rest import settle
from services.runtime.retention_task import EVERY, FIRST_AFTER, keep_retention

DISTRICT = "500199"
START = datetime(2026, 7, 1, tzinfo=UTC)
KEPT_FOR = TOPICS[Topic.EVENTS].retention or timedelta(0)


class FailingBus(EmbeddedBus):
    """A bus that cannot cut anything."""

    is_broken = True

    async def drop_stored_before(self, topic: Topic, district: str, stored_at_ms: int) -> None:
        if self.is_broken:
            raise BusUnavailableError("the disk is full")
        await super().drop_stored_before(topic, district, stored_at_ms)


@asynccontextmanager
async def kept(bus: EmbeddedBus, clock: SteppingClock) -> AsyncIterator[None]:
    task = asyncio.create_task(keep_retention(bus, clock))
    await settle([bus])
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await bus.close()


async def records(bus: EmbeddedBus) -> list[bytes]:
    return [record.data for record in await bus.read(Topic.EVENTS, DISTRICT, 0)]


async def test_the_first_time_is_soon_after_the_start_and_the_next_a_day_later(
    tmp_path: Path,
) -> None:
    clock = SteppingClock(START)
    bus = await EmbeddedBus.open(tmp_path, clock)
    async with kept(bus, clock):
        assert clock.next_due() == START + FIRST_AFTER
        clock.step()
        await settle([bus])

        assert clock.next_due() == START + FIRST_AFTER + EVERY


async def test_what_is_old_goes_and_what_is_young_stays(tmp_path: Path) -> None:
    clock = SteppingClock(START)
    bus = await EmbeddedBus.open(tmp_path, clock)
    await bus.publish([Outgoing(Topic.EVENTS, DISTRICT, b"old")])
    async with kept(bus, clock):
        clock.move_to(START + KEPT_FOR - timedelta(days=1))
        await settle([bus])
        await bus.publish([Outgoing(Topic.EVENTS, DISTRICT, b"young")])
        assert await records(bus) == [b"old", b"young"]

        clock.move_to(START + KEPT_FOR + 2 * EVERY)
        await settle([bus])

        assert await records(bus) == [b"young"]


async def test_a_clock_that_jumped_does_not_make_it_catch_up_day_by_day(tmp_path: Path) -> None:
    clock = SteppingClock(START)
    bus = await EmbeddedBus.open(tmp_path, clock)
    async with kept(bus, clock):
        with capture_logs() as logs:
            clock.move_to(START + timedelta(days=30))
            await settle([bus])

    assert [line["event"] for line in logs].count("retention_applied") <= 2


async def test_a_disk_that_cannot_be_written_is_tried_again_the_next_day(tmp_path: Path) -> None:
    clock = SteppingClock(START)
    bus = await FailingBus.open(tmp_path, clock)
    await bus.publish([Outgoing(Topic.EVENTS, DISTRICT, b"old")])
    async with kept(bus, clock):
        with capture_logs() as logs:
            clock.step()
            await settle([bus])

        assert [line["event"] for line in logs] == ["retention_put_off"]
        assert clock.next_due() == START + FIRST_AFTER + EVERY
