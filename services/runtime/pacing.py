"""Real time for what people look at: waiting with a limit, and resting in proportion to the work."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Iterator

_LEAST_S = 0.05
"""Twenty updates a second are more than anybody reads."""
_SHARE = 3
"""Work takes at most a quarter of the loop's time."""


async def first_within(change: Awaitable[object], limit_s: float) -> bool:
    """Return True when *change* came within *limit_s* seconds of real time."""
    try:
        await asyncio.wait_for(change, limit_s)
    except TimeoutError:
        return False
    return True


async def let_others_work() -> None:
    """Let whoever waits for the loop have it, in between two pieces of long work."""
    await asyncio.sleep(0)


class Pace:
    """Remembers how long the last piece of work took, and rests in proportion."""

    def __init__(self) -> None:
        self._took_s = 0.0

    def now_s(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()

    @contextlib.contextmanager
    def measured(self) -> Iterator[None]:
        """Measure a piece of work."""
        began_s = time.monotonic()
        try:
            yield
        finally:
            self._took_s = time.monotonic() - began_s

    async def rest(self) -> None:
        """Wait until the next piece of work may begin."""
        await asyncio.sleep(max(_LEAST_S, _SHARE * self._took_s))
