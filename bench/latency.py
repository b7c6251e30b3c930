"""
B2, event to ring: from the start of `POST /v1/readings` to the call request at the carrier.

The embedded system runs as it is shipped, everything durable on the way, each event opening a
callout of its own; then again while 1,000 other readings a second come in (`under_load`). The
reference is Alertmanager's POST to webhook, which stores nothing. Each round starts both afresh,
one after the other; medians over the rounds are told. The Kafka half, and the key `kafka`, come
with Kafka mode.

usage: python -m bench.latency [--events 1000] [--rate 100] [--rounds 3]
"""

import asyncio
import json
import shutil
import signal
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from aiohttp import ClientSession
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.alertmanager import CACHE, alert, alertmanager, alertmanager_binary
from bench.carrier import HOOK, STAMPS
from bench.children import BenchError, free_port, running
from bench.packs import GAUGES_IN_A_TOWN, KEY, BenchPack, write_pack
from bench.posting import Shot, Stream, Target, open_session, post_at
from services.runtime.clock import RealClock

WARM_UP = 100
LOAD_PER_S = 1000
_QUIET_TOWNS = LOAD_PER_S // GAUGES_IN_A_TOWN  # a body of each, once a second
_ARRIVE_WITHIN_S = 30.0
_NS_IN_MS = 1_000_000
_JSON = {"Content-Type": "application/json"}

_clock = RealClock()
_err = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Latency:
    """What one phase of one round took, in milliseconds."""

    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: *events* in each phase, at *rate* a second."""

    events: int
    rate: float
    rounds: int


class Bench:
    """The parts that all rounds share: the way out, the pack, the reference's program."""

    def __init__(
        self, plan: Plan, folder: Path, pack: BenchPack, out: str, progress: Progress
    ) -> None:
        self._plan = plan
        self._folder = folder
        self._pack = pack
        self._out = out
        self._progress = progress
        self._binary = alertmanager_binary()

    async def alertmanager(self, nth: int) -> Latency:
        """Measure the reference once."""
        shots = [Shot(key := f"r{nth}-{n}", alert(key)) for n in range(WARM_UP + self._plan.events)]
        folder = self._folder / f"alertmanager-{nth}"
        async with (
            alertmanager(self._binary, folder, self._out + HOOK) as url,
            open_session() as session,
        ):
            return await self._measure("Alertmanager", session, Target(url, _JSON, 200), shots)

    async def embedded(self, nth: int) -> Latency:
        """Measure ours once."""
        async with self._jiaoying(f"quiet-{nth}") as target, open_session() as session:
            return await self._measure("叫应", session, target, self._readings())

    async def under_load(self, nth: int) -> tuple[Latency, float]:
        """Measure ours once beside the load; tell how many readings a second that really was."""
        async with (
            self._jiaoying(f"load-{nth}") as target,
            open_session() as session,
            open_session() as other,
        ):
            stream = Stream(other, target, self._steady, _QUIET_TOWNS)
            try:
                shots = self._readings()
                latency = await self._measure("叫应 under load", session, target, shots)
                return latency, stream.answered_per_s() * GAUGES_IN_A_TOWN
            finally:
                await stream.stop()

    @asynccontextmanager
    async def _jiaoying(self, name: str) -> AsyncIterator[Target]:
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        command = [
            *(str(Path(sys.executable).with_name("jiaoying")), "up"),
            *("--pack", str(self._pack.folder)),
            *("--data", str(self._folder / name)),
            *("--port", str(port)),
            *("--carrier-url", self._out),
            *("--carrier-account", f"AC{'0' * 32}"),
            *("--carrier-from", "+8610099999999"),
        ]
        token = {"JIAOYING_CARRIER_TOKEN": "bench"}
        async with running(
            command, f"{base}/readyz", self._folder / f"{name}.log", environment=token
        ):
            yield Target(f"{base}/v1/readings", {**_JSON, "Authorization": f"Bearer {KEY}"}, 202)
        shutil.rmtree(self._folder / name)

    def _readings(self) -> list[Shot]:
        now = _clock.now().isoformat()
        return [
            Shot(self._pack.number(town), self._pack.tripping(town, now))
            for town in range(WARM_UP + self._plan.events)
        ]

    def _steady(self, nth: int) -> bytes:
        return self._pack.steady(nth % _QUIET_TOWNS, _clock.now().isoformat())

    async def _measure(
        self, what: str, session: ClientSession, target: Target, shots: Sequence[Shot]
    ) -> Latency:
        """Post all of *shots*; the first are the warm-up, which is not counted."""
        async with ClientSession() as reader:
            await (await reader.delete(self._out + STAMPS)).read()
            rate = self._plan.rate
            task = self._progress.add_task(what, total=len(shots))
            begun: dict[str, int] = {}
            arrived: dict[str, int] = {}
            for part in (shots[:WARM_UP], shots[WARM_UP:]):
                begun = await post_at(
                    session, target, part, rate, lambda: self._progress.advance(task)
                )
                arrived = await self._until_arrived(what, reader, begun)
            self._progress.remove_task(task)
        spans = sorted((arrived[key] - at) / _NS_IN_MS for key, at in begun.items())
        found = Latency(_percentile(spans, 0.50), _percentile(spans, 0.99))
        self._progress.console.print(f"{what}: p50 {found.p50_ms:.2f} p99 {found.p99_ms:.2f} ms")
        return found

    async def _until_arrived(
        self, what: str, reader: ClientSession, begun: dict[str, int]
    ) -> dict[str, int]:
        """Return the stamps once all of *begun* have come; a lost event is no measurement."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _ARRIVE_WITHIN_S
        while True:
            await asyncio.sleep(0.2)
            async with reader.get(self._out + STAMPS) as answer:
                arrived: dict[str, int] = await answer.json()
            missing = len(begun.keys() - arrived.keys())
            if not missing:
                return arrived
            if loop.time() > deadline:
                raise BenchError(f"{what}: {missing} of {len(begun)} events never came out")


def _percentile(spans: Sequence[float], share: float) -> float:
    return spans[min(len(spans) - 1, int(len(spans) * share))]


def _median(found: Sequence[Latency]) -> Latency:
    return Latency(
        statistics.median(one.p50_ms for one in found),
        statistics.median(one.p99_ms for one in found),
    )


def _told(latency: Latency) -> dict[str, Any]:
    return {"p50_ms": round(latency.p50_ms, 3), "p99_ms": round(latency.p99_ms, 3)}


def _ratios(latency: Latency, reference: Latency) -> dict[str, Any]:
    return {
        "ratio_p50": round(latency.p50_ms / reference.p50_ms, 2),
        "ratio_p99": round(latency.p99_ms / reference.p99_ms, 2),
    }


async def measure(plan: Plan) -> dict[str, Any]:
    """Measure as *plan* says and return the keys of design.md section 7."""
    task = asyncio.current_task()
    if task is not None:  # ended by a signal, the processes below must end with us
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    CACHE.mkdir(parents=True, exist_ok=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    # Not under /tmp, which may be memory: what is durable there costs nothing.
    with (
        tempfile.TemporaryDirectory(prefix="run-", dir=CACHE) as made,
        Progress(*columns, TimeElapsedColumn(), console=_err, transient=True) as progress,
    ):
        folder = Path(made)
        pack = write_pack(folder / "pack", WARM_UP + plan.events, _QUIET_TOWNS)
        port = free_port()
        out = f"http://127.0.0.1:{port}"
        receiver = [sys.executable, "-m", "bench.carrier", str(port)]
        async with running(receiver, out + STAMPS, folder / "carrier.log"):
            bench = Bench(plan, folder, pack, out, progress)
            reference, quiet, loaded = [], [], []
            for nth in range(plan.rounds):
                reference.append(await bench.alertmanager(nth))
                quiet.append(await bench.embedded(nth))
                loaded.append(await bench.under_load(nth))
    alone = _median(reference)
    ours = _median(quiet)
    busy = _median([latency for latency, _ in loaded])
    return {
        "embedded": _told(ours),
        "alertmanager": _told(alone),
        **_ratios(ours, alone),
        "under_load": {
            "readings_per_s": round(statistics.median(per_s for _, per_s in loaded)),
            **_told(busy),
            **_ratios(busy, alone),
        },
        "events": plan.events,
        "per_s": plan.rate,
        "rounds": plan.rounds,
    }


def main(
    events: Annotated[int, typer.Option(min=1, max=8000, help="Events in each phase.")] = 1000,
    rate: Annotated[float, typer.Option(min=1, help="Events a second.")] = 100.0,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; medians are told.")] = 3,
) -> None:
    """Measure event to ring against Alertmanager's POST to webhook; the last line is JSON."""
    try:
        result = uvloop.run(measure(Plan(events, rate, rounds)))
    except BenchError as error:
        _err.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    except asyncio.CancelledError:
        raise typer.Exit(130) from None
    print(json.dumps(result))


if __name__ == "__main__":
    typer.run(main)
