"""
The board under load: how soon an update is on the page, and whether the page stays fluent.

2,000 people are being rung in 500 callouts on 1,000 places, in the real system with the practice
network, and the board is open in the system's Chromium. Then further towns are tripped, one after
the other: `update_ms` runs from the start of `POST /v1/readings` until the town's name stands in
the board's list of responses, by the browser's own clock. `longest_task_ms` is the longest stretch
in which the page could not answer a key (its long-task entries), and `frames_per_s` what it drew
meanwhile.

usage: python -m bench.board [--updates 50]
"""

import asyncio
import json
import statistics
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from aiohttp import ClientSession
from playwright.async_api import Page
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bench.alertmanager import CACHE
from bench.packs import KEY, BenchPack, write_pack
from services.demo.stage import Stage, set_stage
from services.runtime.clock import RealClock
from services.runtime.memory import settle_memory
from tests.browser.chromium import open_chromium

TOWNS = 500
POSTS = 4
_PAUSE_S = 0.3
_HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
_WATCH = """() => {
  window.seen = {}; window.long = []; window.frames = 0;
  const look = () => {
    for (const name of document.querySelector('[data-live="responses"]').innerText.match(/第\\d+镇/g) || [])
      window.seen[name] ??= performance.timeOrigin + performance.now();
  };
  look();
  new MutationObserver(look).observe(
    document.body, {childList: true, subtree: true, characterData: true});
  new PerformanceObserver(list => window.long.push(...list.getEntries().map(e => e.duration)))
    .observe({type: "longtask"});
  const frame = () => { window.frames++; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
  window.began = performance.now();
}"""
_TOLD = """() => ({
  long: window.long, frames_per_s: window.frames * 1000 / (performance.now() - window.began)
})"""

_clock = RealClock()
_err = Console(stderr=True)


async def _trip(session: ClientSession, stage: Stage, pack: BenchPack, town: int) -> None:
    body = pack.tripping(town, _clock.now().isoformat())
    url = f"{stage.system.base_url}/v1/readings"
    async with session.post(url, data=body, headers=_HEADERS) as answer:
        answer.raise_for_status()


async def _people_rung(stage: Stage, wanted: int, progress: Progress) -> None:
    task = progress.add_task("铃响 ringing", total=wanted)
    desk = stage.system.dispatcher.pipeline.desk
    while (rung := len(desk.live_call)) < wanted:
        progress.update(task, completed=rung)
        await asyncio.sleep(_PAUSE_S)
    progress.update(task, completed=wanted)


async def _log_in(page: Page, base_url: str) -> None:
    await page.goto(f"{base_url}/login?next=/board")
    await page.get_by_label("用户").fill("commander")
    await page.get_by_label("口令").fill("demo-commander")
    await page.get_by_label("口令").press("Enter")
    await page.wait_for_url("**/board")


async def measure(updates: int) -> dict[str, Any]:
    """Measure and return the keys that are printed."""
    CACHE.mkdir(parents=True, exist_ok=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with (
        tempfile.TemporaryDirectory(prefix="board-", dir=CACHE) as made,
        Progress(*columns, console=_err, transient=True) as progress,
    ):
        folder = Path(made)
        pack = write_pack(folder / "pack", TOWNS + updates, 0, POSTS)
        async with (
            set_stage(pack.folder, folder / "data", _clock, ticks=True) as stage,
            open_chromium() as browser,
            ClientSession() as session,
        ):
            settle_memory()  # as `jiaoying up` does after its start
            for town in range(TOWNS):
                await _trip(session, stage, pack, town)
            await _people_rung(stage, TOWNS * POSTS, progress)
            page = await browser.new_page()
            await _log_in(page, stage.system.base_url)
            await page.evaluate(_WATCH)
            task = progress.add_task("更新 updates", total=updates)
            took = []
            for town in range(TOWNS, TOWNS + updates):
                began_ms = _clock.now().timestamp() * 1000
                await _trip(session, stage, pack, town)
                seen = f"() => window.seen['第{town}镇']"
                shown = await page.wait_for_function(seen, polling=20)
                took.append(float(await shown.json_value()) - began_ms)
                progress.advance(task)
                await asyncio.sleep(_PAUSE_S)
            told = await page.evaluate(_TOLD)
    ordered = sorted(took)
    return {
        "people": TOWNS * POSTS,
        "places": TOWNS * 2,
        "updates": updates,
        "update_ms": {
            "p50": round(statistics.median(ordered), 1),
            "p90": round(ordered[int(len(ordered) * 0.9)], 1),
            "p99": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 1),
        },
        "longest_task_ms": round(max(told["long"], default=0.0), 1),
        "frames_per_s": round(told["frames_per_s"], 1),
    }


def main(
    updates: Annotated[int, typer.Option(min=1, max=500, help="Towns tripped one by one.")] = 50,
) -> None:
    """Measure the board under load; the last line is JSON."""
    print(json.dumps(uvloop.run(measure(updates))))


if __name__ == "__main__":
    typer.run(main)
