"""What every bus must do. A further bus is one more row in `GROUNDS`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.topics import Topic
from services.runtime.bus import Bus, Outgoing, Stored, Transaction
from services.runtime.clock import SteppingClock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.kafka.log import KafkaLog
from services.runtime.kafka.settings import KafkaSettings
from services.runtime.kafka_bus import KafkaBus
from tests.fakes.values import MemoryStore, MemoryValues

DISTRICT, OTHER = "500108", "500106"

AnyBus = EmbeddedBus | KafkaBus


@dataclass(frozen=True)
class Ground:
    """What a bus stands on and outlives it; *opens* a bus there, again after it was closed."""

    opens: Callable[[], Awaitable[AnyBus]]


def _embedded(request: pytest.FixtureRequest) -> Ground:
    directory: Path = request.getfixturevalue("tmp_path")
    clock = SteppingClock(datetime(2025, 7, 1, tzinfo=UTC))
    return Ground(lambda: EmbeddedBus.open(directory, clock, ballast_bytes=4096))


def _kafka(request: pytest.FixtureRequest, fenced: tuple[Topic, str] | None = None) -> Ground:
    settings: KafkaSettings = request.getfixturevalue("kafka_settings")
    store = MemoryStore()
    fence = "-".join(fenced) if fenced else None

    def opens() -> Awaitable[AnyBus]:
        return KafkaBus.open(KafkaLog(settings, fence), MemoryValues(store), fenced=fenced)

    return Ground(opens)


GROUNDS = [
    pytest.param(_embedded, id="embedded"),
    pytest.param(_kafka, id="kafka", marks=pytest.mark.servers),
    pytest.param(
        lambda request: _kafka(request, (Topic.EVENTS, DISTRICT)),
        id="kafka under a fence",
        marks=pytest.mark.servers,
    ),
]


@pytest.fixture(params=GROUNDS)
def ground(request: pytest.FixtureRequest) -> Ground:
    chosen: Ground = request.param(request)
    return chosen


@pytest.fixture
async def bus(ground: Ground) -> AsyncIterator[AnyBus]:
    opened = await ground.opens()
    yield opened
    await opened.close()


def event(text: str, district: str = DISTRICT, topic: Topic = Topic.EVENTS) -> Outgoing:
    return Outgoing(topic, district, text.encode())


def texts(records: Sequence[Stored]) -> list[str]:
    return [record.data.decode() for record in records]


async def offsets(bus: Bus, district: str = DISTRICT, topic: Topic = Topic.EVENTS) -> list[int]:
    return [record.offset for record in await bus.read(topic, district, 0)]


async def collect(batches: AsyncIterator[Sequence[Stored]], count: int) -> list[Stored]:
    found: list[Stored] = []
    async for batch in batches:
        found += batch
        if len(found) >= count:
            break
    return found


async def test_offsets_grow_in_each_topic_and_district(bus: Bus) -> None:
    a, b, c = await bus.publish([event("a"), event("b"), event("c", OTHER)])
    d, e = await bus.publish([event("d"), event("e", topic=Topic.DECISIONS)])

    assert 0 <= a < b < d
    assert await offsets(bus) == [a, b, d]
    assert await offsets(bus, OTHER) == [c]
    assert await offsets(bus, topic=Topic.DECISIONS) == [e]


async def test_records_are_read_in_the_order_they_were_appended(bus: Bus) -> None:
    a, b, _, c = await bus.publish([event("a"), event("b"), event("other", OTHER), event("c")])

    records = await bus.read(Topic.EVENTS, DISTRICT, 0)

    assert [(record.offset, record.data) for record in records] == [(a, b"a"), (b, b"b"), (c, b"c")]


async def test_a_read_begins_at_its_offset_and_obeys_its_limit(bus: Bus) -> None:
    at = await bus.publish([event(str(number)) for number in range(10)])

    assert texts(await bus.read(Topic.EVENTS, DISTRICT, at[3], 4)) == ["3", "4", "5", "6"]
    assert await bus.read(Topic.EVENTS, DISTRICT, at[9] + 1) == []


async def test_the_newest_records_are_read_backwards_from_the_end_or_from_before(bus: Bus) -> None:
    assert await bus.newest(Topic.EVENTS, DISTRICT) == []
    at = await bus.publish([event(str(number)) for number in range(10)])
    await bus.publish([event("elsewhere", OTHER)])

    assert texts(await bus.newest(Topic.EVENTS, DISTRICT)) == ["9"]
    assert texts(await bus.newest(Topic.EVENTS, DISTRICT, limit=3)) == ["7", "8", "9"]
    assert texts(await bus.newest(Topic.EVENTS, DISTRICT, at[4], 3)) == ["1", "2", "3"]
    assert texts(await bus.newest(Topic.EVENTS, DISTRICT, at[1], 30)) == ["0"]
    assert await bus.newest(Topic.EVENTS, DISTRICT, at[0], 3) == []


async def test_the_newest_records_are_found_behind_many_of_another_district(bus: Bus) -> None:
    await bus.publish([event(str(number)) for number in range(5)])
    for _ in range(3):
        await bus.publish([event("elsewhere", OTHER)] * 1000)

    assert texts(await bus.newest(Topic.EVENTS, DISTRICT, limit=2)) == ["3", "4"]


async def test_the_end_is_the_offset_after_the_newest_record(bus: Bus) -> None:
    assert await bus.end(Topic.EVENTS, DISTRICT) == 0

    _, b, _ = await bus.publish([event("a"), event("b"), event("other", OTHER)])

    assert bus.known_end(Topic.EVENTS, DISTRICT) == b + 1
    assert await bus.end(Topic.EVENTS, DISTRICT) == b + 1


async def test_a_bus_that_was_opened_later_knows_the_end_when_it_has_asked(
    ground: Ground,
) -> None:
    bus = await ground.opens()
    _, b = await bus.publish([event("a"), event("b")])
    await bus.close()

    bus = await ground.opens()

    assert await bus.end(Topic.EVENTS, DISTRICT) == b + 1
    assert bus.known_end(Topic.EVENTS, DISTRICT) == b + 1
    await bus.close()


async def test_what_was_published_outlives_the_process(ground: Ground) -> None:
    bus = await ground.opens()
    _, b = await bus.publish([event("a"), event("b")])
    await bus.transact(lambda tx: tx.put("chains", "1", b"open"))
    await bus.close()

    bus = await ground.opens()

    assert texts(await bus.read(Topic.EVENTS, DISTRICT, 0)) == ["a", "b"]
    assert (await bus.publish([event("c")]))[0] > b
    assert await bus.transact(lambda tx: tx.get("chains", "1")) == b"open"
    await bus.close()


async def test_each_of_many_publishers_at_once_learns_where_its_record_lies(bus: Bus) -> None:
    async def publish(number: int) -> int:
        return (await bus.publish([event(str(number))]))[0]

    places = await asyncio.gather(*(publish(number) for number in range(200)))

    stored = await bus.read(Topic.EVENTS, DISTRICT, 0)
    assert {record.offset: int(record.data) for record in stored} == {
        offset: number for number, offset in enumerate(places)
    }


async def test_a_transaction_returns_what_its_work_returns(bus: Bus) -> None:
    def work(tx: Transaction) -> int:
        tx.append(event("a"))
        return 41

    assert await bus.transact(work) == 41


async def test_a_handler_reads_its_own_writes(bus: Bus) -> None:
    def work(tx: Transaction) -> list[bytes | None]:
        seen = [tx.get("s", "k")]
        tx.put("s", "k", b"1")
        seen.append(tx.get("s", "k"))
        tx.delete("s", "k")
        tx.delete("s", "was never there")
        return [*seen, tx.get("s", "k")]

    assert await bus.transact(work) == [None, b"1", None]


async def test_a_value_is_replaced_and_spaces_do_not_mix(bus: Bus) -> None:
    def work(tx: Transaction) -> None:
        tx.put("one", "k", b"first")
        tx.put("one", "k", b"second")
        tx.put("two", "k", b"")

    await bus.transact(work)

    assert await bus.transact(lambda tx: (tx.get("one", "k"), tx.get("two", "k"))) == (
        b"second",
        b"",
    )


async def test_a_scan_finds_the_keys_of_a_prefix_in_their_order(bus: Bus) -> None:
    keys = ["a", "ab", "b/2", "b/10", "b/叫应", "b/\U0010ffff", "c", "b%", "b_"]

    def work(tx: Transaction) -> None:
        for key in keys:
            tx.put("s", key, key.encode())
        tx.put("t", "b/other space", b"")

    await bus.transact(work)

    found = await bus.transact(lambda tx: tx.scan("s", "b/"))
    everything = await bus.transact(lambda tx: tx.scan("s"))
    assert found == [(key, key.encode()) for key in ("b/10", "b/2", "b/叫应", "b/\U0010ffff")]
    assert [key for key, _ in everything] == sorted(keys)


async def test_a_failed_work_leaves_nothing_and_its_error_is_the_callers(
    bus: Bus,
) -> None:
    def work(tx: Transaction) -> None:
        tx.append(event("lost"))
        tx.put("s", "k", b"lost")
        tx.commit_position("g", Topic.EVENTS, DISTRICT, 1)
        raise KeyError("refused")

    with pytest.raises(KeyError, match="refused"):
        await bus.transact(work)

    assert await bus.end(Topic.EVENTS, DISTRICT) == 0
    assert await bus.position("g", Topic.EVENTS, DISTRICT) == 0
    assert await bus.transact(lambda tx: tx.get("s", "k")) is None
    await bus.publish([event("next")])
    assert texts(await bus.read(Topic.EVENTS, DISTRICT, 0)) == ["next"]


async def test_a_failed_work_does_not_touch_its_neighbours(bus: Bus) -> None:
    def work(tx: Transaction, number: int) -> int:
        tx.append(event(str(number)))
        if number % 3 == 0:
            raise ValueError(number)
        return number

    def bound(number: int) -> Callable[[Transaction], int]:
        return lambda tx: work(tx, number)

    results = await asyncio.gather(
        *(bus.transact(bound(number)) for number in range(30)), return_exceptions=True
    )

    kept = [str(number) for number in range(30) if number % 3]
    failed = [number for number, result in enumerate(results) if isinstance(result, ValueError)]
    assert failed == list(range(0, 30, 3))
    assert [str(result) for result in results if isinstance(result, int)] == kept
    assert texts(await bus.read(Topic.EVENTS, DISTRICT, 0)) == kept


async def test_a_position_is_kept_for_each_group_and_never_goes_back(bus: Bus) -> None:
    def move(group: str, offset: int) -> Callable[[Transaction], None]:
        return lambda tx: tx.commit_position(group, Topic.EVENTS, DISTRICT, offset)

    await bus.transact(move("correlator", 7))
    await bus.transact(move("correlator", 3))
    await bus.transact(move("console", 1))

    assert await bus.position("correlator", Topic.EVENTS, DISTRICT) == 7
    assert await bus.position("console", Topic.EVENTS, DISTRICT) == 1
    assert await bus.position("correlator", Topic.EVENTS, OTHER) == 0


async def test_a_follower_gets_what_is_there_and_then_what_comes(bus: Bus) -> None:
    _, b, _ = await bus.publish([event("a"), event("b"), event("c")])
    following = asyncio.create_task(collect(bus.follow(Topic.EVENTS, DISTRICT, b), 5))

    for text in ("d", "e", "f"):
        await bus.publish([event(text), event("elsewhere", OTHER)])

    assert texts(await following) == ["b", "c", "d", "e", "f"]


async def test_every_follower_gets_every_record_in_batches_of_its_limit(bus: Bus) -> None:
    async def follow(limit: int) -> tuple[list[str], int]:
        found: list[str] = []
        largest = 0
        async for batch in bus.follow(Topic.EVENTS, DISTRICT, 0, limit):
            found += texts(batch)
            largest = max(largest, len(batch))
            if len(found) == 100:
                break
        return found, largest

    followers = [asyncio.create_task(follow(limit)) for limit in (1, 7, 1000)]
    for begin in range(0, 100, 10):
        await bus.publish([event(str(number)) for number in range(begin, begin + 10)])

    for follower, limit in zip(followers, (1, 7, 1000), strict=True):
        found, largest = await follower
        assert found == [str(number) for number in range(100)]
        assert largest <= limit


async def test_a_late_follower_gets_more_than_is_kept_in_memory(bus: Bus) -> None:
    await bus.end(Topic.EVENTS, DISTRICT)
    for begin in range(0, 3000, 500):
        await bus.publish([event(str(number)) for number in range(begin, begin + 500)])

    found = await collect(bus.follow(Topic.EVENTS, DISTRICT, 0, 700), 3000)

    assert texts(found) == [str(number) for number in range(3000)]
    at = [record.offset for record in found]
    assert at == sorted(set(at))


async def test_values_are_read_at_once_when_they_are_durable(bus: Bus) -> None:
    def work(tx: Transaction) -> None:
        tx.put("s", "b", b"2")
        tx.put("s", "a", b"1")
        tx.put("other", "a", b"3")
        assert bus.value("s", "a") is None

    await bus.transact(work)

    assert bus.value("s", "a") == b"1"
    assert bus.value("s", "c") is None
    assert bus.values("s") == [("a", b"1"), ("b", b"2")]
    await bus.transact(lambda tx: tx.delete("s", "a"))
    assert bus.values("s") == [("b", b"2")]
