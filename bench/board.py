"""
The board under load: how soon an update is on the page, and whether the page stays fluent.

2,000 people stand in 500 callouts on 1,000 places; nobody answers, so that they are rung again and
again. The system is `jiaoying up`, the practice network is a process of its own, and the board is
open in the system's Chromium, all on one machine. Then further towns are tripped, one after the
other: an update runs from the start of `POST /v1/readings` until the town's name is painted in the
board's list of responses, by the machine's clock.

`county`: the carrier takes what a county buys, 3 starts a second on 120 lines (design.md, B1), and
never less is asked of it. `city`: 60 starts a second, more than the state of a phone changes in any
night we know. `rush`: 200 starts a second, for what is to be expected where a whole city shares one
process. All go beyond the 2,000 while they are measured, by four people for each update.

usage: python -m bench.board [--updates 200] [--city-updates 200] [--rush-updates 100]
"""

import asyncio
import json
import re
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
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
_LINES = 20_000
_LEAST_PAUSE_S, _PAUSE_S = 0.2, 0.2
_GOLDEN = 0.618  # pauses that fall into no step with anything periodic
_HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
_FACTS = re.compile(r'^facts_total\{fact="(\w+)"\} ([\d.e+]+)$', re.MULTILINE)
_OPENED, _INTENDED = "chain_opened", "attempt_intended"

_clock = RealClock()
_err = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Load:
    """What the carrier is asked for while the board is looked at, and how many updates are measured."""

    name: str
    starts_per_s: int
    lines: int
    rings_s: int
    """How long a phone rings; after that and a second it may be rung again."""
    updates: int

    @property
    def first_starts(self) -> int:
        """After so many starts phones end ringing as often as others begin."""
        return min(TOWNS * POSTS, self.starts_per_s * (self.rings_s + 1))

    def write_pack(self, folder: Path) -> BenchPack:
        """Write a pack in which people are rung as often as the carrier permits."""
        pack = write_pack(folder, TOWNS + self.updates, 0, POSTS)
        file = folder / "policies.yaml"
        policies = json.loads(file.read_text(encoding="utf-8"))
        policies["budget"] |= {
            "starts_per_s": self.starts_per_s,
            "lines": self.lines,
            "ring_timeout": f"PT{self.rings_s}S",
        }
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

    async def facts(self) -> Mapping[str, float]:
        """Return how many facts of each kind the ledger has gained."""
        async with self._session.get(f"{self.door}/metrics") as answer:
            found = _FACTS.findall(await answer.text())
        return defaultdict(float, ((fact, float(count)) for fact, count in found))

    async def starts(self) -> float:
        """Return how many calls have been written down to be made."""
        return (await self.facts())[_INTENDED]


@asynccontextmanager
async def _district(load: Load, folder: Path) -> AsyncIterator[District]:
    pack = load.write_pack(folder / "pack")
    town, port = free_port(), free_port()
    door, network = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{town}"
    account = Account(_SID, _TOKEN, starts_per_s=load.starts_per_s, lines=load.lines)
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


async def _call_everybody(district: District, load: Load, progress: Progress) -> None:
    task = progress.add_task("叫应 calling", total=TOWNS * POSTS + load.first_starts)
    for town in range(TOWNS):
        await district.trip(town)
    done = 0.0
    while done < TOWNS * POSTS + load.first_starts:
        await asyncio.sleep(_PAUSE_S)
        facts = await district.facts()
        done = min(facts[_OPENED], TOWNS * POSTS) + min(facts[_INTENDED], load.first_starts)
        progress.update(task, completed=done)
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
        await _call_everybody(district, load, progress)
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
    city_updates: Annotated[
        int, typer.Option(min=0, max=500, help="The same under twenty times the load; 0: not.")
    ] = 200,
    rush_updates: Annotated[
        int, typer.Option(min=0, max=500, help="The same under the harshest load; 0: not.")
    ] = 100,
) -> None:
    """Measure the board under load; the last line is JSON."""
    county = Load("county", 3, 120, 30, updates)
    city = Load("city", 60, _LINES, 30, city_updates)
    rush = Load("rush", 200, _LINES, 10, rush_updates)
    print(json.dumps(uvloop.run(measure((county, city, rush)))))


if __name__ == "__main__":
    typer.run(main)
