"""Past the phone, on the real pages: words recorded for others, tasks, dead phones."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import District

SCRIPT = "<script>window.pwned = 1</script>"


async def _open_post(page: Page) -> str:
    """Go from the board over the callout to the first post that has not confirmed."""
    await page.locator('[data-live="callouts"] a').first.click()
    row = (
        page.locator("tr").filter(has=page.get_by_role("link", name=re.compile("^代录确认"))).first
    )
    name = await row.locator("th").inner_text()
    await row.get_by_role("link", name=re.compile("^代录确认")).click()
    await page.wait_for_url(re.compile(r"/posts/"))
    return name.split("\n", maxsplit=1)[0]


async def test_a_word_heard_by_radio_confirms_for_the_post(district: District) -> None:
    district.answer_by_hand()
    officer = await district.as_user("duty-officer")
    await district.warns("南岸区气象台发布暴雨橙色预警")
    name = await _open_post(officer)

    await officer.get_by_label(re.compile("怎么听到的")).select_option("radio")
    await officer.get_by_label(re.compile("备注")).first.fill(SCRIPT)
    await officer.get_by_role("button", name="登记确认").click()

    await officer.wait_for_url(re.compile(r"/callouts/[^/]+$"))
    row = officer.locator("tr").filter(has_text=name).first
    await expect(row).to_contain_text("已确认")
    await expect(row).to_contain_text("代录")
    await officer.goto("/ledger")
    await expect(officer.get_by_text(SCRIPT).first).to_be_visible()
    assert await officer.evaluate("window.pwned") is None


async def test_who_has_no_mandate_to_vouch_is_told_so_and_keeps_his_words(
    district: District,
) -> None:
    district.answer_by_hand()
    auditor = await district.as_user("auditor")
    await district.warns("南岸区气象台发布暴雨橙色预警")
    await _open_post(auditor)

    await auditor.get_by_label(re.compile("备注")).first.fill("对讲机")
    await auditor.get_by_role("button", name="登记确认").click()

    await expect(auditor.get_by_role("alert")).to_contain_text("授权")
    await expect(auditor.get_by_label(re.compile("备注")).first).to_have_value("对讲机")


async def test_dead_phones_are_passed_over_on_the_board_until_they_work(
    district: District,
) -> None:
    district.answer_by_hand()
    officer = await district.as_user("duty-officer", "/channels")
    board = await district.as_user("commander")

    await officer.get_by_label(re.compile("地点")).select_option("500108000000")
    await officer.get_by_label("短信").check()
    await officer.get_by_label(re.compile("谁说的")).fill("移动公司：基站断电")
    await officer.get_by_role("button", name="登记中断").click()
    await district.warns("南岸区气象台发布暴雨橙色预警")

    await expect(officer.locator("main")).to_contain_text("移动公司：基站断电")
    await expect(board.locator('[data-live="needs"]')).to_contain_text("通信中断")
    await expect(board.locator('[data-live="waiting"]')).to_contain_text("已跳过")
    await expect(board.locator('[data-live="map"] title')).to_contain_text("中断")

    for _ in range(2):
        await officer.get_by_label(re.compile("怎么知道已恢复")).first.fill("已通话")
        await officer.get_by_role("button", name=re.compile("^登记恢复")).first.click()
    await expect(officer.locator("main")).to_contain_text("没有登记的中断")
    await expect(board.locator('[data-live="waiting"]')).not_to_contain_text("已跳过")
