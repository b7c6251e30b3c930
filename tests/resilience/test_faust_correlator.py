"""The correlator on Faust in this process, over a real Kafka: what others see of it, and a restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from schemas.level import Level
from schemas.topics import Topic
from schemas.wire import encode
from services.correlator.entrypoints.faust_correlator import FaustCorrelator
from services.correlator.entrypoints.faust_settings import FaustSettings
from services.correlator.entrypoints.replay import replay
from services.correlator.main import build_faust_correlator
from services.runtime.bus import Outgoing
from services.runtime.clock import SteppingClock
from services.runtime.kafka.log import KafkaLog
from services.runtime.kafka.partition import partition_of
from services.runtime.kafka.settings import KafkaSettings
from services.runtime.kafka_bus import KafkaBus
from services.runtime.metrics import Metrics
from services.runtime.no_values import NoValues
from services.runtime.rest import settle
from tests.builders import DISTRICT, START, a_pack, rain_rule
from tests.district_log import Log
from tests.kafka_records import kafka_records

pytestmark = pytest.mark.servers

NEIGHBOUR = next(
    code
    for code in map(str, range(500101, 500200))
    if code != DISTRICT and partition_of(code, 2) == partition_of(DISTRICT, 2)
)
"""A district whose records lie between ours."""


def a_log() -> list[bytes]:
    log = Log(a_pack(rain_rule(Level.IV, 30), rain_rule(Level.III, 40)))
    log.series([(5.0 * at, 9.0 if at < 7 else 0.0) for at in range(1, 60)])
    return [encode(event) for event in log.events]


@pytest.fixture
async def bus(kafka_settings: KafkaSettings) -> AsyncIterator[KafkaBus]:
    opened = await KafkaBus.open(KafkaLog(kafka_settings), NoValues())
    yield opened
    await opened.close()


async def publish(bus: KafkaBus, events: list[bytes], district: str = DISTRICT) -> None:
    await bus.publish([Outgoing(Topic.EVENTS, district, data) for data in events])


class Place:
    """Where a worker lies, and what it counts."""

    def __init__(self, bus: KafkaBus, kafka: KafkaSettings, folder: Path) -> None:
        self.metrics = Metrics(CollectorRegistry())
        self._bus, self._settings = bus, FaustSettings(kafka, folder / "worker", "worker")

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[FaustCorrelator]:
        correlator = build_faust_correlator(
            self._bus,
            SteppingClock(START),
            self._settings,
            [DISTRICT],
            snapshot_every=7,
            metrics=self.metrics,
        )
        assert not correlator.is_ready
        assert not correlator.at_rest
        running = asyncio.create_task(correlator.run())
        try:
            async with asyncio.timeout(30):
                await settle([correlator])
                yield correlator
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        assert not correlator.is_ready


async def test_a_worker_rests_when_all_is_decided_and_goes_on_where_it_was_after_a_restart(
    bus: KafkaBus, kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    events = a_log()
    expected = list(replay(events, DISTRICT))
    place = Place(bus, kafka_settings, tmp_path)
    await publish(bus, events[:3])

    async with place.worker() as correlator:
        assert (correlator.is_ready, correlator.lag) == (True, 0)
        assert correlator.next_due() is not None
        await publish(bus, [events[3], b"?"])
        await publish(bus, [b"?"], NEIGHBOUR)
        await publish(bus, events[4:30])
        assert correlator.lag > 0
        await settle([correlator])
        assert correlator.lag == 0
    await publish(bus, events[30:35])
    async with place.worker() as correlator:
        await publish(bus, events[35:])
        await publish(bus, [b"?"], NEIGHBOUR)
        await settle([correlator])

    def records(topic: Topic, district: str = DISTRICT) -> list[bytes]:
        return kafka_records(kafka_settings, topic, district)

    assert await asyncio.to_thread(records, Topic.DECISIONS) == expected
    assert len(await asyncio.to_thread(records, Topic.DEAD_LETTERS)) == 1
    counted = place.metrics.registry.get_sample_value
    assert sum(
        counted("decisions_total", {"kind": kind}) or 0
        for kind in ("ResponseChanged", "SourceSilent")
    ) == len(expected)
    assert len(await asyncio.to_thread(records, Topic.DEAD_LETTERS, NEIGHBOUR)) >= 1
