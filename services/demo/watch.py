"""
The demo somebody watches: fast while nothing is due, at the pace of life while phones ring, until
the callout ends or the viewer presses "faster". Waiting minutes for the next attempt is not shown.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from aiohttp import ClientSession

from services.demo.feed import Feed
from services.demo.stage import Stage, set_stage
from services.district.replay_script import load_script
from services.runtime.clock import ScaledClock

FAST = 240.0
LIFE = 1.0
_LOOK_EVERY_S = 0.05


class Pacer:
    """Sets the clock's speed by what is going on."""

    def __init__(self, clock: ScaledClock) -> None:
        self._clock = clock
        self._hurried: set[str] = set()
        self._ringing: set[str] = set()

    def faster(self) -> None:
        """Do not slow down for what rings now; for what comes later, do."""
        self._hurried |= self._ringing

    async def run(self, stage: Stage) -> None:
        """Keep the pace for ever."""
        desk = stage.system.dispatcher.pipeline
        while True:
            self._ringing = {chain.callout_id for chain in desk.desk.ringing_chains()}
            speed = LIFE if self._ringing - self._hurried else FAST
            if speed != self._clock.speed:
                self._clock.set_speed(speed)
            await asyncio.sleep(_LOOK_EVERY_S)


async def run_watched(folder: Path, data: Path, port: int, ready: Callable[[Stage], None]) -> int:
    """Run until a signal; *ready* is told when everything can be opened. Returns the exit code."""
    script = load_script(folder)
    clock = ScaledClock(script.start, LIFE)
    pacer = Pacer(clock)
    async with (
        set_stage(folder, data, clock, port=port, ticks=True, faster=pacer.faster) as stage,
        ClientSession() as session,
    ):
        system = stage.system
        feed = Feed(script, system.pack, system.base_url, system.bus, clock)
        lifecycle = system.lifecycle
        lifecycle.spawn("pacer", pacer.run(stage))
        lifecycle.spawn("script", feed.run(session))
        ready(stage)
        return await lifecycle.run_until_signal()
