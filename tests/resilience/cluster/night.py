"""
One night in the fast county on real servers: something fails while people are being called.

It rains all the time. The failure comes when a good part of the first calls has been made, and the
night is over when every chain has ended; then the judge is given what it left behind.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench.carrier_seen import CarrierSeen
from deploy.local.kafka_cluster import KafkaCluster
from schemas.dispatch import Fact
from schemas.topics import Topic
from services.runtime.clock import RealClock
from tests.resilience.cluster.fast_county import write_fast_county
from tests.resilience.cluster.installation import Installation, Places, open_installation
from tests.resilience.cluster.judge import Evidence, last_first_call, longest_pause
from tests.resilience.cluster.rain import Rain
from tests.resilience.cluster.watch import Watch, watching

FAILS_AFTER_CALLS = 130
"""A quarter of the county: two seconds of the carrier's permission."""
_ENDS_WITHIN = timedelta(seconds=150)
_LOOK_S = 0.1
_AT_REST_S = 1.5
"""What is said last, such as the list of those not woken, is delivered within it."""

_clock = RealClock()

Strike = Callable[["Night"], Awaitable[None]]
"""Lets something fail; `struck` is called at that very moment."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a night came to: *since* the failure, the longest time without a request or decision."""

    evidence: Evidence
    began_at: datetime
    struck_at: datetime
    ended_at: datetime
    calling_stopped_for: timedelta
    """While somebody was still to be called for the first time."""
    deciding_stopped_for: timedelta
    """While it rained."""

    def as_json(self) -> dict[str, Any]:
        """Return what is told of it."""
        seconds = {
            "night_s": self.ended_at - self.began_at,
            "struck_s": self.struck_at - self.began_at,
            "calling_stopped_s": self.calling_stopped_for,
            "deciding_stopped_s": self.deciding_stopped_for,
        }
        told = {name: round(span.total_seconds(), 2) for name, span in seconds.items()}
        return {**told, **self.evidence.as_json()}


class Night:
    """What a case has at hand while it is on."""

    def __init__(self, system: Installation, rain: Rain, watch: Watch) -> None:
        self.system = system
        self.rain = rain
        self.watch = watch
        self.struck_at: datetime | None = None

    def struck(self) -> None:
        """It fails now."""
        self.struck_at = _clock.now()

    async def live_through(self, strike: Strike) -> Outcome:
        """Call everybody, let *strike* do its worst meanwhile, and return what came of it."""
        posts = self.system.scene.county.posts
        began_at = _clock.now()
        self.rain.begin()
        await self.rain.trip()
        await self.until(
            lambda: self.watch.count(Fact.ATTEMPT_INTENDED) >= FAILS_AFTER_CALLS,
            "the first calls",
        )
        await strike(self)
        assert self.struck_at is not None
        await self.until(lambda: self.watch.count(Fact.CHAIN_ENDED) >= posts, "every chain to end")
        ended_at = _clock.now()
        # On a slow day the towns run out of rain before the night is over.
        rained_until = datetime.fromisoformat(self.rain.accepted.readings[-1].occurred_at)
        await self.rain.stop()
        await asyncio.sleep(_AT_REST_S)
        await self.watch.catch_up()
        await asyncio.to_thread(self.system.phones.stop)
        seen = CarrierSeen.read(self.system.seen)
        kept = self.watch.kept
        return Outcome(
            Evidence(self.system.scene, self.rain.accepted, kept, seen),
            began_at,
            self.struck_at,
            ended_at,
            longest_pause(
                [call.asked_at for call in seen.calls], self.struck_at, last_first_call(seen)
            ),
            longest_pause([one.at for one in kept[Topic.DECISIONS]], self.struck_at, rained_until),
        )

    async def until(self, happened: Callable[[], bool], what: str) -> None:
        """Return once *happened*; an error that says *what* was waited for when it never does."""
        give_up_at = _clock.now() + _ENDS_WITHIN
        while not happened():
            assert _clock.now() < give_up_at, f"waited in vain for {what}: {self._told()}"
            await asyncio.sleep(_LOOK_S)

    def _told(self) -> str:
        facts = (Fact.CHAIN_OPENED, Fact.ATTEMPT_INTENDED, Fact.ACKNOWLEDGED, Fact.CHAIN_ENDED)
        return json.dumps({fact.value: self.watch.count(fact) for fact in facts})


@asynccontextmanager
async def open_night(
    folder: Path, district: str, kafka: KafkaCluster, places: Places
) -> AsyncIterator[Night]:
    """Open everything that a night needs, and close it, however it went."""
    scene = write_fast_county(folder / "pack", district)
    async with (
        watching(kafka.bootstrap_servers, district) as watch,
        open_installation(folder, scene, kafka, places) as system,
    ):
        rain = Rain(system.session, system.ingest.url, scene)
        try:
            yield Night(system, rain, watch)
        finally:
            await rain.cancel()
