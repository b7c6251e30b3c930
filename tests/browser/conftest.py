"""A demo district in a browser: real system, real practice phones, real pages."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, BrowserContext, Page, expect

from services.demo.stage import PACK, Stage, set_stage
from services.runtime.clock import Clock, RealClock
from tests.browser.chromium import open_chromium

PATIENCE_MS = 15_000
"""How long a condition may take on a loaded machine before the test says that it never came."""


@dataclass(slots=True)
class District:
    """The running demo district, and the browser that looks at it."""

    stage: Stage
    browser: Browser
    session: ClientSession
    clock: Clock = field(default_factory=RealClock)

    @property
    def url(self) -> str:
        """Where the pages are."""
        return self.stage.system.base_url

    async def now(self) -> datetime:
        """Return the present."""
        return self.clock.now()

    async def post(self, path: str, key: str, body: Any, media_type: str = "") -> dict[str, Any]:
        """Post as a source would."""
        headers = {"Authorization": f"Bearer {key}"}
        if media_type:
            headers["Content-Type"] = media_type
            sent: Any = self.session.post(self.url + path, data=body, headers=headers)
        else:
            sent = self.session.post(self.url + path, json=body, headers=headers)
        async with sent as answer:
            assert answer.status == 202, await answer.text()
            answered: dict[str, Any] = await answer.json()
        return answered

    async def warns(self, headline: str, colour: str = "Orange") -> None:
        """The weather bureau warns the whole district of rain."""
        now = (await self.now()).isoformat(timespec="seconds")
        cap = (
            '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
            f"<identifier>w-{colour}-{now}</identifier><sender>bureau</sender><sent>{now}</sent>"
            "<status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info>"
            "<language>zh-CN</language><category>Met</category><event>暴雨</event>"
            f"<urgency>Immediate</urgency><severity>{colour}</severity>"
            f"<certainty>Likely</certainty><headline>{headline}</headline>"
            "<area><areaDesc>南山街道</areaDesc><geocode>"
            "<valueName>CPEAS Geographic Code</valueName><value>500108007000</value>"
            "</geocode></area></info></alert>"
        )
        await self.post("/v1/warnings", "demo-warnings", cap.encode(), "application/cap+xml")

    def answer_by_hand(self) -> None:
        """From now on nobody picks up but the one who looks at the page."""
        network, exchange = self.stage.phones.network, self.stage.phones.exchange
        network.input(lambda now: exchange.let_humans_answer(manual=True, now=now))

    async def page(self, base_url: str = "", **options: Any) -> Page:
        """Open a page of its own, with a log-in of its own."""
        context: BrowserContext = await self.browser.new_context(
            base_url=base_url or self.url, locale="zh-CN", **options
        )
        context.set_default_timeout(PATIENCE_MS)
        return await context.new_page()

    async def as_user(self, user: str, path: str = "/board", **options: Any) -> Page:
        """Open *path* logged in as *user* of the demo."""
        page = await self.page(**options)
        await page.goto(f"/login?next={path}")
        await page.get_by_label("用户").fill(user)
        await page.get_by_label("口令").fill(f"demo-{user}")
        await page.get_by_role("button", name=re.compile("^登录")).click()
        await page.wait_for_url(f"**{path}")
        return page


@pytest.fixture
async def district(tmp_path: Path) -> AsyncIterator[District]:
    expect.set_options(timeout=PATIENCE_MS)
    async with (
        set_stage(PACK, tmp_path, RealClock(), ticks=True) as stage,
        open_chromium() as browser,
        ClientSession() as session,
    ):
        yield District(stage, browser, session)
