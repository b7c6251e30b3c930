"""
Coming to rest: how a stepping clock is driven without losing an order of things.

The clock may move only when nobody has anything left to do at the instant it shows. Every part
that works between waits says so itself.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from services.runtime.clock import SteppingClock

# One pass of the loop moves a task from one await to the next. Between two parts lie a few of
# them (a future, a gather, a time limit) in which neither has taken the work up yet.
_CALM_PASSES = 10
_EAGER_PASSES = 20  # what this loop does by itself; who waits longer waits for a disk or a socket
_NAP_S = 0.0002


class AtRest(Protocol):
    """A part that knows whether it has work of its own under way."""

    @property
    def at_rest(self) -> bool:
        """Whether nothing would happen here if the clock stood still and nothing came in."""
        ...


async def settle(parts: Sequence[AtRest]) -> None:
    """Return when all *parts* have been at rest for several passes of the event loop."""
    calm = restless = 0
    while calm < _CALM_PASSES:
        if all(part.at_rest for part in parts):
            calm += 1
            await asyncio.sleep(0)
        else:
            calm = 0
            restless += 1
            await asyncio.sleep(0 if restless <= _EAGER_PASSES else _NAP_S)


async def drive(clock: SteppingClock, parts: Sequence[AtRest], until: Callable[[], bool]) -> bool:
    """
    Step *clock* from instant to instant, letting *parts* come to rest in between.

    Returns True when *until* did, which is asked at rest only, and False when nobody waits for
    any later instant.
    """
    await settle(parts)
    while not until():
        if not clock.step():
            return False
        await settle(parts)
    return True
