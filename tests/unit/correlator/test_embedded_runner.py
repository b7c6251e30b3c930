"""The correlator over the bus: after any stop it goes on as if nothing had happened."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from schemas.level import Level
from schemas.topics import Topic
from schemas.wire import encode
from services.correlator.entrypoints.embedded_runner import EmbeddedRunner
from services.correlator.main import build_correlator
from services.runtime.bus import BusUnavailableError, Outgoing, Transaction
from services.runtime.clock import SteppingClock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.rest import drive, settle
from tests.builders import DISTRICT, START, a_pack, rain_rule
from tests.district_log import Log

T = TypeVar("T")


def a_log() -> Log:
    log = Log(a_pack(rain_rule(Level.IV, 30), rain_rule(Level.III, 40)))
    log.series([(5.0 * at, 9.0 if at < 7 else 0.0) for at in range(1, 60)])
    return log


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[EmbeddedBus]:
    opened = await EmbeddedBus.open(tmp_path, SteppingClock(START), ballast_bytes=4096)
    yield opened
    await opened.close()


@asynccontextmanager
async def running(runner: EmbeddedRunner) -> AsyncIterator[EmbeddedRunner]:
    task = asyncio.create_task(runner.run())
    await settle([runner])
    yield runner
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def publish(bus: EmbeddedBus, events: list[bytes]) -> None:
    await bus.publish([Outgoing(Topic.EVENTS, DISTRICT, data) for data in events])


async def stored(bus: EmbeddedBus, topic: Topic = Topic.DECISIONS) -> list[bytes]:
    return [record.data for record in await bus.read(topic, DISTRICT, 0)]


@pytest.mark.parametrize("snapshot_every", [1, 7, 1000])
async def test_a_restart_anywhere_decides_nothing_twice_and_leaves_nothing_out(
    bus: EmbeddedBus, snapshot_every: int
) -> None:
    log = a_log()
    events = [encode(event) for event in log.events]

    for first in range(0, len(events), 10):
        clock = SteppingClock(START)
        runner = build_correlator(bus, clock, DISTRICT, snapshot_every=snapshot_every)
        async with running(runner):
            await publish(bus, events[first : first + 10])
            await settle([runner])

    assert await stored(bus) == [encode(decision) for decision in log.decisions]
    assert await bus.position("correlator", Topic.EVENTS, DISTRICT) == len(events)


async def test_what_cannot_be_read_goes_to_the_dead_letters(bus: EmbeddedBus) -> None:
    log = a_log()
    await publish(bus, [b"?", *(encode(event) for event in log.events)])

    async with running(build_correlator(bus, SteppingClock(START), DISTRICT)):
        pass

    assert len(await stored(bus, Topic.DEAD_LETTERS)) == 1
    assert await stored(bus) == [encode(decision) for decision in log.decisions]


async def test_it_says_when_it_would_next_decide_something(bus: EmbeddedBus) -> None:
    log = Log(a_pack(rain_rule(Level.IV, 30)))
    await publish(bus, [encode(event) for event in log.events])

    async with running(build_correlator(bus, SteppingClock(START), DISTRICT)) as runner:
        assert runner.next_due() == START + timedelta(minutes=4)
        assert runner.lag == 0


class UnwillingBus(EmbeddedBus):
    """A bus that cannot store for a while."""

    refusals = 0

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        if self.refusals > 0:
            self.refusals -= 1
            raise BusUnavailableError
        return await super().transact(work)


async def test_while_the_bus_cannot_store_nothing_is_lost_or_decided_twice(tmp_path: Path) -> None:
    log = a_log()
    clock = SteppingClock(START)
    bus = await UnwillingBus.open(tmp_path, clock, ballast_bytes=4096)
    assert isinstance(bus, UnwillingBus)
    async with running(build_correlator(bus, clock, DISTRICT)) as runner:
        bus.refusals = 3
        await publish(bus, [encode(event) for event in log.events])
        await drive(clock, [runner], lambda: runner.lag == 0)

    assert await stored(bus) == [encode(decision) for decision in log.decisions]
    await bus.close()
