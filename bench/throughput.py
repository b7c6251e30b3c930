"""
B3, readings a second: from HTTP bodies of 500 readings to decisions, 1,000 sensors, all rules.

The embedded system and the distributed one run as they are shipped; what counts is the time from the
first POST until everything that the last one led to is decided and durable. The references, in the
same run and over a Kafka that is started for it: a plain Faust agent that decodes one reading a
record, one that decodes our records of 500 and does nothing with them, and a plain aiokafka loop.

In the distributed mode ingest, the broker, the correlator and who posts share this machine, while a
reference has it for the broker and itself. So the correlator is measured alone too, on what lies in
`events.v1` of two districts, by one worker and by two: `faust_from_events_per_s`,
`two_workers_factor`.

Medians over the rounds are told, and under `per_cpu_s` the same by the CPU time of the process that
is measured: on a machine that others use too it is the steadier number.

usage: python -m bench.throughput [--readings 300000] [--rounds 3] [--no-kafka]
"""

import asyncio
import json
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.alertmanager import CACHE
from bench.children import BenchError
from bench.packs import DISTRICT
from bench.throughput_embedded import embedded
from bench.throughput_faust import OTHER_DISTRICT, Place, from_events, from_http, own_prefix
from bench.throughput_found import Pace, median
from bench.throughput_kafka import fill, kafka, plain
from bench.throughput_load import BODY, records, single_readings, write_wet_pack
from services.runtime.clock import RealClock

_SINGLE, _BATCHED = "bench.single", "bench.batched"
_SINGLES = 3
"""One reading a record is so much slower that a part of the readings is enough."""
_err = Console(stderr=True)
_Measure = Callable[[int], Awaitable[dict[str, Pace]]]
_EMBEDDED, _FAUST, _EVENTS = (
    "embedded_readings_per_s",
    "faust_readings_per_s",
    "faust_from_events_per_s",
)
_INGEST, _TWO = "faust_ingest_per_s", "two_workers_from_events_per_s"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    readings: int
    rounds: int
    with_kafka: bool


@asynccontextmanager
async def _columns(plan: Plan, folder: Path) -> AsyncIterator[list[_Measure]]:
    """Yield what is measured in each round; everything it needs is there."""
    sensors = write_wet_pack(folder / "pack")
    count = plan.readings // BODY

    async def whole(nth: int) -> dict[str, Pace]:
        return {_EMBEDDED: await embedded(folder, f"embedded-{nth}", sensors, count)}

    if not plan.with_kafka:
        yield [whole]
        return
    write_wet_pack(folder / "other", OTHER_DISTRICT)
    packs = {DISTRICT: folder / "pack", OTHER_DISTRICT: folder / "other"}
    singles = max(1, count // _SINGLES)
    async with kafka(folder / "kafka") as broker:
        now = RealClock().now()
        await fill(broker, _SINGLE, single_readings(sensors, singles, now))
        await fill(broker, _BATCHED, records(sensors, count, now))

        def place(packs: dict[str, Path]) -> Place:
            prefix = own_prefix()
            (folder / prefix).mkdir()
            return Place(broker, folder / prefix, packs, sensors, prefix)

        async def distributed(_nth: int) -> dict[str, Pace]:
            one = {DISTRICT: packs[DISTRICT]}
            correlator, ingest = await from_http(place(one), count)
            return {_FAUST: correlator, _INGEST: ingest}

        async def one_worker(_nth: int) -> dict[str, Pace]:
            return {_EVENTS: await from_events(place(packs), count, 1)}

        async def two_workers(_nth: int) -> dict[str, Pace]:
            return {_TWO: await from_events(place(packs), count, 2)}

        async def references(_nth: int) -> dict[str, Pace]:
            single, batched = (_SINGLE, singles * BODY), (_BATCHED, count * BODY)
            return {
                "plain_faust_per_s": await plain("faust", broker, *single),
                "plain_faust_batched_per_s": await plain("faust-batched", broker, *batched),
                "plain_aiokafka_per_s": await plain("aiokafka", broker, *single),
            }

        yield [whole, distributed, one_worker, two_workers, references]


async def measure(plan: Plan) -> dict[str, Any]:
    """Measure as *plan* says and return the keys that people compare, with those that explain them."""
    task = asyncio.current_task()
    if task is not None:  # ended by a signal, the processes below must end with us
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    CACHE.mkdir(parents=True, exist_ok=True)
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    found: dict[str, list[Pace]] = {}
    # Not under /tmp, which may be memory: what is durable there costs nothing.
    with (
        tempfile.TemporaryDirectory(prefix="run-", dir=CACHE) as made,
        Progress(*shown, TimeElapsedColumn(), console=_err, transient=True) as progress,
    ):
        async with _columns(plan, Path(made)) as columns:
            bar = progress.add_task("", total=plan.rounds * len(columns))
            for nth in range(plan.rounds):
                for column in columns:
                    for key, pace in (await column(nth)).items():
                        progress.console.print(f"{key}: {pace}")
                        found.setdefault(key, []).append(pace)
                    progress.advance(bar)
    medians = {key: median(paces) for key, paces in found.items()}
    return {
        **{key: round(pace.per_s) for key, pace in medians.items() if key not in {_INGEST, _TWO}},
        **_ratios(medians),
        "per_cpu_s": {
            key.removesuffix("_per_s"): round(pace.per_cpu_s) for key, pace in medians.items()
        },
        "decisions": medians[_EMBEDDED].decisions,
        "readings": plan.readings,
        "rounds": plan.rounds,
    }


def _ratios(medians: dict[str, Pace]) -> dict[str, float]:
    """Return what the goals are about; nothing without Kafka."""
    if _FAUST not in medians:
        return {}
    plain_one, plain_batched = medians["plain_faust_per_s"], medians["plain_faust_batched_per_s"]
    events = medians[_EVENTS]
    return {
        "two_workers_factor": round(medians[_TWO].per_s / events.per_s, 2),
        "faust_to_plain": round(medians[_FAUST].per_s / plain_one.per_s, 2),
        "faust_to_batched": round(medians[_FAUST].per_s / plain_batched.per_s, 2),
        "from_events_to_plain": round(events.per_s / plain_one.per_s, 2),
        "from_events_to_batched": round(events.per_s / plain_batched.per_s, 2),
    }


def main(
    readings: Annotated[int, typer.Option(min=BODY, help="Readings in a round.")] = 300_000,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; medians are told.")] = 3,
    *,
    with_kafka: Annotated[
        bool, typer.Option("--kafka/--no-kafka", help="With the columns that need a Kafka.")
    ] = True,
) -> None:
    """Measure readings a second from HTTP bodies to decisions; the last line is JSON."""
    try:
        result = uvloop.run(measure(Plan(readings, rounds, with_kafka)))
    except BenchError as error:
        _err.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    except asyncio.CancelledError:
        raise typer.Exit(130) from None
    print(json.dumps(result))


if __name__ == "__main__":
    typer.run(main)
