"""
Making a district's index anew from its ledger, by hand: under its lease, so that nobody calls there
meanwhile, and never while somebody does.
"""

from collections.abc import Callable, Sequence

import orjson
from redis.asyncio import Redis

from schemas.topics import Topic
from services.dispatcher.adapters.owned_bus import OpenBus
from services.dispatcher.entrypoints.catching_up import CaughtUp, rebuild_index
from services.district.domain.pack import Pack
from services.runtime.bus import NotOwnerError
from services.runtime.clock import RealClock
from services.runtime.health import Readiness
from services.runtime.lifecycle import Lifecycle
from services.runtime.redis.lease import Lease, Leases
from services.runtime.redis.values import RedisValues

Advance = Callable[[int, int], None]
"""Told how many records of how many were lived through."""


class DistrictHeldError(Exception):
    """Somebody is calling people there, and has an index that is right."""


async def rebuild_owned(
    server: Redis, leases: Leases, packs: Sequence[Pack], open_bus: OpenBus, advance: Advance
) -> CaughtUp:
    """
    Rebuild the index of the first of *packs*' district, which may also have been decided with the
    others. DistrictHeldError while a worker has it; CatchingUpError when the ledger parts.
    """
    district = packs[0].rules.district
    lease = await leases.take(district)
    if lease is None:
        holder = await leases.holder(district)
        name = holder.owner if holder is not None else "?"
        raise DistrictHeldError(
            f"{district}: 由 {name} 值守，索引在用，不重建 is served by {name}: its index is in use"
        )
    clock = RealClock()
    lifecycle = Lifecycle(Readiness(), (NotOwnerError,))
    lifecycle.spawn("lease", lease.keep(clock))
    try:
        await clock.sleep_until(clock.now() + lease.wait)
        bus = await open_bus(district, RedisValues(server, lease.keys, lease), lifecycle)
        newest = await bus.newest(Topic.DISPATCH, district)
        whole: int = orjson.loads(newest[0].data)["seq"] if newest else 0
        return await rebuild_index(bus, district, packs, lambda done: advance(done, whole))
    finally:
        await lifecycle.unwind()
        await _release(lease)


async def _release(lease: Lease) -> None:
    if not lease.is_lost:
        await lease.release()
