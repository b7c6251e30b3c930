"""The board: live, complete again after a lost connection, and never taken in by foreign text."""

import re
from html import escape

from playwright.async_api import expect

from tests.browser.conftest import District
from tests.browser.wire import wire_to

SCRIPT = "<script>window.pwned = 1</script>"


async def test_a_warning_reaches_the_open_board(district: District) -> None:
    page = await district.as_user("duty-officer")
    responses = page.locator('[data-live="responses"]')
    await expect(responses).not_to_contain_text("南山街道")

    await district.warns("南岸区气象台发布暴雨橙色预警")

    await expect(responses).to_contain_text("南山街道")
    await expect(page.locator('[data-live="callouts"]')).to_contain_text("南山街道")


async def test_a_lost_connection_comes_back_complete(district: District) -> None:
    async with wire_to(district.url) as wire:
        page = await district.as_user("duty-officer", base_url=wire.base_url)
        await expect(page.locator('[data-live="status"]')).to_be_visible()
        wire.cut()
        await district.warns("南岸区气象台发布暴雨橙色预警")
        await expect(page.locator("#stale")).to_be_visible()

        wire.mend()

        await expect(page.locator('[data-live="responses"]')).to_contain_text("南山街道")
        await expect(page.locator('[data-live="callouts"]')).to_contain_text("南山街道")
        await expect(page.locator("#stale")).to_be_hidden()


async def test_a_cap_headline_is_shown_as_text(district: District) -> None:
    await district.warns(escape(f"暴雨橙色预警{SCRIPT}"))
    page = await district.as_user("duty-officer")

    await expect(page.get_by_text(SCRIPT).first).to_be_visible()
    assert await page.evaluate("window.pwned") is None


async def test_an_exercise_cannot_be_mistaken_for_the_real_thing(district: District) -> None:
    page = await district.as_user("duty-officer", "/board?mode=exercise")

    await expect(page.get_by_text(re.compile("不是真实")).first).to_be_visible()
    assert await page.evaluate("document.documentElement.dataset.mode") == "exercise"


async def test_nobody_sees_a_page_without_logging_in(district: District) -> None:
    page = await district.page()

    await page.goto("/board")

    await expect(page).to_have_url(re.compile(r"/login\?next="))
