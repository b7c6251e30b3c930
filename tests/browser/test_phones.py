"""Each kind of person played by hand at the practice phones, and what the board makes of it."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession
from playwright.async_api import Locator, Page, expect

from services.demo.stage import PACK, Stage, set_stage
from services.demo.stepping import Stepper
from services.dispatcher.domain.asks.chain import Chain
from services.dispatcher.domain.asks.rung import RungKind
from services.phones.domain.ear import code_in
from services.phones.domain.phone_view import phone_id
from services.runtime.clock import SteppingClock
from tests.browser.chromium import open_chromium
from tests.browser.conftest import PATIENCE_MS, District

T0 = datetime.fromisoformat("2026-09-20T02:00:00+08:00")
"""At night a deputy is rung two minutes after the first ring."""


@dataclass
class Played:
    """A night whose clock the test moves, the phones' page and the callout's page beside it."""

    stage: Stage
    stepper: Stepper
    clock: SteppingClock
    phones: Page
    board: Page
    chains: list[Chain]

    async def live(self, seconds: float) -> None:
        """Let time pass."""
        await self.stepper.until(self.clock.now() + timedelta(seconds=seconds))

    def holder(self, chain: Chain) -> Locator:
        """The phone of who holds the post."""
        return self._phone(next(r for r in chain.rungs if r.kind is RungKind.HOLDER).voices[0])

    def deputy(self, chain: Chain) -> Locator:
        """The phone of his deputy."""
        return self._phone(next(r for r in chain.rungs if r.kind is RungKind.DEPUTY).voices[0])

    def _phone(self, contact: str) -> Locator:
        exchange = self.stage.phones.exchange
        number = self.stage.system.pack.numbers[contact]
        return self.phones.locator(f"#ph-{phone_id(exchange.seed, number)}")

    def row(self, chain: Chain) -> Locator:
        """The post's row of the callout's page."""
        return self.board.locator(f"#a-{chain.chain_id}")

    async def does(self, phone: Locator, name: str) -> None:
        """Press a button of a phone, and let it come to rest."""
        async with self.phones.expect_response(re.compile(r"/phones/")):
            await phone.get_by_role("button", name=re.compile(name)).first.click()
        await self.stepper.settle()

    async def keys(self, phone: Locator, digits: str) -> None:
        """Press keys, one after the other."""
        for digit in digits:
            async with self.phones.expect_response(re.compile(r"/press$")):
                await phone.locator(f'[data-key="{digit}"]').click()
            await self.stepper.settle()

    async def confirms(self, phone: Locator) -> None:
        """Press 1 and the code that is read out."""
        await self.keys(phone, "1")
        await self.live(2)
        heard = phone.locator(".heard")
        await expect(heard).to_contain_text("确认码")
        await self.keys(phone, code_in(await heard.inner_text()))
        await self.live(1)


@pytest.fixture
async def played(tmp_path: Path) -> AsyncIterator[Played]:
    expect.set_options(timeout=PATIENCE_MS)
    clock = SteppingClock(T0)
    async with (
        set_stage(PACK, tmp_path, clock, ticks=False) as stage,
        open_chromium() as browser,
        ClientSession() as session,
    ):
        district = District(stage, browser, session, clock)
        district.answer_by_hand()
        stepper = Stepper(stage.system, stage.phones, clock)
        await district.warns("南岸区气象台发布暴雨橙色预警")
        await stepper.until(T0 + timedelta(seconds=20))
        phones = await district.page(stage.phones.base_url)
        desk = stage.system.dispatcher.pipeline.desk
        chains = [
            chain
            for chain in desk.chains.values()
            if {RungKind.HOLDER, RungKind.DEPUTY} <= {rung.kind for rung in chain.rungs}
            and all(rung.voices for rung in chain.rungs)
            and chain.rungs[0].live is not None
        ]
        await phones.goto("/phones")
        board = await district.as_user("duty-officer", f"/callouts/{chains[0].callout_id}")
        yield Played(stage, stepper, clock, phones, board, chains)


async def test_a_phone_left_ringing_brings_his_deputy(played: Played) -> None:
    chain = played.chains[0]
    await expect(played.holder(chain)).to_have_attribute("data-doing", "ringing")

    await played.live(108)

    await expect(played.row(chain)).to_contain_text("副手")
    await expect(played.deputy(chain)).to_have_attribute("data-doing", "ringing")


async def test_a_key_2_rings_the_deputy_at_once(played: Played) -> None:
    chain = played.chains[0]
    await played.does(played.holder(chain), "接听")
    await played.live(3)

    await played.keys(played.holder(chain), "2")
    await played.live(10)

    await expect(played.row(chain)).to_contain_text("副手")
    await expect(played.deputy(chain)).to_have_attribute("data-doing", "ringing")
    await expect(played.row(chain)).not_to_contain_text("已确认")


async def test_a_wrong_code_confirms_nothing_and_the_right_one_does(played: Played) -> None:
    chain = played.chains[0]
    phone = played.holder(chain)
    await played.does(phone, "接听")
    await played.live(2)
    await played.keys(phone, "1")
    await played.live(2)
    code = code_in(await phone.locator(".heard").inner_text())

    await played.keys(phone, "".join(str(9 - int(digit)) for digit in code))
    await played.live(3)
    await expect(played.row(chain)).to_contain_text("接听中")
    await expect(phone.locator(".heard")).to_contain_text("确认码")
    await played.keys(phone, code_in(await phone.locator(".heard").inner_text()))
    await played.live(1)

    await expect(played.row(chain)).to_contain_text("已确认")
    await expect(played.row(chain)).to_contain_text("复码")


async def test_a_voicemail_never_confirms(played: Played) -> None:
    chain = played.chains[0]
    await played.does(played.holder(chain), "挂断")
    async with played.phones.expect_response(re.compile(r"/habit$")):
        await played.holder(chain).locator("select").select_option("voicemail")

    await played.live(600)

    await expect(played.row(chain)).not_to_contain_text("复码")
    await expect(played.row(chain)).to_have_class(re.compile("bad"))
    kinds = {
        chain.state.value for chain in played.stage.system.dispatcher.pipeline.desk.chains.values()
    }
    assert "acknowledged" not in kinds


async def test_the_code_of_an_sms_written_back_confirms(played: Played) -> None:
    chain = played.chains[0]
    phone = played.holder(chain)
    await played.live(5)
    await expect(phone.locator(".scr")).to_contain_text("确认码")
    text = await phone.locator(".scr p", has_text="确认码").first.inner_text()

    await phone.get_by_placeholder(re.compile("回短信")).fill(code_in(text))
    await played.does(phone, "发送")
    await played.live(3)

    await expect(played.row(chain)).to_contain_text("已确认")
    await expect(phone).to_have_attribute("data-doing", "idle")


async def test_who_rings_back_hears_what_is_pending_and_confirms_with_its_code(
    played: Played,
) -> None:
    chain = played.chains[0]
    phone = played.holder(chain)
    await played.live(20)
    await expect(phone).to_have_attribute("data-doing", "idle")

    await played.does(phone, "回拨")
    await played.live(3)
    await expect(phone).to_have_attribute("data-doing", "talking")
    await played.confirms(phone)

    await expect(played.row(chain)).to_contain_text("已确认")


async def test_a_loudspeaker_says_aloud_what_the_callout_shows(played: Played) -> None:
    station = played.phones.locator("#ph-station-LS-NS")
    await expect(station).to_contain_text("安静")

    await played.live(284)

    await expect(station.locator(".heard")).to_contain_text("居民请注意")
    side = played.board.locator('[data-live="side"]')
    await expect(side).to_contain_text("南山街道应急广播")
    await played.live(120)
    await expect(side).to_contain_text("已播出")
