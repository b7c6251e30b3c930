"""
The demo's night, lived through once: its numbers add up, no number leaks, and every replay of it
gives the same decisions, byte for byte.
"""

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.topics import Topic
from services.correlator.entrypoints.embedded_runner import EmbeddedRunner
from services.correlator.entrypoints.replay import replay
from services.correlator.pipeline import CorrelatorPipeline
from services.demo.once import run_once
from services.demo.stage import PACK
from services.demo.tally import Tally
from services.district.load import load_pack
from services.recorded import read_topic
from services.runtime.bus import Outgoing
from services.runtime.clock import RealClock, ScaledClock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.rest import settle

pytestmark = pytest.mark.xdist_group("demo night")


@dataclass(frozen=True)
class Recorded:
    """What a night left behind."""

    topics: dict[Topic, list[bytes]]
    tally: Tally

    @property
    def events(self) -> list[bytes]:
        return self.topics[Topic.EVENTS]

    @property
    def decisions(self) -> list[bytes]:
        return self.topics[Topic.DECISIONS]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """The demo's night as it was recorded."""
    data = tmp_path_factory.mktemp("night")
    result, _ = asyncio.run(run_once(PACK, data))
    topics = {topic: records for topic in Topic for _, records in read_topic(data, topic)}
    return Recorded(topics, result)


def test_the_numbers_of_the_night_add_up(night: Recorded) -> None:
    """Whoever was asked is acknowledged, not woken, cancelled or superseded; nobody is left out."""
    tally = night.tally

    assert tally.acknowledged + tally.not_woken == tally.posts
    assert tally.chains == tally.posts + tally.cancelled + tally.superseded
    assert (tally.open_chains, tally.ledger, tally.dead_letters) == (0, "ok", 0)
    assert tally.events >= 500
    assert tally.callouts >= 3
    assert tally.orders >= 1
    assert tally.escalated >= 1


def test_invariant_14_no_number_is_in_any_topic(night: Recorded) -> None:
    """Phone numbers are contact ids everywhere but towards the carrier."""
    numbers = [number.removeprefix("+86") for number in load_pack(PACK).numbers.values()]
    whole = b"\n".join(data for records in night.topics.values() for data in records).decode()

    assert [number for number in numbers if number in whole] == []


def test_invariant_02_a_replay_gives_the_bytes_of_the_night(
    night: Recorded,
) -> None:
    """Folded in one go, hours after: what was decided then is decided again."""
    events, decisions = night.events, night.decisions

    assert list(replay(events, "500108")) == decisions
    assert len(decisions) > 20


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_invariant_02_a_replay_from_a_snapshot_gives_the_same_bytes(
    night: Recorded, cut: float
) -> None:
    """A snapshot equals the fold up to it: whoever takes over there decides the same."""
    events, decisions = night.events, night.decisions
    at = int(len(events) * cut)
    before, after = CorrelatorPipeline("500108"), CorrelatorPipeline("500108")

    first = [one for data in events[:at] for one in before.handle(data).decisions]
    assert after.restore(before.take_snapshot())
    second = [one for data in events[at:] for one in after.handle(data).decisions]

    assert first + second == decisions


@pytest.mark.parametrize(("seed", "most"), [(1, 1), (2, 7), (3, 200)])
async def test_invariant_02_batches_and_speed_change_nothing(
    night: Recorded, tmp_path: Path, seed: int, most: int
) -> None:
    """One by one, or hundreds at a time; on the machine's clock or on one ten thousand times as fast."""
    events, decisions = night.events, night.decisions
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
