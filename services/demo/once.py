"""
The demo without anybody watching: the whole night on the stepping clock, over real HTTP on
loopback, ending by itself.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from aiohttp import ClientSession

from services.demo.feed import Feed
from services.demo.stage import set_stage
from services.demo.stepping import Stepper
from services.demo.tally import Tally, tally
from services.district.replay_script import load_script
from services.proof import prove_at, witnesses
from services.runtime.clock import SteppingClock

AFTERWARDS = timedelta(hours=3)
"""How long after the script's end chains may still run; longer than any acknowledgement limit."""


class UnfinishedError(Exception):
    """Chains were still open long after the last event: the night did not end."""


async def run_once(
    folder: Path, data: Path, posted: Callable[[int, int], None] = lambda _done, _all: None
) -> tuple[Tally, dict[str, float | None]]:
    """Live through the script of the pack in *folder*; return its tally and the first rings."""
    script = load_script(folder)
    clock = SteppingClock(script.start)
    async with (
        set_stage(folder, data, clock, ticks=False) as stage,
        ClientSession() as session,
    ):
        system = stage.system
        feed = Feed(script, system.pack, system.base_url, system.bus, clock)
        feed.posted = posted
        stepper = Stepper(system, stage.phones, clock)
        while (at := feed.next_at) is not None:
            await stepper.until(at)
            await feed.post_due(session)
        await stepper.while_chains_are_open(clock.now() + AFTERWARDS)
        await stepper.settle()  # the last anchor, too, has to be where it belongs
        result = await tally(system.bus, system.pack.rules.district)
        rings = stage.stopwatch.percentiles(result.first_call, result.causes)
    if stage.system.lifecycle.exit_code or result.open_chains:
        raise UnfinishedError(f"{result.open_chains} chains are open at the end")
    if result.ledger == "ok":
        held = witnesses(data, None, None)
        (report,) = prove_at(data, held, [stage.system.pack])
        result.ledger = report.flaw if report.anchors else "no_anchors"
    return result, rings
