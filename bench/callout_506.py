"""
B1, 506 in three minutes: a county's whole order is called, in virtual and in real time.

Posts, shares and limits are those of `bench.county`. Real time runs the system as it is shipped
(`jiaoying up --guard`) beside the practice network as another process over HTTP, and kills the process
that does the work with SIGKILL at a random moment between second 20 and 150. Every number is counted at the carrier;
`started_s` runs from the start of the reading's POST to the carrier's dialling of the last first
call, `restart_s` from the kill to the first call the carrier is asked for after it.

usage: python -m bench.callout_506 [--fast] [--seed TEXT]   FAST=1 in the environment is --fast
"""

import asyncio
import json
import logging
import os
import random
import secrets
import signal
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import county_real, county_virtual
from bench.alertmanager import CACHE
from bench.children import BenchError
from bench.county import write_county
from bench.county_result import Night
from services.runtime.logs import configure_logs

_KILLED_BETWEEN_S = (20, 150)
_err = Console(stderr=True)


async def measure(seed: str, *, fast: bool) -> tuple[dict[str, Any], list[str]]:
    """Return the keys that are printed, and what was promised and not kept."""
    task = asyncio.current_task()
    if task is not None:  # ended by a signal, the processes below must end with us
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    CACHE.mkdir(parents=True, exist_ok=True)
    kill_after = timedelta(seconds=random.Random(seed).uniform(*_KILLED_BETWEEN_S))
    with tempfile.TemporaryDirectory(prefix="county-", dir=CACHE) as made:
        folder = Path(made)
        county = write_county(folder / "pack", seed)
        with _err.status("虚拟时间 virtual time"):
            virtual = await county_virtual.live_through(county, folder / "virtual", kill_after)
        nights: dict[str, Night] = {"virtual": virtual}
        if not fast:
            (folder / "real").mkdir()
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            with Progress(*columns, TimeElapsedColumn(), console=_err, transient=True) as progress:
                shown: dict[str, Any] = {}

                def tell(what: str, count: int) -> None:
                    if what not in shown:
                        shown[what] = progress.add_task(what, total=county.posts)
                    progress.update(shown[what], completed=count)

                nights["real"] = await county_real.live_through(
                    county, folder / "real", kill_after, tell
                )
    told = nights["real"].as_json() if "real" in nights else {}
    failures = [f"{name}: {what}" for name, night in nights.items() for what in night.failures()]
    return {**told, "virtual": virtual.as_json(), "seed": seed}, failures


def main(
    *,
    fast: Annotated[bool, typer.Option("--fast", help="Virtual time only.")] = False,
    seed: Annotated[str, typer.Option(help="Deals the habits and the kill; random if empty.")] = "",
) -> None:
    """Call the county; the last line is JSON, and the exit code says whether all was kept."""
    configure_logs(logging.ERROR)
    fast = fast or os.environ.get("FAST", "") not in {"", "0"}
    try:
        result, failures = uvloop.run(measure(seed or secrets.token_hex(4), fast=fast))
    except BenchError as error:
        _err.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    except asyncio.CancelledError:
        raise typer.Exit(130) from None
    for failure in failures:
        _err.print(failure, style="red", markup=False)
    print(json.dumps(result))
    raise typer.Exit(1 if failures else 0)


if __name__ == "__main__":
    typer.run(main)
