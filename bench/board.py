"""
The board under load: how soon an update is on the page, and whether the page stays fluent.

2,000 people stand in 500 callouts on 1,000 places; nobody answers, so that they are rung again and
again. The system is `jiaoying up`, the practice network is a process of its own, and the board is
open in the system's Chromium, all on one machine. Then further towns are tripped, one after the
other: an update runs from the start of `POST /v1/readings` until the town's name is painted in the
board's list of responses, by the machine's clock.

`county`: the carrier takes 60 starts a second and never less is asked of it: twenty times what a
county buys (3), and more than a state of a phone changes in any night we know. `rush`: 200 starts a
second, for what is to be expected where a whole city shares one process. Both go beyond the 2,000
while they are measured, by four people for each update.

usage: python -m bench.board [--updates 200] [--rush-updates 100]
"""

import asyncio
import json
import re
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from aiohttp import ClientSession
from playwright.async_api import Page
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bench.alertmanager import CACHE
from bench.board_watch import Update, Watch
from bench.children import free_port, running
from bench.packs import KEY, BenchPack, write_pack
from bench.town import ACCOUNTS
from services.phones.domain.account import Account
from services.runtime.clock import RealClock
from tests.browser.chromium import open_chromium

TOWNS = 500
POSTS = 4
_SID, _TOKEN, _FROM = f"AC{'0' * 31}7", "bench", "+8610099999999"
_LEAST_PAUSE_S, _PAUSE_S = 0.2, 0.2
_GOLDEN = 0.618  # pauses that fall into no step with anything periodic
_HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
_STARTS = re.compile(r'^facts_total\{fact="attempt_intended"\} ([\d.e+]+)$', re.MULTILINE)

_clock = RealClock()
_err = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Load:
    """What the carrier is asked for while the board is looked at, and how many updates are measured."""

    name: str
    starts_per_s: int
    rings: str
    """How long a phone rings; after that and a second it may be rung again."""
    updates: int

    def write_pack(self, folder: Path) -> BenchPack:
        """Write a pack in which people are rung as often as the carrier permits."""
        pack = write_pack(folder, TOWNS + self.updates, 0, POSTS)
        file = folder / "policies.yaml"
        policies = json.loads(file.read_text(encoding="utf-8"))
        policies["budget"] |= {"starts_per_s": self.starts_per_s, "ring_timeout": self.rings}
        for level in policies["levels"].values():
            level["day"] |= {"attempts": 1000, "repeat_gap": "PT1S"}
        file.write_text(json.dumps(policies, ensure_ascii=False), encoding="utf-8")
        return pack


class District:
    """The running system as a source of readings sees it."""

    def __init__(self, door: str, pack: BenchPack, session: ClientSession) -> None:
        self.door = door
        self._pack = pack
        self._session = session

    async def trip(self, town: int) -> None:
        """Post the reading that raises *town*."""
        body = self._pack.tripping(town, _clock.now().isoformat())
        url = f"{self.door}/v1/readings"
        async with self._session.post(url, data=body, headers=_HEADERS) as answer:
            answer.raise_for_status()

    async def starts(self) -> float:
        """Return how many calls have been written down to be made."""
        async with self._session.get(f"{self.door}/metrics") as answer:
            found = _STARTS.search(await answer.text())
        return float(found.group(1)) if found else 0.0


@asynccontextmanager
async def _district(load: Load, folder: Path) -> AsyncIterator[District]:
    pack = load.write_pack(folder / "pack")
    town, port = free_port(), free_port()
    door, network = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{town}"
    account = Account(_SID, _TOKEN, starts_per_s=load.starts_per_s, lines=20_000)
    seen = str(folder / "seen.json")
    phones = [sys.executable, "-m", "bench.town", str(town), str(pack.folder), door, seen]
    system = [
        *(str(Path(sys.executable).with_name("jiaoying")), "up"),
        *("--pack", str(pack.folder), "--data", str(folder / "data")),
        *("--port", str(port), "--carrier-url", network),
        *("--carrier-account", _SID, "--carrier-from", _FROM),
    ]
    accounts = {ACCOUNTS: json.dumps([asdict(account)])}
    token = {"JIAOYING_CARRIER_TOKEN": _TOKEN}
    async with (
        running(phones, f"{network}/phones", folder / "town.log", environment=accounts),
        running(system, f"{door}/readyz", folder / "system.log", environment=token),
        ClientSession() as session,
    ):
        yield District(door, pack, session)


async def _ring_everybody(district: District, progress: Progress) -> None:
    task = progress.add_task("铃响 ringing", total=TOWNS * POSTS)
    for town in range(TOWNS):
        await district.trip(town)
    while (rung := await district.starts()) < TOWNS * POSTS:
        progress.update(task, completed=rung)
        await asyncio.sleep(_PAUSE_S)
    progress.remove_task(task)


async def _log_in(page: Page, base_url: str) -> None:
    await page.goto(f"{base_url}/login?next=/board")
    await page.get_by_label("用户").fill("commander")
    await page.get_by_label("口令").fill("demo-commander")
    await page.get_by_label("口令").press("Enter")
    await page.wait_for_url("**/board")


async def _update(district: District, watch: Watch, town: int) -> Update:
    began_ms = _clock.now().timestamp() * 1000
    await district.trip(town)
    answered_ms = _clock.now().timestamp() * 1000
    return await watch.painted(f"第{town}镇", began_ms, answered_ms)


async def _measure(load: Load, folder: Path, progress: Progress) -> dict[str, Any]:
    async with _district(load, folder) as district, open_chromium() as browser:
        await _ring_everybody(district, progress)
        page = await browser.new_page()
        watch = Watch(page)
        await watch.prepare()
        await _log_in(page, district.door)
        await asyncio.sleep(1)  # a page that has just been opened is not what is measured
        await watch.begin()
        task = progress.add_task(f"更新 updates {load.name}", total=load.updates)
        starts, began_at = await district.starts(), _clock.now()
        updates = []
        for nth in range(load.updates):
            updates.append(await _update(district, watch, TOWNS + nth))
            progress.advance(task)
            await asyncio.sleep(_LEAST_PAUSE_S + _PAUSE_S * (nth * _GOLDEN % 1))
        seconds = (_clock.now() - began_at).total_seconds()
        started = (await district.starts() - starts) / seconds
        progress.remove_task(task)
        return {
            "starts_per_s": round(started, 1),
            "update_ms": _summed_up(updates),
            **await watch.told(),
        }


def _summed_up(updates: Sequence[Update]) -> dict[str, Any]:
    ordered = sorted(updates, key=lambda one: one.whole)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))].whole, 1)

    usual = {
        name: round(statistics.median(one.told()[name] for one in updates), 1)
        for name in updates[0].told()
    }
    return {
        "samples": len(ordered),
        "p50": at(0.5),
        "p90": at(0.9),
        "p99": at(0.99),
        "worst": round(ordered[-1].whole, 1),
        "usual_way": usual,
        "worst_way": ordered[-1].told(),
    }


async def measure(loads: Sequence[Load]) -> dict[str, Any]:
    """Measure under each of *loads* and return the keys that are printed."""
    CACHE.mkdir(parents=True, exist_ok=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    found: dict[str, Any] = {"people": TOWNS * POSTS, "places": TOWNS * 2}
    with Progress(*columns, console=_err, transient=True) as progress:
        for load in loads:
            if load.updates:
                with tempfile.TemporaryDirectory(prefix="board-", dir=CACHE) as made:
                    found[load.name] = await _measure(load, Path(made), progress)
    return found


def main(
    updates: Annotated[int, typer.Option(min=1, max=500, help="Towns tripped one by one.")] = 200,
    rush_updates: Annotated[
        int, typer.Option(min=0, max=500, help="The same under the harsher load; 0: not.")
    ] = 100,
) -> None:
    """Measure the board under load; the last line is JSON."""
    county = Load("county", 60, "PT30S", updates)
    rush = Load("rush", 200, "PT10S", rush_updates)
    print(json.dumps(uvloop.run(measure((county, rush)))))


if __name__ == "__main__":
    typer.run(main)
