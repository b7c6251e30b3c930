"""Invariant 2: the same input gives the same decisions, byte for byte, and a replay rings nobody."""

import asyncio
import random
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.topics import Topic
from services.correlator.entrypoints.embedded_runner import EmbeddedRunner
from services.correlator.entrypoints.replay import replay
from services.correlator.pipeline import CorrelatorPipeline
from services.demo.once import run_once
from services.demo.stage import PACK
from services.recorded import read_topic
from services.runtime.bus import Outgoing
from services.runtime.clock import RealClock, ScaledClock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.rest import settle


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[bytes], list[bytes]]:
    """The demo's night as it was recorded: its events, and what was decided then."""
    data = tmp_path_factory.mktemp("night")
    asyncio.run(run_once(PACK, data))
    [(_, events)] = read_topic(data, Topic.EVENTS)
    [(_, decisions)] = read_topic(data, Topic.DECISIONS)
    return events, decisions


def test_invariant_02_a_replay_gives_the_bytes_of_the_night(
    night: tuple[list[bytes], list[bytes]],
) -> None:
    """Folded in one go, hours after: what was decided then is decided again."""
    events, decisions = night

    assert list(replay(events, "500108")) == decisions
    assert len(decisions) > 20


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_invariant_02_a_replay_from_a_snapshot_gives_the_same_bytes(
    night: tuple[list[bytes], list[bytes]], cut: float
) -> None:
    """A snapshot equals the fold up to it: whoever takes over there decides the same."""
    events, decisions = night
    at = int(len(events) * cut)
    before, after = CorrelatorPipeline("500108"), CorrelatorPipeline("500108")

    first = [one for data in events[:at] for one in before.handle(data).decisions]
    assert after.restore(before.take_snapshot())
    second = [one for data in events[at:] for one in after.handle(data).decisions]

    assert first + second == decisions


@pytest.mark.parametrize(("seed", "most"), [(1, 1), (2, 7), (3, 200)])
async def test_invariant_02_batches_and_speed_change_nothing(
    night: tuple[list[bytes], list[bytes]], tmp_path: Path, seed: int, most: int
) -> None:
    """One by one, or hundreds at a time; on the machine's clock or on one ten thousand times as fast."""
    events, decisions = night
    sizes = random.Random(seed)
    clock = RealClock() if seed == 1 else ScaledClock(RealClock().now() - timedelta(days=9), 10_000)
    bus = await EmbeddedBus.open(tmp_path, clock)
    runner = EmbeddedRunner(bus, clock, "500108", CorrelatorPipeline("500108", 50))
    running = asyncio.ensure_future(runner.run())
    at = 0
    while at < len(events):
        size = sizes.randint(1, most)
        await bus.publish(
            [Outgoing(Topic.EVENTS, "500108", data) for data in events[at : at + size]]
        )
        at += size
    await settle([bus, runner])
    running.cancel()

    decided = await bus.read(Topic.DECISIONS, "500108", 0, 10_000)
    await bus.close()
    assert [stored.data for stored in decided] == decisions
