"""The 12350 operator's form, by keyboard alone."""

import re

from playwright.async_api import expect

from tests.browser.conftest import District

SCRIPT = "<script>window.pwned = 1</script>"
REPEATED = "大坪村"


async def test_a_repeated_village_name_is_asked_about(district: District) -> None:
    page = await district.as_user("operator", "/tips")

    await page.get_by_label(re.compile("他说了什么")).focus()
    await page.keyboard.insert_text("屋后山坡裂了，一直在响")
    await page.keyboard.press("Tab")
    await page.get_by_label(re.compile("在哪里")).focus()
    await page.keyboard.insert_text(REPEATED)
    await page.keyboard.press("Control+Enter")

    choices = page.locator("#candidates")
    await expect(choices).to_contain_text(REPEATED)
    assert await choices.locator("li, [role=option], button").count() >= 2
    for town in ("南山街道", "迎龙镇"):  # the same name twice: the towns tell them apart
        await expect(choices).to_contain_text(town)
    await page.keyboard.press("1")
    await expect(page.locator("#tonight")).to_contain_text("屋后山坡裂了")


async def test_a_tips_text_is_shown_as_text(district: District) -> None:
    tip = {"text": f"裂缝{SCRIPT}", "occurred_at": (await district.now()).isoformat()}
    await district.post("/v1/tips", "demo-tips", {**tip, "place": "500108007205"})
    page = await district.as_user("operator", "/tips")

    await expect(page.get_by_text(SCRIPT).first).to_be_visible()
    assert await page.evaluate("window.pwned") is None
