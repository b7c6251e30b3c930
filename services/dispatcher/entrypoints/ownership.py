"""
Which districts are this worker's: it looks twice a second whether one is free, takes its share of
them, and goes on serving each until its lease is lost.

Workers know nothing of one another but how many live. A fair share is a matter of load; that every
district has an owner is not: what stays free for longer is taken whatever the share is.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Protocol

import structlog

from services.dispatcher.entrypoints.tenure import Serve, Tenure, TenureEnd
from services.runtime.bus import BusUnavailableError
from services.runtime.clock import Clock, counted_seconds
from services.runtime.redis.lease import Holder, Lease

LOOK_EVERY = timedelta(milliseconds=500)
_FREE_FOR_S = 3.0
"""A district that no worker takes within its share is taken beyond it."""
_REST_S = 5.0
"""After a failure here: another worker may do better meanwhile."""
_SURPLUS_FOR_S = 10.0
"""Before a district is handed to a worker with fewer: who has just started may be gone again."""
_NOBODY_WANTED_S = 600.0
"""Before one is handed over again, after one was that nobody took."""
_UNSEEN_FOR_S = 5.0
_log = structlog.get_logger(__name__)


class Leases(Protocol):
    """Who has which district."""

    async def take(self, district: str) -> Lease | None:
        """Take *district* if nobody has it."""
        ...

    async def holder(self, district: str) -> Holder | None:
        """Return who has *district*."""
        ...


class Presence(Protocol):
    """How many workers live."""

    async def tell(self) -> int:
        """Say that this one does; return how many do."""
        ...

    async def leave(self) -> None:
        """Say that this one does no more."""
        ...


def fair_share(districts: int, alive: int) -> int:
    """Return how many of *districts* one of *alive* workers takes at the most."""
    return -(-districts // max(alive, 1))


class Ownership:
    """The districts of one worker. *clock* is the real one; *counted* are its machine's seconds."""

    def __init__(
        self,
        districts: Sequence[str],
        leases: Leases,
        presence: Presence,
        serve: Serve,
        clock: Clock,
        counted: Callable[[], float] = counted_seconds,
    ) -> None:
        self._districts = tuple(districts)
        self._leases = leases
        self._presence = presence
        self._serve = serve
        self._clock = clock
        self._counted = counted
        self._tenures: dict[str, Tenure] = {}
        self._free_since: dict[str, float] = {}
        self._rests_until: dict[str, float] = {}
        self._surplus_since: float | None = None
        self._hands_over_from = counted()
        self._seen_at = counted()

    @property
    def tenures(self) -> Mapping[str, Tenure]:
        """What is this worker's now, by district."""
        return self._tenures

    @property
    def is_well(self) -> bool:
        """Whether it has lately been able to see who has what."""
        return self._counted() - self._seen_at < _UNSEEN_FOR_S

    async def run(self) -> None:
        """Take and serve districts until cancelled; then all of them are given back at once."""
        try:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    try:
                        await self._look(tasks)
                        self._seen_at = self._counted()
                    except BusUnavailableError:
                        _log.warning("owners_unseen")
                    await self._clock.sleep_until(self._clock.now() + LOOK_EVERY)
        finally:
            try:
                await self._presence.leave()
            except BusUnavailableError:
                _log.warning("presence_not_withdrawn")

    async def _look(self, tasks: asyncio.TaskGroup) -> None:
        share = fair_share(len(self._districts), await self._presence.tell())
        for district in self._districts:
            if district in self._tenures or self._counted() < self._rests_until.get(district, 0):
                self._free_since.pop(district, None)
            elif len(self._tenures) < share or await self._stays_free(district):
                lease = await self._leases.take(district)
                if lease is not None:
                    if len(self._tenures) >= share:
                        self._hands_over_from = self._counted() + _NOBODY_WANTED_S
                    self._begin(tasks, district, lease)
        self._hand_over(share)

    async def _stays_free(self, district: str) -> bool:
        if await self._leases.holder(district) is not None:
            self._free_since.pop(district, None)
            return False
        since = self._free_since.setdefault(district, self._counted())
        return self._counted() - since >= _FREE_FOR_S

    def _begin(self, tasks: asyncio.TaskGroup, district: str, lease: Lease) -> None:
        _log.info("district_taken", district=district, wait_s=lease.wait.total_seconds())
        self._free_since.pop(district, None)
        tenure = self._tenures[district] = Tenure(district, lease, self._serve, self._clock)
        tasks.create_task(self._held(district, tenure), name=f"district {district}")

    async def _held(self, district: str, tenure: Tenure) -> None:
        try:
            end = await tenure.run()
        finally:
            del self._tenures[district]
        if end is TenureEnd.FAILED:
            self._rests_until[district] = self._counted() + _REST_S
            _log.error("district_failed", district=district)
        else:
            _log.warning("district_left", district=district, end=end.value)

    def _hand_over(self, share: int) -> None:
        """Give one district back where others have fewer: one in which nobody is being called."""
        if len(self._tenures) <= share:
            self._surplus_since = None
            return
        now = self._counted()
        if self._surplus_since is None:
            self._surplus_since = now
        if now - self._surplus_since < _SURPLUS_FOR_S or now < self._hands_over_from:
            return
        for tenure in self._tenures.values():
            if tenure.served is not None and not tenure.served.desk().has_open_chains:
                tenure.give_back()
                self._surplus_since = None
                return
