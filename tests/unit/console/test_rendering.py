"""Live parts are made once for everybody, one after the other, and anew when something has changed."""

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from schemas.cap import Status
from services.console.domain.situation import Situation
from services.console.entrypoints.rendering import Key, Renderings
from services.demo.stage import PACK
from services.district.load import load_pack
from services.runtime.clock import RealClock

BOARD: Key = ("board", Status.ACTUAL, "")
LONG_S = 0.006
"""Of the processor's time: longer than others are kept waiting."""


class Pages:
    """Two parts that tell which time they are made; the first is as long as the processor takes."""

    def __init__(self, first_s: float = LONG_S) -> None:
        self._first_s = first_s
        self.situation = Situation(load_pack(PACK))
        self.renderings = Renderings(self.situation, RealClock())
        self.renderings.register("board", self._parts)
        self.made: list[str] = []
        self.between = asyncio.Event()
        """Set when the loop has gone round between the parts."""

    def _parts(self, _status: Status, _of: str, _now: datetime) -> Iterator[tuple[str, str]]:
        self.made.append("first")
        began_s = time.thread_time()
        while time.thread_time() - began_s < self._first_s:
            pass
        asyncio.get_running_loop().call_soon(self.between.set)
        yield "first", f"first {len(self.made)}"
        self.made.append("second" if self.between.is_set() else "second at once")
        yield "second", f"second {len(self.made)}"


@pytest.fixture
def pages() -> Pages:
    return Pages()


async def test_the_loop_goes_round_between_two_parts(pages: Pages) -> None:
    rendered = await pages.renderings.next(BOARD)

    assert pages.made == ["first", "second"]
    assert rendered.parts == {"first": "first 1", "second": "second 2"}


async def test_short_parts_are_made_in_one_turn_of_the_loop() -> None:
    pages = Pages(first_s=0.0)

    rendered = await pages.renderings.next(BOARD)

    assert pages.made == ["first", "second at once"]
    assert list(rendered.parts) == ["first", "second"]


async def test_a_page_that_is_opened_has_all_its_parts_at_once(pages: Pages) -> None:
    rendered = pages.renderings.at_once(BOARD)

    assert pages.made == ["first", "second at once"]
    assert list(rendered.parts) == ["first", "second"]


async def test_two_who_look_at_the_same_thing_share_what_is_made(pages: Pages) -> None:
    one, other = await asyncio.gather(pages.renderings.next(BOARD), pages.renderings.next(BOARD))

    assert one is other
    assert pages.made == ["first", "second"]


async def test_what_has_not_changed_is_not_made_again(pages: Pages) -> None:
    before = await pages.renderings.next(BOARD)

    assert await pages.renderings.next(BOARD) is before
    assert pages.renderings.at_once(BOARD) is before


async def test_what_changed_while_the_parts_were_made_is_made_again(pages: Pages) -> None:
    making = asyncio.create_task(pages.renderings.next(BOARD))
    await pages.between.wait()
    pages.situation.version += 1

    before = await making
    after = await pages.renderings.next(BOARD)

    assert before.version < after.version
    assert pages.made == ["first", "second"] * 2


async def test_one_who_goes_away_while_parts_are_made_leaves_the_others_theirs(
    pages: Pages,
) -> None:
    leaving = asyncio.create_task(pages.renderings.next(BOARD))
    staying = asyncio.create_task(pages.renderings.next(BOARD))
    await pages.between.wait()

    leaving.cancel()

    assert list((await staying).parts) == ["first", "second"]
