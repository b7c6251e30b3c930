"""Real time for what people look at: waiting with a limit, and resting in proportion to the work."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Iterator

_LEAST_S = 0.05
"""Twenty updates a second are more than anybody reads."""
_SHARE = 3
"""Work takes at most a quarter of the loop's time."""
_PIECE_S = 0.004
"""Worked for so long without a pause, others are let go on: shorter pieces are not worth a round."""
_FIRST_S = 0.02
"""What follows from a change within this is told together with it; a phone is rung before it is told."""
NEVER_S = float("-inf")
"""When that was last done which has not been done yet."""


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
    """
    Shares the loop between work that may wait and all the other: after each piece it rests three
    times as long as the piece took.
    """

    def __init__(self) -> None:
        self._free_at_s = NEVER_S
        self._since_turn_s = 0.0

    def now_s(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()

    @contextlib.contextmanager
    def measured(self) -> Iterator[None]:
        """
        Measure a piece of work, by the processor's time: what others on this machine did meanwhile
        is no reason to rest longer.
        """
        began_s = time.thread_time()
        try:
            yield
        finally:
            took_s = time.thread_time() - began_s
            self._free_at_s = max(self._free_at_s, time.monotonic()) + _SHARE * took_s
            self._since_turn_s += took_s

    async def turn(self) -> None:
        """Let whatever else is ready go on before the next piece, if the last ones took some time."""
        if self._since_turn_s >= _PIECE_S:
            self._since_turn_s = 0.0
            await asyncio.sleep(0)

    async def rest(self, last_at_s: float) -> None:
        """
        Wait until work that began last at *last_at_s* may begin again.

        After a long rest that is soon, but never at once.
        """
        free_at_s = max(last_at_s + _LEAST_S, self._free_at_s)
        await asyncio.sleep(max(_FIRST_S, free_at_s - time.monotonic()))
