"""
B4, many: 100,000 open chains in one dispatcher, over the real bus and store.

10,000 people in 100 towns are each asked by ten orders. A carrier in the process takes each call at
once and ends it unanswered, so that what is measured is ours: the memory of the process, the starts
made of those permitted while people wait, and, after SIGKILL, how long it takes until the first call
that was due. The process is guarded as by `jiaoying up --guard`: the one that takes over has the
program and the pack in memory already, and reads the store.

usage: python -m bench.scale [--seconds 60]
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from prometheus_client import CollectorRegistry
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bench.alertmanager import CACHE
from bench.children import BenchError
from bench.packs import write_pack
from schemas.decision import OrderChanged
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.order import Order, OrderState
from schemas.role import Role
from schemas.topics import Topic
from schemas.wire import encode
from services.dispatcher.adapters.desk_store import SqliteDeskStore
from services.dispatcher.adapters.failures import DeadLetterFailures
from services.dispatcher.adapters.witness import Witness
from services.dispatcher.domain.calls.call_state import Outcome
from services.dispatcher.domain.calls.call_state import Progress as Seen
from services.dispatcher.domain.commands import Command, PlaceCall
from services.dispatcher.domain.inputs import AttemptSeen, RequestAnswered
from services.dispatcher.entrypoints.decisions import Decisions
from services.dispatcher.entrypoints.wakeups import Wakeups
from services.dispatcher.pipeline import GROUP, DispatcherPipeline
from services.district.domain.pack import Pack
from services.district.domain.policy import CalleeLimits, CarrierBudget
from services.district.load import load_pack
from services.runtime.bus import Outgoing
from services.runtime.clock import RealClock
from services.runtime.consumer import Consumer
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.guard import guarded
from services.runtime.logs import configure_logs
from services.runtime.metrics import Metrics

TOWNS, POSTS, ORDERS = 100, 100, 10
CHAINS = TOWNS * POSTS * ORDERS
STARTS_PER_S = 50
RINGS_S = 5.0
_STATE_EVERY_S = 1.0
_MIB_KB = 1024
_err = Console(stderr=True)


class Life:
    """One dispatcher process: it tells its state once a second, and its first call, on its output."""

    def __init__(self) -> None:
        self._starts = 0
        self._loop = asyncio.get_running_loop()
        self._pipeline: DispatcherPipeline | None = None
        self._tasks: set[asyncio.Task[object]] = set()

    def execute(self, commands: Sequence[Command]) -> None:
        """Take each call at once, and end it unanswered after a while."""
        for command in commands:
            if isinstance(command, PlaceCall):
                if not self._starts:
                    _tell({"first_call": time.monotonic()})
                self._starts += 1
                task = self._loop.create_task(self._ring(command.attempt_id))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _ring(self, attempt_id: str) -> None:
        assert self._pipeline is not None
        sid = f"CA{attempt_id}"
        await self._pipeline.tell(RequestAnswered(attempt_id, sid))
        await asyncio.sleep(RINGS_S)
        await self._pipeline.tell(AttemptSeen(attempt_id, sid, Seen.ENDED, Outcome.NO_ANSWER))

    async def run(self, pack: Pack, data: Path) -> None:
        """Live until killed."""
        clock = RealClock()
        district = pack.rules.district
        bus = await EmbeddedBus.open(data, clock)
        failures = DeadLetterFailures(bus, clock, district)
        witness = Witness(Metrics(CollectorRegistry()))
        pipeline = self._pipeline = DispatcherPipeline(
            bus,
            clock,
            pack,
            SqliteDeskStore(bus, district),
            failures,
            self.execute,
            witness.see,
            lambda: None,
        )
        witness.watch(lambda: pipeline.desk)
        if not await bus.end(Topic.DECISIONS, district):
            await bus.publish(
                [
                    _order(district, town, nth, clock)
                    for nth in range(ORDERS)
                    for town in range(TOWNS)
                ]
            )
        handle = Decisions(pipeline, failures).handle
        consumer = Consumer(bus, clock, GROUP, Topic.DECISIONS, district, handle, limit=4)
        await pipeline.start()
        async with asyncio.TaskGroup() as group:
            group.create_task(pipeline.run())
            group.create_task(Wakeups(pipeline, clock).run())
            group.create_task(consumer.run())
            while True:
                desk = pipeline.desk
                _tell(
                    {
                        "open": desk.book.open_chains,
                        "waiting": desk.queue.calls,
                        "starts": self._starts,
                        "at": time.monotonic(),
                        "pid": os.getpid(),
                    }
                )
                await asyncio.sleep(_STATE_EVERY_S)


def _tell(what: dict[str, float]) -> None:
    print(json.dumps(what), flush=True)


def _order(district: str, town: int, nth: int, clock: RealClock) -> Outgoing:
    code = f"{district}{town:04d}00"
    order = Order(
        order_id=f"o{town}-{nth}",
        number=nth + 1,
        measure=Measure.EVACUATE,
        place=code,
        town=code,
        hazard=Hazard.RAINSTORM,
        level=Level.III,
        target="households",
        state=OrderState.IN_FORCE,
        proposed_at=clock.now(),
        executors=(Role.VILLAGE_SECRETARY,),
    )
    decision = OrderChanged(
        district=district, decision_id=f"d{town}-{nth}", decided_at=clock.now(), order=order
    )
    return Outgoing(Topic.DECISIONS, district, encode(decision))


class Process:
    """A guarded dispatcher as seen from outside: lives follow each other on one output."""

    def __init__(self, folder: Path, data: Path) -> None:
        command = [sys.executable, "-m", "bench.scale", "--child", str(folder), str(data)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self._pid = self._process.pid
        """Of the life that told something last."""

    def next_state(self, key: str) -> dict[str, float]:
        """Return the next state that tells *key*."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told: dict[str, float] = json.loads(line)
            self._pid = int(told.get("pid", self._pid))
            if key in told:
                return told
        raise BenchError(f"the dispatcher ended with {self._process.wait()}")

    def rss_mb(self) -> float:
        """Return what it has in memory."""
        status = Path(f"/proc/{self._pid}/status").read_text(encoding="utf-8")
        [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
        return int(line.split()[1]) / _MIB_KB

    def kill(self) -> float:
        """Kill the life, and return when; another follows."""
        os.kill(self._pid, signal.SIGKILL)
        return time.monotonic()

    def end(self) -> None:
        """End the guard and what it guards."""
        self._process.terminate()
        self._process.wait()


def measure(seconds: float) -> dict[str, float]:
    """Return the keys of design.md section 7."""
    CACHE.mkdir(parents=True, exist_ok=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with (
        tempfile.TemporaryDirectory(prefix="scale-", dir=CACHE) as made,
        Progress(*columns, console=_err, transient=True) as progress,
    ):
        folder, data = Path(made) / "pack", Path(made) / "data"
        write_pack(folder, TOWNS, 0, POSTS)
        process = Process(folder, data)
        try:
            opening = progress.add_task("开链 opening", total=CHAINS)
            while (state := process.next_state("open"))["open"] < CHAINS:
                progress.update(opening, completed=state["open"])
            calling = progress.add_task("叫 calling", total=seconds)
            begin, rss = state, 0.0
            while state["at"] - begin["at"] < seconds and state["waiting"]:
                state = process.next_state("open")
                rss = max(rss, process.rss_mb())
                progress.update(calling, completed=state["at"] - begin["at"])
            made_starts = state["starts"] - begin["starts"]
            permitted = STARTS_PER_S * (state["at"] - begin["at"])
            killed_at = process.kill()
            while (first_call := process.next_state("first_call")["first_call"]) < killed_at:
                pass  # said by the life before
            restart_s = first_call - killed_at
        finally:
            process.end()
    return {
        "open_chains": state["open"],
        "rss_mb": round(rss, 1),
        "busy_share": round(made_starts / permitted, 4),
        "restart_s": round(restart_s, 2),
        "measured_s": round(state["at"] - begin["at"], 1),
        "starts_per_s": STARTS_PER_S,
    }


def main(
    seconds: Annotated[float, typer.Option(min=1, help="How long starts are counted.")] = 60.0,
    child: Annotated[tuple[Path, Path] | None, typer.Option(hidden=True)] = None,
) -> None:
    """Measure 100,000 open chains; the last line is JSON."""
    if child is not None:
        raise typer.Exit(_guard(*child))
    print(json.dumps(measure(seconds)))


def _guard(folder: Path, data: Path) -> int:
    configure_logs(stream=sys.stderr)
    pack = load_pack(folder)
    limits = CalleeLimits(1000, 1000, 1000)
    budget = CarrierBudget.of_one(STARTS_PER_S, 100_000, 50, limits)
    pack = replace(pack, policies=replace(pack.policies, budget=budget))

    async def life() -> None:
        await Life().run(pack, data)

    def live() -> int:
        uvloop.run(life())
        return 0

    return guarded(live)


if __name__ == "__main__":
    typer.run(main)
