"""The board's largest parts are kept until what they tell has changed."""

from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from schemas.cap import Status
from schemas.dispatch import Fact
from services.console.adapters.sessions import StoredSessions
from services.console.entrypoints.guard import Guard
from services.console.entrypoints.page import PageKit, build_environment
from services.console.entrypoints.pages.board_parts import BoardParts
from services.demo.stage import PACK
from services.district.load import load_pack
from services.runtime.clock import RealClock
from services.runtime.embedded_bus import EmbeddedBus
from tests.unit.console.book import Book


class Board:
    """A board over a ledger that is written line by line."""

    def __init__(self, bus: EmbeddedBus) -> None:
        pack, clock = load_pack(PACK), RealClock()
        self.book = Book(pack)
        self.place = next(
            one.code for one in pack.rules.places if one.position and one.level.name == "TOWN"
        )
        guard = Guard(pack, StoredSessions(bus, clock))
        environment = build_environment(ZoneInfo(pack.rules.timezone))
        self._parts = BoardParts(
            PageKit(pack, clock, guard, self.book.situation, environment), None
        )

    def parts(self) -> dict[str, str]:
        return dict(self._parts.of(Status.ACTUAL, "", self.book.at))


@pytest.fixture
async def board(tmp_path: Path) -> AsyncIterator[Board]:
    bus = await EmbeddedBus.open(tmp_path, RealClock())
    yield Board(bus)
    await bus.close()


async def test_a_call_leaves_responses_and_map_as_they_are(board: Board) -> None:
    before = board.parts()

    board.book.callout()
    after = board.parts()

    assert after["callouts"] != before["callouts"]
    assert after["responses"] is before["responses"]
    assert after["map"] is before["map"]


async def test_dead_phones_are_on_the_map_although_nothing_was_decided(board: Board) -> None:
    before = board.parts()

    board.book.write(
        Fact.CHANNEL_REPORTED,
        place=board.place,
        channels=["voice"],
        works=False,
        why="基站中断",
        user="duty-officer",
    )

    assert 'class="dead"' not in before["map"]
    assert 'class="dead"' in board.parts()["map"]
