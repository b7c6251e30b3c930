"""Workers that share districts over a real Redis: who dies, who is cut off, who comes new."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import count

import pytest
from fastapi import FastAPI
from redis.asyncio import Redis

from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.entrypoints.ownership import Ownership, fair_share
from services.dispatcher.entrypoints.tenure import Served
from services.runtime.clock import RealClock, counted_seconds
from services.runtime.lifecycle import Lifecycle, end_task
from services.runtime.redis.connection import connect
from services.runtime.redis.lease import Lease, Leases
from services.runtime.redis.presence import Presence
from services.runtime.redis.settings import RedisSettings
from services.runtime.redis.values import RedisValues
from tests.districts import pack

pytestmark = pytest.mark.servers

DISTRICTS = ("500101", "500102", "500103")
_prefixes = (f"ownership{number}" for number in count())


class Machine:
    """One worker; *ahead* seconds have passed on it more than on the others."""

    def __init__(self, server: Redis, prefix: str, name: str, districts: Sequence[str]) -> None:
        self.ahead = 0.0
        self.leases: dict[str, Lease] = {}
        self.desk = Desk(pack())
        self.failing: Exception | None = None
        self.working: set[str] = set()
        self.ownership = Ownership(
            districts,
            Leases(server, prefix, name, "http://127.0.0.1:1", self.seconds),
            Presence(server, prefix, name),
            self.serve,
            RealClock(),
            self.seconds,
        )
        self._server = server
        self._running: asyncio.Task[None] | None = None

    def seconds(self) -> float:
        return counted_seconds() + self.ahead

    async def serve(self, district: str, lease: Lease, lifecycle: Lifecycle) -> Served:
        if self.failing is not None:
            raise self.failing
        self.leases[district] = lease
        lifecycle.spawn("work", self._work(district, RedisValues(self._server, lease.keys, lease)))
        return Served(FastAPI(), lambda: self.desk)

    async def _work(self, district: str, values: RedisValues) -> None:
        self.working.add(district)
        try:
            while True:
                await values.reserve([])
                await asyncio.sleep(0.05)
        finally:
            self.working.discard(district)

    def start(self) -> None:
        self._running = asyncio.create_task(self.ownership.run())

    async def stop(self) -> None:
        """It ends in order."""
        if self._running is not None:
            await end_task(self._running)
            self._running = None


class Place:
    """All workers of one installation."""

    def __init__(self, server: Redis) -> None:
        self.server = server
        self.prefix = next(_prefixes)
        self.machines: list[Machine] = []

    def worker(self, name: str, districts: Sequence[str] = DISTRICTS) -> Machine:
        machine = Machine(self.server, self.prefix, name, districts)
        self.machines.append(machine)
        return machine


@pytest.fixture
async def place(redis_server: str) -> AsyncIterator[Place]:
    server = connect(RedisSettings(url=redis_server))
    opened = Place(server)
    yield opened
    for machine in opened.machines:
        await machine.stop()
    await server.aclose()


async def until(holds: Callable[[], bool], within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - other processes set no event here
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("districts", "alive", "share"), [(3, 1, 3), (3, 2, 2), (38, 4, 10), (1, 2, 1), (2, 0, 2)]
)
def test_a_fair_share_leaves_no_district_over(districts: int, alive: int, share: int) -> None:
    assert fair_share(districts, alive) == share


async def test_a_worker_alone_serves_every_district(place: Place) -> None:
    one = place.worker("one")

    one.start()

    await until(lambda: one.working == set(DISTRICTS))


async def test_who_comes_second_is_handed_what_is_idle(place: Place) -> None:
    one, other = place.worker("one"), place.worker("other")
    one.start()
    await until(lambda: len(one.working) == 3)
    other.start()
    await until(lambda: other.ownership.is_well)
    await asyncio.sleep(1.0)  # it looks, and sees that it may take nothing
    assert other.working == set()

    one.ahead += 11
    for lease in one.leases.values():
        await lease.renew()

    await until(lambda: (len(one.working), len(other.working)) == (2, 1))
    assert one.working | other.working == set(DISTRICTS)


async def test_a_clean_end_leaves_everything_to_the_other_within_a_second(place: Place) -> None:
    one, other = place.worker("one"), place.worker("other")
    one.start()
    await until(lambda: len(one.working) == 3)
    other.start()
    await until(lambda: bool(other.ownership.is_well))
    await asyncio.sleep(0.6)

    await one.stop()

    assert one.working == set()
    await until(lambda: len(other.working) == 3, within_s=1.5)


async def test_who_was_taken_over_stops_all_it_did_there(place: Place) -> None:
    one = place.worker("one", DISTRICTS[:1])
    one.start()
    await until(lambda: len(one.working) == 1)
    lease = one.leases[DISTRICTS[0]]
    await place.server.hset(lease.keys.lease, "expires", "1")

    new = await Leases(place.server, place.prefix, "other", "").take(DISTRICTS[0])

    await until(lambda: not one.working and not one.ownership.tenures)
    assert new is not None
    assert lease.is_lost
    await new.renew()  # it was not given back in the other's name


async def test_who_cannot_see_the_server_stops_before_another_may_begin(place: Place) -> None:
    """The server may be away, or only the way to it: that is all the same."""
    one = place.worker("one", DISTRICTS[:1])
    one.start()
    await until(lambda: len(one.working) == 1)

    lease = one.leases[DISTRICTS[0]]
    await place.server.acl_setuser("default", enabled=True, commands=["-eval"])

    try:
        one.ahead += 5.0
        assert not lease.send_window().is_open
        await until(lambda: not one.ownership.tenures)
        assert not one.working
    finally:
        await place.server.acl_setuser("default", enabled=True, commands=["+eval"])
    await until(lambda: one.leases[DISTRICTS[0]] is not lease and len(one.working) == 1)


async def test_a_district_that_fails_here_is_left_to_another(place: Place) -> None:
    one, other = place.worker("one", DISTRICTS[:1]), place.worker("other", DISTRICTS[:1])
    one.failing = RuntimeError("no such thing")
    one.start()
    await until(lambda: bool(one.ownership._rests_until))

    other.start()

    await until(lambda: len(other.working) == 1, within_s=2.0)
    assert one.working == set()


async def test_what_nobody_takes_within_his_share_is_taken_beyond_it(place: Place) -> None:
    one, idle = place.worker("one"), Presence(place.server, place.prefix, "takes nothing")
    await idle.tell()
    one.start()
    await until(lambda: len(one.working) == 2)
    assert len(one.working) == 2

    async def stays() -> None:
        while len(one.working) < 3:
            await idle.tell()
            await asyncio.sleep(0.2)

    await asyncio.wait_for(stays(), 10.0)

    assert one.working == set(DISTRICTS)


async def test_people_are_called_by_nobody_while_the_one_before_may_still_ask(
    place: Place,
) -> None:
    one = place.worker("one", DISTRICTS[:1])
    before = await Leases(place.server, place.prefix, "frozen", "").take(DISTRICTS[0])
    assert before is not None
    await RedisValues(place.server, before.keys, before).reserve([])
    reserved_at = counted_seconds()
    await place.server.hset(before.keys.lease, "expires", "1")

    one.start()
    await until(lambda: len(one.working) == 1)

    assert counted_seconds() - reserved_at >= 2.0
