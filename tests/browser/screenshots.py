"""
Pictures of every page in the middle of the demo's night: light and dark, 1440 and 390 wide.

The clock stands still while they are taken, so that a page changes only when it was changed.

usage: python -m tests.browser.screenshots [--into docs/screenshots] [--only board]
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from aiohttp import ClientSession
from PIL import Image
from playwright.async_api import Browser, Page
from rich.console import Console
from rich.progress import Progress

from schemas.cap import Status
from schemas.measure import Measure
from schemas.order import OrderState
from services.demo.feed import Feed
from services.demo.stage import PACK, Stage, set_stage
from services.demo.stepping import Stepper
from services.district.replay_script import load_script
from services.runtime.clock import SteppingClock
from tests.browser.chromium import open_chromium

MOMENT = datetime(2026, 9, 20, 2, 6, 20, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A slope has just begun to move, and orders are out."""
SIZES = {1440: 900, 390: 844}
THEMES = ("light", "dark")
_SETTLED_MS = 700  # the map draws after the page has loaded


def pages(stage: Stage) -> dict[str, str]:
    """Return the address of every page by the name of its picture."""
    url, situation = stage.system.base_url, stage.system.console.situation
    callout = max(situation.callouts(Status.ACTUAL), key=lambda one: one.posts)
    running = max(
        (one for one in situation.orders(Status.ACTUAL) if one.state is OrderState.IN_FORCE),
        key=lambda one: (one.measure is Measure.EVACUATE, one.people or 0, one.shares),
    )
    response = situation.responses(Status.ACTUAL)[0]
    page = situation.callout(callout.callout_id, MOMENT)
    if page is None:
        raise RuntimeError("the callout is gone")
    asked = page.chains[0]
    return {
        "board": f"{url}/board",
        "board-exercise": f"{url}/board?mode=exercise",
        "callouts": f"{url}/callouts",
        "callout": f"{url}/callouts/{callout.callout_id}",
        "post": f"{url}/callouts/{callout.callout_id}/posts/{asked.post}",
        "channels": f"{url}/channels",
        "orders": f"{url}/orders",
        "order-new": f"{url}/orders/new?place={response.place}&measure=EVACUATE",
        "order": f"{url}/orders/{running.order_id}",
        "response": f"{url}/responses/{response.place}/{response.hazard.value}",
        "tips": f"{url}/tips",
        "roster": f"{url}/roster",
        "ledger": f"{url}/ledger",
        "phones": f"{stage.phones.base_url}/phones",
        "login": f"{url}/login",
        "demo": f"{url}/demo",
    }


@asynccontextmanager
async def night(data: Path, moment: datetime = MOMENT) -> AsyncIterator[Stage]:
    """Open the demo's stage and live through its night up to *moment*."""
    script = load_script(PACK)
    clock = SteppingClock(script.start)
    async with set_stage(PACK, data, clock, ticks=False) as stage, ClientSession() as session:
        system = stage.system
        feed = Feed(script, system.pack, system.base_url, system.bus, clock)
        stepper = Stepper(system, stage.phones, clock)
        while (at := feed.next_at) is not None and at <= moment:
            await stepper.until(at)
            await feed.post_due(session)
        await stepper.until(moment)
        yield stage


async def _log_in(page: Page, url: str) -> None:
    await page.goto(f"{url}/login?next=/roster")
    await page.get_by_label("用户").fill("commander")
    await page.get_by_label("口令").fill("demo-commander")
    await page.get_by_label("口令").press("Enter")
    await page.wait_for_url("**/roster")


async def _take_a_tip(page: Page) -> None:
    """Tell of a place whose name stands twice, so that the form asks which one."""
    await page.get_by_label("他说了什么").fill("大坪村上头那条路裂了，屋后头的土在往下垮。")
    await page.get_by_label("在哪里").fill("大坪村")
    await page.get_by_role("button", name="派单").click()
    await page.locator("#candidates button").first.wait_for()


def shrink(png: bytes) -> Image.Image:
    """Return the picture with the 256 colours that it mostly has: a third of its bytes."""
    return Image.open(BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE)


async def take(browser: Browser, stage: Stage, into: Path, only: Sequence[str]) -> None:
    """Write the pictures into *into*."""
    wanted = {name: url for name, url in pages(stage).items() if not only or name in only}
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("截图 pictures", total=len(wanted) * len(SIZES) * len(THEMES))
        for width, height in SIZES.items():
            for theme in THEMES:
                context = await browser.new_context(
                    viewport={"width": width, "height": height}, locale="zh-CN"
                )
                page = await context.new_page()
                await _log_in(page, stage.system.base_url)
                await context.add_cookies(
                    [{"name": "theme", "value": theme, "url": stage.system.base_url}]
                )
                for name, url in wanted.items():
                    await page.goto(url)
                    if name == "phones":
                        await page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
                    if name == "tips":
                        await _take_a_tip(page)
                    await page.wait_for_timeout(_SETTLED_MS)
                    path = into / f"{name}-{width}-{theme}.png"
                    shrink(await page.screenshot()).save(path, optimize=True)
                    progress.advance(task)
                await context.close()


async def _main(into: Path, only: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="jiaoying-pictures-") as folder:
        async with night(Path(folder)) as stage, open_chromium() as browser:
            await take(browser, stage, into, only)


def main(
    into: Annotated[Path, typer.Option(help="The folder for the pictures.")] = Path(
        "docs/screenshots"
    ),
    only: Annotated[list[str] | None, typer.Option(help="Only this page; may be repeated.")] = None,
) -> None:
    """Take the pictures."""
    into.mkdir(parents=True, exist_ok=True)
    asyncio.run(_main(into, only or []))


if __name__ == "__main__":
    typer.run(main)
