"""The system's own Chromium, driven over its debugging pipe; nothing of it leaves this machine."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright

COMMAND = "chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


@asynccontextmanager
async def open_chromium() -> AsyncIterator[Browser]:
    """Open a browser, and close it at the end; without one the test says so (or fails)."""
    path = shutil.which(COMMAND)
    if path is None:
        if os.environ.get("REQUIRE_SERVERS") == "1":
            raise RuntimeError("no chromium: run scripts/system_packages.py as root")
        pytest.skip("no chromium on this machine: see scripts/system_packages.py")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()
