"""
B3, readings a second: from HTTP bodies of 500 readings to decisions, 1,000 sensors, all rules.

The embedded system runs as it is shipped; what counts is the time from the first POST until
everything that the last one led to is decided and durable. A few bodies before it warm up and are
not counted. Beside the wall clock the process's own CPU time is told: on a machine that others use
too it is the steadier number.

usage: python -m bench.throughput [--readings 300000] [--rounds 3]
"""

import asyncio
import json
import signal
import statistics
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.alertmanager import CACHE
from bench.children import BenchError
from bench.throughput_embedded import embedded
from bench.throughput_load import BODY, write_wet_pack

_err = Console(stderr=True)


async def measure(readings: int, rounds: int) -> dict[str, Any]:
    """Measure and return the keys that people compare, with those that explain them."""
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
        sensors = write_wet_pack(folder / "pack")
        found = []
        bar = progress.add_task("叫应", total=rounds)
        for nth in range(rounds):
            pace = await embedded(folder, f"embedded-{nth}", sensors, readings // BODY)
            progress.console.print(
                f"叫应: {pace.per_s:,.0f} readings/s, {pace.per_cpu_s:,.0f} a second of CPU time, "
                f"{pace.decisions} decisions"
            )
            found.append(pace)
            progress.advance(bar)
    return {
        "embedded_readings_per_s": round(statistics.median(pace.per_s for pace in found)),
        "embedded_readings_per_cpu_s": round(statistics.median(pace.per_cpu_s for pace in found)),
        "decisions": found[0].decisions,
        "readings": readings,
        "rounds": rounds,
    }


def main(
    readings: Annotated[int, typer.Option(min=BODY, help="Readings in a round.")] = 300_000,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; medians are told.")] = 3,
) -> None:
    """Measure readings a second from HTTP bodies to decisions; the last line is JSON."""
    try:
        result = uvloop.run(measure(readings, rounds))
    except BenchError as error:
        _err.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    except asyncio.CancelledError:
        raise typer.Exit(130) from None
    print(json.dumps(result))


if __name__ == "__main__":
    typer.run(main)
