"""
The demo without anybody watching: the whole night on the stepping clock, over real HTTP on
loopback, ending by itself.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from aiohttp import ClientSession

from services.demo.stage import Stage, set_stage
from services.demo.tally import Tally, tally
from services.district.replay_script import load_script
from services.runtime.clock import SteppingClock
from services.runtime.rest import settle

AFTERWARDS = timedelta(hours=3)
"""How long after the script's end chains may still run; longer than any acknowledgement limit."""


class UnfinishedError(Exception):
    """Chains were still open long after the last event: the night did not end."""


async def run_once(
    folder: Path, data: Path, posted: Callable[[int, int], None] = lambda _done, _all: None
) -> tuple[Tally, dict[str, float | None]]:
    """Live through the script of the pack in *folder*; return its tally and the first rings."""
    clock = SteppingClock(load_script(folder).start)
    async with (
        set_stage(folder, data, clock, ticks=False) as stage,
        ClientSession() as session,
    ):
        stage.feed.posted = posted
        await live_through(stage, clock, session)
        district = stage.system.pack.rules.district
        result = await tally(stage.system.bus, district)
        rings = stage.stopwatch.percentiles(result.first_call, result.causes)
    if stage.system.lifecycle.exit_code or result.open_chains:
        raise UnfinishedError(f"{result.open_chains} chains are open at the end")
    return result, rings


async def live_through(stage: Stage, clock: SteppingClock, session: ClientSession) -> None:
    """
    Step *clock* from one thing to the next until the script is over and no chain is open.

    What is next is the earliest of three: a waiter of the clock, the correlator's next timer, for
    which the log gets a tick, and the next line of the script.
    """
    system, feed = stage.system, stage.feed
    parts = (*system.parts, stage.phones)
    end = feed.start + feed.script.length + AFTERWARDS
    while True:
        await settle(parts)
        coming = feed.next_at
        if coming is None and not system.dispatcher.pipeline.desk.has_open_chains:
            return
        timer = system.correlator.next_due()
        times = [at for at in (clock.next_due(), timer, coming) if at is not None]
        if not times or min(times) > end:
            return
        clock.move_to(min(times))
        if coming is not None and coming <= clock.now():
            await feed.post_due(session)
        elif timer is not None and timer <= clock.now():
            await system.ingest.ticker.tick()
