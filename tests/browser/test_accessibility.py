"""Every page for everybody: axe's rules in both themes, and the keyboard alone."""

from pathlib import Path

import pytest

from tests.browser.axe import violations
from tests.browser.chromium import open_chromium
from tests.browser.screenshots import night, pages

THEMES = ("light", "dark")


@pytest.mark.parametrize("theme", THEMES)
async def test_every_page_passes_axe(tmp_path: Path, theme: str) -> None:
    found: dict[str, list[str]] = {}
    async with night(tmp_path) as stage, open_chromium() as browser:
        context = await browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
        page = await context.new_page()
        base = stage.system.base_url
        await page.goto(f"{base}/login")
        await page.get_by_label("用户").fill("commander")
        await page.get_by_label("口令").fill("demo-commander")
        await page.get_by_label("口令").press("Enter")
        await page.wait_for_url("**/board")
        await context.add_cookies([{"name": "theme", "value": theme, "url": base}])
        for name, url in pages(stage).items():
            await page.goto(url)
            if name == "phones":
                await page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            if broken := await violations(page):
                found[name] = broken

    assert found == {}


async def test_every_page_can_be_worked_by_keyboard(tmp_path: Path) -> None:
    """Tab reaches what can be pressed, in order, and shows where it is; nothing traps it."""
    stuck: dict[str, list[str]] = {}
    async with night(tmp_path) as stage, open_chromium() as browser:
        page = await browser.new_page(locale="zh-CN")
        await page.goto(f"{stage.system.base_url}/login")
        await page.get_by_label("用户").fill("commander")
        await page.get_by_label("口令").fill("demo-commander")
        await page.get_by_label("口令").press("Enter")
        await page.wait_for_url("**/board")
        for name, url in pages(stage).items():
            await page.goto(url)
            if missing := await page.evaluate(_UNREACHABLE):
                stuck[name] = missing

    assert stuck == {}


_UNREACHABLE = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.disabled && one.type !== "hidden")
  .filter(one => { one.focus(); return document.activeElement !== one || one.tabIndex < 0; })
  .map(one => one.outerHTML.slice(0, 120))"""
