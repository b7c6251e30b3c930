"""What every store of a distributed bus's values must do: the one in memory, and Redis."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from itertools import count

import pytest

from services.runtime.bus import NotOwnerError
from services.runtime.redis.connection import connect
from services.runtime.redis.lease import Leases
from services.runtime.redis.settings import RedisSettings
from services.runtime.redis.values import RedisValues
from services.runtime.values import Change, Values
from tests.fakes.values import MemoryStore, MemoryValues

DISTRICT = "500108"
_prefixes = (f"values{number}" for number in count())


@dataclass(frozen=True)
class Store:
    """*owned* returns the values of the next owner, which fences the one before; *aside* looks."""

    owned: Callable[[], Awaitable[Values]]
    aside: Callable[[], Awaitable[list[Change]]]


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.servers)])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    if request.param == "memory":
        kept = MemoryStore()

        async def next_owner() -> Values:
            return MemoryValues(kept)

        async def aside() -> list[Change]:
            return list(kept.aside)

        yield Store(next_owner, aside)
        return
    url: str = request.getfixturevalue("redis_server")
    prefix = next(_prefixes)
    server = connect(RedisSettings(url=url))
    owners: list[RedisValues] = []

    async def taken() -> Values:
        await server.hset(f"{prefix}:{{{DISTRICT}}}:lease", "expires", "0")
        lease = await Leases(server, prefix, "worker", "http://127.0.0.1:1").take(DISTRICT)
        assert lease is not None
        owners.append(RedisValues(server, lease.keys, lease))
        return owners[-1]

    async def laid_aside() -> list[Change]:
        return list(await owners[-1].aside())

    yield Store(taken, laid_aside)
    await server.aclose()


CHANGES: list[Change] = [("one", "k", b"1"), ("one", "叫应/2", b""), ("two", "k", b"\x00+-\xff")]


async def test_what_was_written_is_loaded_by_the_next_owner(store: Store) -> None:
    values = await store.owned()
    await values.reserve(CHANGES)
    await values.write(CHANGES)

    found = await (await store.owned()).load()

    assert found == {("one", "k"): b"1", ("one", "叫应/2"): b"", ("two", "k"): b"\x00+-\xff"}


async def test_a_removed_key_is_gone_and_its_neighbours_stay(store: Store) -> None:
    values = await store.owned()
    await values.write(CHANGES)

    await values.write([("one", "k", None), ("one", "was never there", None)])

    assert set(await values.load()) == {("one", "叫应/2"), ("two", "k")}


async def test_the_same_changes_twice_equal_once(store: Store) -> None:
    values = await store.owned()

    await values.write([("s", "k", b"1"), ("s", "gone", None)])
    await values.write([("s", "k", b"1"), ("s", "gone", None)])

    assert await values.load() == {("s", "k"): b"1"}


async def test_who_was_taken_over_reserves_and_writes_nothing(store: Store) -> None:
    before = await store.owned()
    await before.write([("s", "k", b"before")])
    after = await store.owned()

    with pytest.raises(NotOwnerError):
        await before.reserve([("s", "k", b"late")])
    with pytest.raises(NotOwnerError):
        await before.write([("s", "k", b"late")])

    assert await after.load() == {("s", "k"): b"before"}
    assert ("s", "k", b"late") not in await store.aside()


async def test_a_successor_finds_what_was_reserved_and_not_written(store: Store) -> None:
    values = await store.owned()
    await values.write([("s", "k", b"1"), ("s", "old", b"")])
    changes: list[Change] = [("s", "k", b"2"), ("s", "old", None)]

    await values.reserve(changes)
    successor = await store.owned()

    assert sorted(await store.aside()) == changes
    assert await successor.load() == {("s", "k"): b"1", ("s", "old"): b""}


async def test_a_reservation_takes_the_place_of_the_one_before(store: Store) -> None:
    values = await store.owned()
    await values.reserve([("s", "k", b"1"), ("s", "only here", b"")])

    await values.reserve([("s", "k", b"2")])

    assert await store.aside() == [("s", "k", b"2")]
