"""Orders on the real pages: given, refused, confirmed by the person whose phone rings."""

import re

from playwright.async_api import Page, expect

from services.phones.domain.ear import code_in
from tests.browser.conftest import District

POINT = "HP-0103"
SCRIPT = "<script>window.pwned = 1</script>"


async def _fill_evacuation(page: Page, text: str) -> None:
    await page.goto("/orders/new")
    await page.get_by_role("radio", name=re.compile("撤")).check(force=True)
    await page.get_by_label(re.compile("地点")).fill(POINT)
    await page.get_by_label(re.compile("灾种")).select_option("LANDSLIDE")
    await page.get_by_label(re.compile("级别")).select_option("I")
    await page.get_by_label(re.compile("内容|正文|命令文字")).fill(text)


async def test_a_commander_sees_a_post_confirm_an_evacuation(district: District) -> None:
    district.answer_by_hand()
    commander = await district.as_user("commander")
    phones = await district.page()
    await phones.goto(f"{district.stage.phones.base_url}/phones")

    await _fill_evacuation(commander, "撤到广阳镇中心小学")
    await commander.keyboard.press("Control+Enter")
    await commander.wait_for_url(re.compile(r"/orders/ord"))
    ringing = phones.locator('article[data-doing="ringing"]').first
    await ringing.get_by_role("button", name=re.compile("接听")).click()
    card = phones.locator('article[data-doing="talking"]').first
    heard = card.locator(".heard")
    await expect(heard).to_contain_text("指令")  # a key before the first word is heard by nobody
    await card.locator('[data-key="1"]').click()
    await expect(heard).to_contain_text("确认码")
    confirmed = commander.locator("#shares")
    await expect(confirmed).to_contain_text("0")
    for digit in code_in(await heard.inner_text()):
        await card.locator(f'[data-key="{digit}"]').click()

    # Within a second of the key: what waits longer is not live.
    await expect(commander.locator("#shares .st.ack").first).to_be_visible(timeout=1000)


async def test_a_duty_officer_without_mandate_is_refused_with_the_reason(
    district: District,
) -> None:
    officer = await district.as_user("duty-officer")

    await _fill_evacuation(officer, "撤")
    await officer.keyboard.press("Control+Enter")

    await expect(officer.get_by_role("alert")).to_contain_text("授权")
    await expect(officer.get_by_label(re.compile("内容|正文|命令文字"))).to_have_value("撤")


async def test_an_orders_text_is_shown_as_text(district: District) -> None:
    commander = await district.as_user("commander")

    await _fill_evacuation(commander, SCRIPT)
    await commander.keyboard.press("Control+Enter")
    await commander.wait_for_url(re.compile(r"/orders/ord"))

    await expect(commander.get_by_text(SCRIPT).first).to_be_visible()
    assert await commander.evaluate("window.pwned") is None
