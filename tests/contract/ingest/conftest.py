"""Ingest over the embedded bus, in a folder of its own, and over an outbox in front of brokers."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from schemas.topics import Topic
from services.ingest.adapters.outbox import Outbox
from services.runtime.clock import SteppingClock
from services.runtime.embedded_bus import EmbeddedBus
from tests.fakes.brokers import FakeBrokers
from tests.unit.ingest.small_district import DISTRICT, START, Door, door


@pytest.fixture(params=["embedded", "outbox"])
async def ingest(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Door]:
    clock = SteppingClock(START)
    bus = await EmbeddedBus.open(tmp_path / "bus", clock, ballast_bytes=4096)
    if request.param == "embedded":
        opened = await door(bus, clock, tmp_path / "vault")
        yield opened
    else:
        brokers = FakeBrokers(clock)
        outbox = Outbox(bus, brokers, clock, DISTRICT)
        await outbox.open()
        tasks: list[asyncio.Task[object]] = []
        outbox.start(lambda _name, work: tasks.append(asyncio.create_task(work)))

        async def published(topic: Topic) -> list[Any]:
            return list(brokers.records(topic, DISTRICT))

        opened = await door(outbox, clock, tmp_path / "vault", published)
        yield opened
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    opened.ingest.close()
    await bus.close()
