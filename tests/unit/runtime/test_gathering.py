"""What comes one by one: a lone one goes on at once, what waits goes on together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from services.runtime.gathering import gathered


async def drained(queue: "asyncio.Queue[int]") -> AsyncIterator[int]:
    while (one := await queue.get()) >= 0:
        yield one


async def some_passes() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_lone_one_does_not_wait_for_others() -> None:
    queue: asyncio.Queue[int] = asyncio.Queue()
    async with aclosing(gathered(drained(queue), 10)) as batches:
        queue.put_nowait(1)

        assert await anext(batches) == [1]


async def test_what_came_while_one_was_busy_comes_together_in_order() -> None:
    queue: asyncio.Queue[int] = asyncio.Queue()
    async with aclosing(gathered(drained(queue), 10)) as batches:
        queue.put_nowait(1)
        await anext(batches)
        for one in (2, 3, 4):
            queue.put_nowait(one)
        await some_passes()

        assert await anext(batches) == [2, 3, 4]


async def test_no_more_than_the_limit_are_taken_ahead_and_none_is_lost() -> None:
    queue: asyncio.Queue[int] = asyncio.Queue()
    for one in range(7):
        queue.put_nowait(one)
    async with aclosing(gathered(drained(queue), 3)) as batches:
        first = await anext(batches)
        await some_passes()

        assert len(first) <= 3
        assert queue.qsize() >= 1
        rest = [one for _ in range(2) for one in await anext(batches)]
        assert [*first, *rest] == list(range(7))


async def test_it_ends_when_its_source_does_after_the_last_of_it() -> None:
    queue: asyncio.Queue[int] = asyncio.Queue()
    for one in (1, 2, -1):
        queue.put_nowait(one)

    assert [batch async for batch in gathered(drained(queue), 10)] == [[1, 2]]


async def test_what_its_source_raises_is_raised_after_the_last_of_it() -> None:
    async def failing() -> AsyncIterator[int]:
        yield 1
        raise EOFError

    async with aclosing(gathered(failing(), 10)) as batches:
        assert await anext(batches) == [1]
        with pytest.raises(EOFError):
            await anext(batches)


async def test_closing_it_lets_go_of_its_source() -> None:
    queue: asyncio.Queue[int] = asyncio.Queue()
    batches = gathered(drained(queue), 10)
    queue.put_nowait(1)
    await anext(batches)
    await batches.aclose()
    queue.put_nowait(2)
    await some_passes()

    assert queue.qsize() == 1
