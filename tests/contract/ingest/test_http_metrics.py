"""What came in is counted: by kind, and by the reason where it was refused."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from services.ingest.main import build_ingest
from services.ingest.settings import IngestSettings
from services.runtime.clock import SteppingClock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.metrics import Metrics
from tests.contract.ingest.bodies import RAIN, j
from tests.unit.ingest.small_district import KEYS, PACK, START, Door


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry())


@pytest.fixture
async def counted(tmp_path: Path, metrics: Metrics) -> AsyncIterator[Door]:
    clock = SteppingClock(START)
    bus = await EmbeddedBus.open(tmp_path / "bus", clock, ballast_bytes=4096)
    settings = IngestSettings(data=tmp_path / "vault")
    ingest = build_ingest(bus, clock, PACK, KEYS, settings, metrics=metrics)
    await ingest.open()
    yield Door(ingest, bus, clock)
    ingest.close()
    await bus.close()


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


async def test_readings_are_counted_as_taken_known_and_refused(
    counted: Door, metrics: Metrics
) -> None:
    body = j([RAIN, {**RAIN, "sensor_id": "RG-2", "value": "wet"}])

    await counted.post("/v1/readings", body, "sensors")
    await counted.post("/v1/readings", body, "sensors")

    assert value(metrics, "inputs_accepted_total", kind="readings") == 1
    assert value(metrics, "inputs_duplicate_total", kind="readings") == 1
    assert value(metrics, "events_accepted_total", kind="Readings") == 1
    assert value(metrics, "events_refused_total", kind="readings", reason="bad_value") == 2
    assert value(metrics, "dead_letters_total", stage="readings", reason="bad_value") == 2


async def test_a_body_that_cannot_be_read_is_counted_once(counted: Door, metrics: Metrics) -> None:
    await counted.post("/v1/readings", b"{", "sensors")

    assert value(metrics, "events_refused_total", kind="readings", reason="not_json") == 1
    assert value(metrics, "dead_letters_total", stage="readings", reason="not_json") == 1


async def test_a_stranger_is_counted_and_leaves_no_letter(counted: Door, metrics: Metrics) -> None:
    await counted.post("/v1/readings", j(RAIN), "nobody")

    assert value(metrics, "events_refused_total", kind="readings", reason="wrong_key") == 1
    assert value(metrics, "dead_letters_total", stage="readings", reason="wrong_key") is None
    assert value(metrics, "events_accepted_total", kind="Readings") == 0


async def test_a_tick_is_an_event_too(counted: Door, metrics: Metrics) -> None:
    await counted.ingest.log.tick()

    assert value(metrics, "events_accepted_total", kind="Tick") == 1
