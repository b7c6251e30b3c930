"""
What the garbage collector need not look at, so that no search for garbage holds up the loop.

The process of a district with a night's callouts holds a million objects that live for hours. A
search through all of them takes a third of a second, in which no phone rings and no page moves. So
only what is new is searched, twice; what outlives that is set aside. Almost nothing of it becomes
garbage that reference counts do not find, and that little is found when nobody is being reached.
"""

import gc
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog

from services.runtime.clock import Clock, stopwatch

_NEW = 2_000
"""Net new objects before the new ones are searched: about a millisecond's work."""
_SEARCHES = 4
"""Searches of the new before those that outlived them are searched once more: about 5 ms."""
_NEVER = 1_000_000_000
LOOK_EVERY = timedelta(hours=1)
AT_THE_LATEST = timedelta(days=1)
"""Even where somebody is being reached all day: a night's garbage is a few megabytes, a month's is not."""

_log = structlog.get_logger()


def settle_memory() -> None:
    """
    Take what was loaded up to now out of every later search for garbage, and from now on what has
    outlived two; called once, after the start. See `tidy_memory`.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW, _SEARCHES, _NEVER)
    if _set_aside not in gc.callbacks:
        gc.callbacks.append(_set_aside)


def search_all() -> int:
    """Search everything for garbage, also what was set aside; return how many objects were found."""
    gc.unfreeze()
    found = gc.collect()
    gc.freeze()
    return found


async def tidy_memory(is_quiet: Callable[[], bool], clock: Clock) -> None:
    """
    Search all memory once an hour, for ever; while not *is_quiet*, only once a day.

    Called where `settle_memory` was: without it the collector searches all by itself.
    """
    searched_at = clock.now()
    while True:
        await clock.sleep_until(clock.now() + LOOK_EVERY)
        if is_quiet() or clock.now() - searched_at >= AT_THE_LATEST:
            searched_at = clock.now()
            elapsed = stopwatch()
            found = search_all()
            _log.info("memory_searched", found=found, took_s=round(elapsed(), 3))


def _set_aside(phase: str, info: dict[str, Any]) -> None:
    # After a search of the second generation the first two are empty: whatever lives is in the third.
    if phase == "stop" and info["generation"] == 1:
        gc.freeze()
