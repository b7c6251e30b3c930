"""Memory: what outlives two searches is looked at no more, until nobody is being reached."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from services.runtime.clock import SteppingClock
from services.runtime.memory import AT_THE_LATEST, LOOK_EVERY, settle_memory, tidy_memory

START = datetime(2026, 7, 1, tzinfo=UTC)


class Knot:
    """Holds itself: only a search for garbage finds out that nobody else does."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def settled() -> Iterator[None]:
    """Settle the memory of this process, and leave the collector as it was."""
    threshold, callbacks = gc.get_threshold(), list(gc.callbacks)
    settle_memory()
    yield
    gc.callbacks[:] = callbacks
    gc.set_threshold(*threshold)
    gc.unfreeze()


def knots() -> int:
    """Return how many knots are left, set aside or not."""
    gc.unfreeze()
    try:
        return sum(isinstance(one, Knot) for one in gc.get_objects())
    finally:
        gc.freeze()


@asynccontextmanager
async def tidied(clock: SteppingClock, *, is_quiet: bool) -> AsyncIterator[None]:
    task = asyncio.create_task(tidy_memory(lambda: is_quiet, clock))
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def step(clock: SteppingClock, to: datetime) -> None:
    while clock.now() < to:
        clock.move_to(min(to, clock.now() + LOOK_EVERY))
        for _ in range(3):
            await asyncio.sleep(0)


def test_what_outlives_a_search_of_the_older_is_set_aside() -> None:
    before = gc.get_freeze_count()
    kept = [Knot() for _ in range(100)]

    gc.collect(1)

    assert gc.get_freeze_count() >= before + len(kept)


def test_new_garbage_is_found_by_itself() -> None:
    for _ in range(50_000):
        Knot()

    assert knots() < 50_000


async def test_all_memory_is_searched_within_the_hour_while_nobody_is_reached() -> None:
    clock = SteppingClock(START)
    knot = [Knot()]
    gc.collect(1)
    knot.clear()

    async with tidied(clock, is_quiet=True):
        assert knots() == 1
        await step(clock, START + LOOK_EVERY)

    assert knots() == 0


async def test_while_somebody_is_being_reached_it_waits_a_day() -> None:
    clock = SteppingClock(START)
    knot = [Knot()]
    gc.collect(1)
    knot.clear()

    async with tidied(clock, is_quiet=False):
        await step(clock, START + AT_THE_LATEST - timedelta(seconds=1))
        assert knots() == 1
        await step(clock, START + AT_THE_LATEST + LOOK_EVERY)

    assert knots() == 0
