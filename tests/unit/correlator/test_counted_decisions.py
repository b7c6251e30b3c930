"""Decisions and dead letters are counted once, when they are durable."""

import asyncio
from pathlib import Path

from prometheus_client import CollectorRegistry

from schemas.level import Level
from schemas.topics import Topic
from schemas.wire import encode
from services.correlator.main import build_correlator
from services.runtime.bus import Outgoing
from services.runtime.clock import SteppingClock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.metrics import Metrics
from services.runtime.rest import settle
from tests.builders import DISTRICT, START, a_pack, rain_rule
from tests.district_log import Log


async def test_a_restart_does_not_count_what_was_counted(tmp_path: Path) -> None:
    log = Log(a_pack(rain_rule(Level.IV, 30), rain_rule(Level.III, 40)))
    log.series([(5.0 * at, 9.0 if at < 7 else 0.0) for at in range(1, 60)])
    metrics = Metrics(CollectorRegistry())
    clock = SteppingClock(START)
    bus = await EmbeddedBus.open(tmp_path, clock, ballast_bytes=4096)
    records = [b"?", *(encode(event) for event in log.events)]
    await bus.publish([Outgoing(Topic.EVENTS, DISTRICT, data) for data in records])

    for _ in range(2):
        runner = build_correlator(bus, clock, DISTRICT, metrics=metrics)
        task = asyncio.create_task(runner.run())
        await settle([runner])
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await bus.close()

    def value(name: str, **labels: str) -> float | None:
        return metrics.registry.get_sample_value(name, labels)

    changed = [decision for decision in log.decisions if "Response" in type(decision).__name__]
    assert value("decisions_total", kind="ResponseChanged") == len(changed) > 0
    assert value("dead_letters_total", stage="correlator", reason="unreadable_record") == 1
