"""
A process killed at any moment of a campaign: nothing accepted is lost, and nobody is rung again.

`KILL_MOMENTS` says how many seeded moments are tried; a failed one is repeated by its seed.
"""

import asyncio
import os
import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.resilience.doomed import Doom, Point
from tests.resilience.evidence import Evidence, all_has_ended, error_lines, gather
from tests.resilience.night import BETWEEN_READINGS, GAUGES, RAIN_MM, Night, open_night

MOMENTS = int(os.environ.get("KILL_MOMENTS", "6"))
LASTS = timedelta(seconds=50) + BETWEEN_READINGS * len(GAUGES) * len(RAIN_MM)
"""About how long a night takes that nobody disturbs: from this the moments are drawn."""


async def live_through(night: Night, kills: Sequence[Doom | timedelta]) -> Evidence:
    """
    Live through a night: each of *kills* ends a process, at a named point or after so long.

    The last process has nothing to fear. It is stopped once every chain has ended.
    """
    rain = asyncio.create_task(night.report_rain())
    try:
        for kill in kills:
            if isinstance(kill, Doom):
                night.start(kill)
            else:
                night.start()
                await night.clock.sleep_until(night.clock.now() + kill)
                night.process.kill()
            await night.death()
        night.start()
        await night.until(rain.done, "every reading to be accepted")
        await rain
        await night.until(lambda: all_has_ended(night.data), "every chain to end")
        await night.end()
    finally:
        rain.cancel()
    return gather(night.data, night.life.settings.folder, night.exchange)


def check(night: Night, evidence: Evidence) -> None:
    """Everything that must hold, wherever the process was killed."""
    evidence.check_accepted(night.accepted)
    evidence.check_ledger()
    evidence.check_chains()
    evidence.check_rings()
    evidence.check_nobody_is_rung_again()
    evidence.check_told_is_kept()
    assert error_lines(night.life.log) == []


POINTS = {
    Point.BEFORE_EVENT_COMMIT: (1, 3),
    Point.AFTER_EVENT_COMMIT: (1, 3),
    Point.AFTER_DECISION: (1, 3),
    Point.AFTER_INTENT: (1, 4),
    Point.AFTER_POST: (1, 6),
    Point.BEFORE_ACKNOWLEDGEMENT_COMMIT: (1, 3),
    Point.BEFORE_CALLBACK_ANSWERED: (1, 15),
}
"""At which passing of each point the first process dies, and at which the second."""


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.value)
async def test_invariant_01_accepted_is_durable_and_04_store_then_act_when_killed_at(
    point: Point, tmp_path: Path
) -> None:
    """A process that dies between any two steps of its order has lost nothing and repeats nothing."""
    async with open_night(tmp_path, point.value) as night:
        evidence = await live_through(night, [Doom(point, nth) for nth in POINTS[point]])

        check(night, evidence)


@pytest.mark.parametrize("seed", range(MOMENTS))
async def test_invariant_01_accepted_is_durable_and_04_store_then_act_when_killed_at_moment(
    seed: int, tmp_path: Path
) -> None:
    """Nor does the moment matter: whoever was to be called is called, and whoever answered is not."""
    moment = LASTS * random.Random(seed).random()
    async with open_night(tmp_path, f"moment {seed}") as night:
        evidence = await live_through(night, [moment])

        check(night, evidence)
