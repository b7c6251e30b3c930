"""
B2, event to ring: from the start of `POST /v1/readings` to the call request at the carrier.

The embedded system runs as it is shipped, everything durable on the way, each event opening a
callout of its own; then again while 1,000 other readings a second come in (`under_load`). The
reference is Alertmanager's POST to webhook, which stores nothing. The distributed system does the
same over one node of Kafka and one Redis (`kafka`). Each round starts all of them afresh, one after
the other; medians over the rounds are told.

usage: python -m bench.latency [--events 1000] [--rate 100] [--rounds 3] [--no-kafka]
"""

import asyncio
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
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
from bench.latency_found import Latency, Loaded, latency_of, median, ratios, told, told_loaded
from bench.latency_kafka import Servers, distributed, servers
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
class Plan:
    """How much is measured: *events* in each phase, at *rate* a second."""

    events: int
    rate: float
    rounds: int
    with_kafka: bool


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

    async def embedded(self, nth: int) -> tuple[Latency, Loaded]:
        """Measure the embedded system once, quiet and under load."""
        quiet = await self._alone("叫应", self._together(f"quiet-{nth}"))
        return quiet, await self._beside_load("叫应 under load", self._together(f"load-{nth}"))

    async def kafka(self, nth: int, found: Servers) -> tuple[Latency, Loaded]:
        """Measure the distributed system once, quiet and under load."""
        quiet = await self._alone("叫应 on Kafka", self._apart(f"kafka-quiet-{nth}", found))
        return quiet, await self._beside_load(
            "叫应 on Kafka under load", self._apart(f"kafka-load-{nth}", found)
        )

    async def _alone(self, what: str, system: AbstractAsyncContextManager[str]) -> Latency:
        async with system as base, open_session() as session:
            return await self._measure(what, session, _target(base), self._readings())

    async def _beside_load(self, what: str, system: AbstractAsyncContextManager[str]) -> Loaded:
        async with system as base, open_session() as session, open_session() as other:
            target = _target(base)
            stream = Stream(other, target, self._steady, _QUIET_TOWNS)
            try:
                latency = await self._measure(what, session, target, self._readings())
                return Loaded(latency, stream.answered_per_s() * GAUGES_IN_A_TOWN)
            finally:
                await stream.stop()

    @asynccontextmanager
    async def _together(self, name: str) -> AsyncIterator[str]:
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
            yield base
        shutil.rmtree(self._folder / name)

    def _apart(self, name: str, found: Servers) -> AbstractAsyncContextManager[str]:
        return distributed(found, self._folder / name, self._pack.folder, self._out)

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
        found = latency_of(spans)
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


def _target(base: str) -> Target:
    return Target(f"{base}/v1/readings", {**_JSON, "Authorization": f"Bearer {KEY}"}, 202)


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
        async with (
            running(receiver, out + STAMPS, folder / "carrier.log"),
            AsyncExitStack() as stack,
        ):
            bench = Bench(plan, folder, pack, out, progress)
            found = await stack.enter_async_context(servers(folder)) if plan.with_kafka else None
            reference, together, apart = [], [], []
            for nth in range(plan.rounds):
                reference.append(await bench.alertmanager(nth))
                together.append(await bench.embedded(nth))
                if found is not None:
                    apart.append(await bench.kafka(nth, found))
    alone = median(reference)
    ours = median([quiet for quiet, _ in together])
    result = {
        "embedded": told(ours),
        "alertmanager": told(alone),
        **ratios(ours, alone),
        "under_load": told_loaded([loaded for _, loaded in together], alone),
        "events": plan.events,
        "per_s": plan.rate,
        "rounds": plan.rounds,
    }
    if apart:
        result["kafka"] = {
            **told(median([quiet for quiet, _ in apart])),
            "under_load": told_loaded([loaded for _, loaded in apart], alone),
        }
    return result


def main(
    events: Annotated[int, typer.Option(min=1, max=8000, help="Events in each phase.")] = 1000,
    rate: Annotated[float, typer.Option(min=1, help="Events a second.")] = 100.0,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; medians are told.")] = 3,
    *,
    with_kafka: Annotated[
        bool, typer.Option("--kafka/--no-kafka", help="With the column that needs Kafka and Redis.")
    ] = True,
) -> None:
    """Measure event to ring against Alertmanager's POST to webhook; the last line is JSON."""
    try:
        result = uvloop.run(measure(Plan(events, rate, rounds, with_kafka)))
    except BenchError as error:
        _err.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    except asyncio.CancelledError:
        raise typer.Exit(130) from None
    print(json.dumps(result))


if __name__ == "__main__":
    typer.run(main)
