"""The valley of three villages, opened in the middle of a night; the test is all its people."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from schemas.act import LevelLowered, LevelRaised
from schemas.dispatch import Fact, LedgerRecord
from schemas.hazard import Hazard
from schemas.level import Level
from services.system.engines import OpenEngines
from tests.acceptance.live import CHONGQING, Live, copy_pack, live
from tests.acceptance.phone import Phone

DATA = Path(__file__).parents[1] / "data" / "valley"
MIDNIGHT = datetime(2026, 7, 9, tzinfo=CHONGQING)
TOWN, UPPER, MIDDLE, LOWER = (f"500998001{code}" for code in ("000", "201", "202", "203"))


class Valley:
    """What happens there, and who is there."""

    def __init__(self, opened: Live) -> None:
        self.live = opened
        self._phones: dict[str, Phone] = {}

    def phone(self, person: str) -> Phone:
        """The phone of *person*."""
        return self._phones.setdefault(person, Phone(self.live, person))

    async def is_dry_until(self, at: str) -> None:
        """The gauge goes on reporting, and there is no more rain."""
        while self.live.clock.now() < self.live.instant(at):
            later = self.live.clock.now() + timedelta(minutes=15)
            await self.live.until_that(lambda: False, later)
            await self.live.until(f"{later.astimezone(CHONGQING):%H:%M:%S}")
            await self.live.reads("RG-05", "rain", "mm", (later, 0.0))

    async def pours(self, total_mm: int) -> None:
        """*total_mm* have fallen in the quarter of an hour until now, all reported at once."""
        now = self.live.clock.now()
        parts = [(now - timedelta(minutes=5 * nth), total_mm / 4) for nth in (3, 2, 1, 0)]
        await self.live.reads("RG-05", "rain", "mm", *parts)

    async def is_raised(self, level: Level, hazard: Hazard = Hazard.FLASH_FLOOD) -> None:
        """The duty leader raises the town to *level*."""
        await self.live.acts(
            "leader", LevelRaised(place=TOWN, hazard=hazard, level=level, why="会商研判")
        )

    async def is_over(self) -> None:
        """The duty leader takes the response back step by step, after a consultation."""
        for level in (Level.II, Level.III, Level.IV, None):
            await self.live.acts(
                "leader",
                LevelLowered(
                    place=TOWN,
                    hazard=Hazard.FLASH_FLOOD,
                    level=level,
                    why="雨停",
                    consultation="会商纪要1号",
                ),
            )

    async def facts(self, fact: Fact, post: str | None = None) -> list[LedgerRecord]:
        """What the ledger says of *fact*, about *post* where one is named."""
        found = await self.live.ledger(fact)
        return [record for record in found if post is None or record.post == post]

    async def stays_quiet(self, *, for_minutes: int, but: tuple[str, ...] = ()) -> None:
        """Nobody's phone rings for so long, except those of *but*."""
        before = {name: len(self.phone(name).calls) for name in self.live.pack.roster.people}
        until = self.live.clock.now() + timedelta(minutes=for_minutes)
        await self.live.until_that(lambda: False, until)
        rung = [
            name
            for name, calls in before.items()
            if len(self.phone(name).calls) > calls and name not in but
        ]
        assert rung == []

    async def ends_in_silence(self) -> None:
        """The response is over; nobody rings any more, nothing was lost, and the ledger holds."""
        calls = {name: self.phone(name).calls for name in self.live.pack.roster.people}
        await self.live.until_that(lambda: False, self.live.clock.now() + timedelta(hours=2))
        assert {name: self.phone(name).calls for name in calls} == calls
        result = await self.live.tally()
        assert (result.open_chains, result.dead_letters, result.ledger) == (0, 0, "ok")
        assert self.live.phones.exchange.record.max_live_calls_per_number == 1


@pytest.fixture
async def valley(tmp_path: Path, engines: OpenEngines) -> AsyncIterator[Valley]:
    """02:00, and it rains."""
    folder = copy_pack(DATA, tmp_path, ())
    start = MIDNIGHT + timedelta(hours=2)
    async with live(folder, tmp_path / "data", start, MIDNIGHT, engines=engines) as opened:
        yield Valley(opened)
