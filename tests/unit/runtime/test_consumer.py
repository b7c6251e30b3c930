import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from schemas.topics import Topic
from services.runtime.bus import BusUnavailableError, Outgoing, Stored, Transaction
from services.runtime.clock import SteppingClock, stopwatch
from services.runtime.consumer import Consumer
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.rest import drive, settle

START = datetime(2025, 7, 1, tzinfo=UTC)
DISTRICT = "500108"


class Handler:
    """Copies events to decisions, commits its position, and fails when it is told to."""

    def __init__(self, bus: EmbeddedBus) -> None:
        self.bus = bus
        self.failures: list[Exception] = []
        self.batches: list[list[bytes]] = []

    async def handle(self, batch: Sequence[Stored]) -> None:
        if self.failures:
            raise self.failures.pop()

        def work(tx: Transaction) -> None:
            for record in batch:
                tx.append(Outgoing(Topic.DECISIONS, DISTRICT, record.data))
            tx.commit_position("correlator", Topic.EVENTS, DISTRICT, batch[-1].offset + 1)

        await self.bus.transact(work)
        self.batches.append([record.data for record in batch])


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(START)


@pytest.fixture
async def bus(tmp_path: Path, clock: SteppingClock) -> AsyncIterator[EmbeddedBus]:
    opened = await EmbeddedBus.open(tmp_path, clock, ballast_bytes=4096)
    yield opened
    await opened.close()


def consumer_of(bus: EmbeddedBus, clock: SteppingClock, handler: Handler) -> Consumer:
    return Consumer(bus, clock, "correlator", Topic.EVENTS, DISTRICT, handler.handle)


def events(*texts: bytes) -> list[Outgoing]:
    return [Outgoing(Topic.EVENTS, DISTRICT, text) for text in texts]


async def decisions(bus: EmbeddedBus) -> list[bytes]:
    return [record.data for record in await bus.read(Topic.DECISIONS, DISTRICT, 0)]


async def test_a_consumer_goes_on_from_where_its_group_stopped(
    bus: EmbeddedBus, clock: SteppingClock
) -> None:
    handler = Handler(bus)
    await bus.publish(events(b"a", b"b"))
    for text in (b"c", b"d"):
        consumer = consumer_of(bus, clock, handler)
        running = asyncio.ensure_future(consumer.run())
        await settle([bus, consumer])
        running.cancel()
        await bus.publish(events(text))

    assert handler.batches == [[b"a", b"b"], [b"c"]]
    assert await bus.position("correlator", Topic.EVENTS, DISTRICT) == 3


async def test_a_consumer_is_at_rest_when_every_record_is_handled(
    bus: EmbeddedBus, clock: SteppingClock
) -> None:
    consumer = consumer_of(bus, clock, Handler(bus))
    await bus.publish(events(b"a", b"b"))
    assert (consumer.at_rest, consumer.lag) == (False, 2)

    running = asyncio.ensure_future(consumer.run())
    await settle([bus, consumer])
    assert (consumer.at_rest, consumer.lag) == (True, 0)

    await bus.publish(events(b"c"))
    assert (consumer.at_rest, consumer.lag) == (False, 1)

    await settle([bus, consumer])
    assert await decisions(bus) == [b"a", b"b", b"c"]
    running.cancel()


async def test_a_batch_that_could_not_be_stored_is_handled_again_and_once(
    bus: EmbeddedBus, clock: SteppingClock
) -> None:
    handler = Handler(bus)
    handler.failures = [BusUnavailableError(), BusUnavailableError()]
    consumer = consumer_of(bus, clock, handler)
    await bus.publish(events(b"a"))

    with capture_logs() as logs:
        running = asyncio.ensure_future(consumer.run())
        ended = await drive(clock, [bus, consumer], lambda: bool(handler.batches))
    running.cancel()

    assert ended
    assert await decisions(bus) == [b"a"]
    assert clock.now() == START + timedelta(seconds=2)
    assert [line["event"] for line in logs] == ["batch_put_back", "batch_put_back"]


async def test_another_failure_of_the_handler_ends_the_consumer(
    bus: EmbeddedBus, clock: SteppingClock
) -> None:
    handler = Handler(bus)
    handler.failures = [ValueError("a fault of ours")]
    await bus.publish(events(b"a"))

    with pytest.raises(ValueError, match="a fault of ours"):
        await consumer_of(bus, clock, handler).run()

    assert await bus.position("correlator", Topic.EVENTS, DISTRICT) == 0


async def test_the_clock_moves_only_when_everything_the_last_step_began_is_done(
    bus: EmbeddedBus, clock: SteppingClock
) -> None:
    async def tick() -> None:
        for second in range(1, 21):
            await clock.sleep_until(START + timedelta(seconds=second))
            await bus.publish(events(str(second).encode()))

    consumer = consumer_of(bus, clock, Handler(bus))
    tasks = [asyncio.ensure_future(tick()), asyncio.ensure_future(consumer.run())]
    seen: list[tuple[float, int]] = []

    def note() -> bool:
        decided = bus.known_end(Topic.DECISIONS, DISTRICT)
        seen.append(((clock.now() - START).total_seconds(), decided))
        return False

    ended = await drive(clock, [bus, consumer], note)
    tasks[1].cancel()

    assert not ended
    assert seen == [(second, second) for second in range(21)]


async def test_parts_that_hand_work_to_each_other_are_not_at_rest_in_between() -> None:
    class Part:
        def __init__(self, hops: int) -> None:
            self.hops = hops
            self.at_rest = True

        async def run(self, arrived: asyncio.Event) -> None:
            for _ in range(self.hops):
                await asyncio.sleep(0)
            self.at_rest = False
            for _ in range(300):
                await asyncio.sleep(0)
            self.at_rest = True
            arrived.set()

    part, arrived = Part(hops=4), asyncio.Event()
    running = asyncio.ensure_future(part.run(arrived))
    await settle([part])

    assert arrived.is_set()
    await running


def test_a_stopwatch_never_runs_backwards() -> None:
    elapsed = stopwatch()

    first = elapsed()

    assert 0 <= first <= elapsed()
