"""Ingest over the embedded bus, in a folder of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.runtime.clock import SteppingClock
from services.runtime.embedded_bus import EmbeddedBus
from tests.unit.ingest.small_district import START, Door, door


@pytest.fixture
async def ingest(tmp_path: Path) -> AsyncIterator[Door]:
    clock = SteppingClock(START)
    bus = await EmbeddedBus.open(tmp_path / "bus", clock, ballast_bytes=4096)
    opened = await door(bus, clock, tmp_path / "vault")
    yield opened
    opened.ingest.close()
    await bus.close()
