"""One round of B3 over the embedded system: post as fast as it answers, wait for the last decision."""

import asyncio
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families

from bench.carrier import STAMPS
from bench.children import JIAOYING, BenchError, cpu_s, free_port, running
from bench.packs import KEY
from bench.posting import Target, open_session, post_all
from bench.throughput_found import Pace
from bench.throughput_load import BODY, BenchSensor, bodies
from services.runtime.clock import RealClock

WARM_UP = 40
"""Bodies; a round of all sensors is two."""
_DONE_WITHIN_S = 60.0


async def embedded(folder: Path, name: str, sensors: Sequence[BenchSensor], count: int) -> Pace:
    """Measure *count* bodies in a system started afresh with the pack in *folder*."""
    made = list(bodies(sensors, WARM_UP + count, RealClock().now()))
    carrier_port, port = free_port(), free_port()
    carrier = f"http://127.0.0.1:{carrier_port}"
    base = f"http://127.0.0.1:{port}"
    command = [
        *(JIAOYING, "up"),
        *("--pack", str(folder / "pack")),
        *("--data", str(folder / name)),
        *("--port", str(port)),
        *("--carrier-url", carrier),
        *("--carrier-account", f"AC{'0' * 32}"),
        *("--carrier-from", "+8610099999999"),
    ]
    receiver = [sys.executable, "-m", "bench.carrier", str(carrier_port)]
    token = {"JIAOYING_CARRIER_TOKEN": "bench"}
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
    target = Target(f"{base}/v1/readings", headers, 202)
    async with (
        running(receiver, carrier + STAMPS, folder / f"{name}-carrier.log"),
        running(command, f"{base}/readyz", folder / f"{name}.log", environment=token) as pid,
        open_session() as session,
    ):
        await post_all(session, target, iter(made[:WARM_UP]))
        before = await _until_decided(session, base)
        cpu, began = cpu_s(pid), time.monotonic()
        await post_all(session, target, iter(made[WARM_UP:]))
        after = await _until_decided(session, base)
        took, cpu = time.monotonic() - began, cpu_s(pid) - cpu
    shutil.rmtree(folder / name)
    taken = after["inputs"] - before["inputs"]
    if taken != count * BODY:
        raise BenchError(f"{taken:.0f} of {count * BODY} readings were accepted")
    return Pace(taken / took, taken / cpu, int(after["decisions"] - before["decisions"]))


async def _until_decided(session: ClientSession, base: str) -> dict[str, float]:
    """Return the counts once the correlator's position is behind the last event."""
    deadline = time.monotonic() + _DONE_WITHIN_S
    while time.monotonic() < deadline:
        async with session.get(f"{base}/metrics") as answer:
            counts = _counts(await answer.text())
        if not counts["lag"]:
            return counts
        await asyncio.sleep(0.01)
    raise BenchError(f"{counts['lag']:.0f} events were not decided in {_DONE_WITHIN_S:.0f} s")


def _counts(scraped: str) -> dict[str, float]:
    found = {"lag": 0.0, "inputs": 0.0, "decisions": 0.0}
    for family in text_string_to_metric_families(scraped):
        for sample in family.samples:
            if sample.name == "consumer_lag" and sample.labels["reader"] == "correlator":
                found["lag"] = sample.value
            elif sample.name == "inputs_accepted_total" and sample.labels["kind"] == "readings":
                found["inputs"] = sample.value
            elif sample.name == "decisions_total":
                found["decisions"] += sample.value
    return found
