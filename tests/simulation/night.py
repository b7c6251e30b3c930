"""A plan in, its evidence out: a loop, a folder and a world for one night."""

import contextlib
import gc
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.simulation.evidence import Evidence
from tests.simulation.hearing import errors_heard
from tests.simulation.life import Life
from tests.simulation.loop import SimulatedLoop, StandstillError
from tests.simulation.plan import Plan
from tests.simulation.world import World


def live_through(plan: Plan, change: Callable[[Life], None] = lambda _life: None) -> Evidence:
    """
    Return what the night of *plan* leaves behind.

    *change* is told of each process when it is ready: a planted fault changes it.
    """
    folder = Path(tempfile.mkdtemp(prefix="night-", dir=_scratch()))
    loop = SimulatedLoop(f"loop {plan.seed}", shuffles=plan.shuffles)
    was_collecting = gc.isenabled()
    gc.disable()  # its moments would not be the same twice, and a process would seem to wake for it
    try:
        with errors_heard() as errors:
            world = World(plan, folder, loop, change, errors)
            with contextlib.suppress(StandstillError):
                loop.run_until_complete(world.live())
            world.close(loop)
        return world.evidence
    finally:
        loop.close()
        shutil.rmtree(folder, ignore_errors=True)
        if was_collecting:
            gc.enable()


def _scratch() -> Path | None:
    memory = Path("/dev/shm")  # a folder of our own is made in it
    return memory if memory.is_dir() else None
