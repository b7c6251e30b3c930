"""One owner a district, whatever is killed, stopped, emptied or late: over a real Redis."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from redis.asyncio import Redis

from deploy.local.missing import MissingServerError
from deploy.local.redis_server import RedisServer
from services.runtime.bus import BusUnavailableError, NotOwnerError
from services.runtime.clock import RealClock, SteppingClock
from services.runtime.redis.connection import connect
from services.runtime.redis.keys import DistrictKeys
from services.runtime.redis.lease import HOLDS_FOR, SENDS_FOR, Holder, Lease, Leases
from services.runtime.redis.presence import Presence
from services.runtime.redis.settings import RedisSettings
from services.runtime.redis.values import RedisValues
from tests.servers import lack

pytestmark = pytest.mark.servers

DISTRICT = "500108"
URL = "http://127.0.0.1:8080"
_prefixes = (f"lease{number}" for number in count())


class Seconds:
    """The seconds of one machine, which a test lets pass."""

    def __init__(self) -> None:
        self.passed = 1_000.0

    def __call__(self) -> float:
        return self.passed


@pytest.fixture
async def server(redis_server: str) -> AsyncIterator[Redis]:
    client = connect(RedisSettings(url=redis_server))
    yield client
    await client.aclose()


@pytest.fixture
def prefix() -> str:
    return next(_prefixes)


async def run_out(server: Redis, lease: Lease) -> None:
    """Let the server's time be beyond the end of *lease*."""
    await server.hset(lease.keys.lease, "expires", "1")


async def taken(leases: Leases) -> Lease:
    lease = await leases.take(DISTRICT)
    assert lease is not None
    return lease


async def test_a_district_has_one_owner_and_its_name_is_known(server: Redis, prefix: str) -> None:
    one, other = Leases(server, prefix, "one", URL), Leases(server, prefix, "other", URL)
    assert await one.holder(DISTRICT) is None

    await taken(one)

    assert await other.take(DISTRICT) is None
    assert await one.take(DISTRICT) is None, "another life of the same worker is another owner"
    assert await other.holder(DISTRICT) == Holder("one", URL)


async def test_another_takes_over_when_it_has_run_out_and_fences_the_first(
    server: Redis, prefix: str
) -> None:
    first = await taken(Leases(server, prefix, "one", URL))
    await run_out(server, first)

    second = await taken(Leases(server, prefix, "other", URL))

    assert second.fence > first.fence
    with pytest.raises(NotOwnerError):
        await first.renew()
    assert first.is_lost
    await second.renew()


async def test_one_that_ran_out_goes_on_when_nobody_came_between(
    server: Redis, prefix: str
) -> None:
    lease = await taken(Leases(server, prefix, "one", URL))
    await run_out(server, lease)

    await lease.renew()

    assert await Leases(server, prefix, "other", URL).take(DISTRICT) is None


async def test_the_next_owner_waits_for_what_the_one_before_may_still_ask(
    server: Redis, prefix: str
) -> None:
    first = await taken(Leases(server, prefix, "one", URL))
    await RedisValues(server, first.keys, first).reserve([])
    await run_out(server, first)

    second = await taken(Leases(server, prefix, "other", URL))

    assert timedelta(seconds=1) < second.wait < SENDS_FOR + timedelta(seconds=1)


async def test_a_wait_is_inherited_by_who_takes_over_from_the_one_that_waits(
    server: Redis, prefix: str
) -> None:
    first = await taken(Leases(server, prefix, "one", URL))
    await RedisValues(server, first.keys, first).reserve([])
    await run_out(server, first)
    await run_out(server, await taken(Leases(server, prefix, "other", URL)))

    third = await taken(Leases(server, prefix, "third", URL))

    assert third.wait > timedelta(seconds=1)


async def test_what_is_given_back_is_taken_at_once(server: Redis, prefix: str) -> None:
    first = await taken(Leases(server, prefix, "one", URL))
    await RedisValues(server, first.keys, first).reserve([])
    window = first.send_window()
    assert window.is_open

    await first.release()
    second = await taken(Leases(server, prefix, "other", URL))

    assert second.wait == timedelta(0)
    assert not window.is_open


async def test_an_emptied_server_gives_a_greater_fence_and_a_wait(
    server: Redis, prefix: str
) -> None:
    first = await taken(Leases(server, prefix, "one", URL))
    await server.delete(first.keys.lease)

    second = await taken(Leases(server, prefix, "other", URL))

    assert second.fence > first.fence
    assert second.wait >= SENDS_FOR
    with pytest.raises(NotOwnerError):
        await RedisValues(server, first.keys, first).reserve([])


async def test_a_process_that_slept_asks_the_carrier_for_nothing(
    server: Redis, prefix: str
) -> None:
    seconds = Seconds()
    lease = await taken(Leases(server, prefix, "one", URL, seconds))
    await RedisValues(server, lease.keys, lease).reserve([])
    window = lease.send_window()

    seconds.passed += SENDS_FOR.total_seconds() - 0.01
    assert window.is_open
    seconds.passed += 0.01

    assert not window.is_open
    assert not lease.is_lost


async def test_a_window_is_that_of_its_own_round(server: Redis, prefix: str) -> None:
    seconds = Seconds()
    lease = await taken(Leases(server, prefix, "one", URL, seconds))
    values = RedisValues(server, lease.keys, lease)
    await values.reserve([])
    window = lease.send_window()
    seconds.passed += 1.5
    await values.reserve([])

    seconds.passed += 1.0

    assert not window.is_open
    assert lease.send_window().is_open


async def test_a_window_that_slow_brokers_wore_down_is_opened_again_for_its_owner(
    server: Redis, prefix: str
) -> None:
    seconds = Seconds()
    lease = await taken(Leases(server, prefix, "one", URL, seconds))
    await RedisValues(server, lease.keys, lease).reserve([])
    await server.hset(lease.keys.lease, "sends_until", "1")
    window = lease.send_window()
    assert not window.is_worn
    seconds.passed += 1.5
    assert window.is_worn

    again = await window.reopened()

    assert again.is_open
    assert not again.is_worn
    await run_out(server, lease)
    successor = await taken(Leases(server, prefix, "other", URL))
    assert successor.wait > timedelta(seconds=1), "he waits for what was extended"


async def test_a_window_is_opened_for_nobody_who_was_taken_over(server: Redis, prefix: str) -> None:
    seconds = Seconds()
    lease = await taken(Leases(server, prefix, "one", URL, seconds))
    await RedisValues(server, lease.keys, lease).reserve([])
    window = lease.send_window()
    seconds.passed += 1.5
    await run_out(server, lease)
    await taken(Leases(server, prefix, "other", URL))

    with pytest.raises(NotOwnerError):
        await window.reopened()

    assert not lease.send_window().is_open


async def test_before_the_first_round_nothing_may_be_asked(server: Redis, prefix: str) -> None:
    lease = await taken(Leases(server, prefix, "one", URL))

    assert not lease.send_window().is_open


async def test_an_owner_that_was_held_up_goes_on_where_the_server_says_it_still_is(
    server: Redis, prefix: str
) -> None:
    seconds = Seconds()
    lease = await taken(Leases(server, prefix, "one", URL, seconds))
    values = RedisValues(server, lease.keys, lease)
    await values.reserve([])

    seconds.passed += HOLDS_FOR.total_seconds()

    assert lease.is_lost
    assert not lease.send_window().is_open
    await values.reserve([("s", "k", b"1")])
    await values.write([("s", "k", b"1")])
    assert not lease.is_lost
    assert await values.load() == {("s", "k"): b"1"}


async def test_an_owner_that_cannot_renew_gives_up_when_another_may_have_come() -> None:
    seconds = Seconds()
    away = connect(RedisSettings(url="redis://127.0.0.1:1/0"))
    lease = Lease(away, DistrictKeys.of("p", DISTRICT), 1, timedelta(0), seconds, seconds.passed)
    clock = SteppingClock(datetime(2026, 7, 8, tzinfo=UTC))
    keeping = asyncio.ensure_future(lease.keep(clock))

    while not keeping.done():
        await asyncio.sleep(0.01)
        if clock.step():
            seconds.passed += 1

    assert isinstance(keeping.exception(), NotOwnerError)
    assert seconds.passed - 1_000 == HOLDS_FOR.total_seconds()
    await away.aclose()


async def test_a_write_that_comes_late_undoes_none_that_followed_it(
    server: Redis, prefix: str
) -> None:
    """Its connection was given up, and the server read it only after the repeat and the next."""
    lease = await taken(Leases(server, prefix, "one", URL))
    late = RedisValues(server, lease.keys, lease)
    values = RedisValues(server, lease.keys, lease)
    await values.write([("s", "k", b"1")])
    await values.write([("s", "k", b"2")])

    await late.write([("s", "k", b"1")])

    assert await values.load() == {("s", "k"): b"2"}


async def test_a_killed_server_comes_back_with_lease_and_rows(tmp_path: Path) -> None:
    try:
        process = RedisServer(tmp_path)
    except MissingServerError as error:
        lack(error)
    process.start()
    server = connect(RedisSettings(url=process.url))
    try:
        lease = await taken(Leases(server, "p", "one", URL))
        values = RedisValues(server, lease.keys, lease)
        await values.reserve([("s", "k", b"2")])
        await values.write([("s", "k", b"1")])
        await values.reserve([("s", "k", b"2")])
        process.kill()
        with pytest.raises(BusUnavailableError):
            await values.write([("s", "k", b"2")])
        with pytest.raises(BusUnavailableError):
            await lease.renew()
        process.start()

        await lease.renew()

        assert await values.load() == {("s", "k"): b"1"}
        assert await values.aside() == [("s", "k", b"2")]
        await values.write([("s", "k", b"2")])
        assert await values.load() == {("s", "k"): b"2"}
        assert await Leases(server, "p", "other", URL).take(DISTRICT) is None
    finally:
        await server.aclose()
        process.stop()


async def test_a_lease_is_kept_until_another_has_it(server: Redis, prefix: str) -> None:
    lease = await taken(Leases(server, prefix, "one", URL))
    await server.hset(lease.keys.lease, "fence", str(lease.fence + 1))

    with pytest.raises(NotOwnerError):
        await lease.keep(RealClock())

    assert lease.is_lost


async def test_the_living_are_counted_and_who_leaves_is_not(server: Redis, prefix: str) -> None:
    one, other = Presence(server, prefix, "one"), Presence(server, prefix, "other")

    assert [await one.tell(), await other.tell(), await one.tell()] == [1, 2, 2]
    await other.leave()

    assert await one.tell() == 1


async def test_no_failure_names_an_address_or_a_password() -> None:
    server = connect(RedisSettings(url="redis://:secret@127.0.0.1:1/0"))

    with pytest.raises(BusUnavailableError) as failure:
        await Leases(server, "p", "one", URL).take(DISTRICT)

    assert str(failure.value) == "redis: ConnectionError"
    await server.aclose()
