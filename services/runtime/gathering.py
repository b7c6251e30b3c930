"""What comes one by one, handed on as all that waits: a lone one at once, many together."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable
from typing import TypeVar

T = TypeVar("T")


async def gathered(source: AsyncIterable[T], limit: int) -> AsyncGenerator[list[T], None]:
    """
    Yield what has come from *source* meanwhile, at most *limit* at a time and never nothing.

    No more than *limit* are taken out of *source* ahead. Close it, or cancel who waits for it, and
    those are forgotten.
    """
    waiting: deque[T] = deque()
    come, room = asyncio.Event(), asyncio.Event()

    async def fill() -> None:
        try:
            async for one in source:
                waiting.append(one)
                come.set()
                if len(waiting) >= limit:
                    room.clear()
                    await room.wait()
        finally:
            come.set()

    filling = asyncio.create_task(fill())
    try:
        while True:
            await come.wait()
            come.clear()
            batch = list(waiting)
            waiting.clear()
            room.set()
            if batch:
                yield batch
            elif filling.done():
                filling.result()
                return
            if filling.done():
                come.set()
    finally:
        filling.cancel()
        await asyncio.gather(filling, return_exceptions=True)
