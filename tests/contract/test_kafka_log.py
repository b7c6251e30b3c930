"""The log on real brokers: what of it the bus's own contract does not show."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from kafka.partitioner.default import murmur2

from schemas.topics import Topic
from services.runtime.bus import BusUnavailableError, NotOwnerError, Outgoing
from services.runtime.kafka.log import KafkaLog
from services.runtime.kafka.partition import partition_of
from services.runtime.kafka.settings import KafkaSettings

pytestmark = pytest.mark.servers

DISTRICT = "500108"
FENCE = f"dispatch.v1.{DISTRICT}"


def fact(text: str, district: str = DISTRICT) -> Outgoing:
    return Outgoing(Topic.DISPATCH, district, text.encode())


async def everything(log: KafkaLog) -> list[str]:
    return [one.data.decode() for one in await log.read(Topic.DISPATCH, DISTRICT, 0)]


@pytest.fixture
async def log(kafka_settings: KafkaSettings) -> AsyncIterator[KafkaLog]:
    opened = KafkaLog(kafka_settings, FENCE)
    yield opened
    await opened.close()


async def test_what_was_appended_under_the_fence_is_read_in_its_order(log: KafkaLog) -> None:
    await log.take_fence(Topic.DISPATCH, DISTRICT)
    for number in range(5):
        await log.append_fenced([fact(f"{number}a"), fact(f"{number}b")])

    assert await everything(log) == [f"{number}{half}" for number in range(5) for half in "ab"]
    newest = await log.newest(Topic.DISPATCH, DISTRICT, limit=3)
    assert [one.data.decode() for one in newest] == ["3b", "4a", "4b"]


async def test_whoever_had_the_fence_can_append_nothing_more(
    log: KafkaLog, kafka_settings: KafkaSettings
) -> None:
    await log.take_fence(Topic.DISPATCH, DISTRICT)
    await log.append_fenced([fact("old")])
    successor = KafkaLog(kafka_settings, FENCE)
    await successor.take_fence(Topic.DISPATCH, DISTRICT)

    with pytest.raises(NotOwnerError):
        await log.append_fenced([fact("a zombie's")])

    await successor.append_fenced([fact("new")])
    assert await everything(successor) == ["old", "new"]
    await successor.close()


async def test_what_a_vanished_writer_had_under_way_is_settled_by_his_successor(
    log: KafkaLog, kafka_settings: KafkaSettings
) -> None:
    await log.take_fence(Topic.DISPATCH, DISTRICT)
    await log.append_fenced([fact("kept")])
    producer = log._under_fence._producer
    assert producer is not None
    await producer.begin_transaction()
    await producer.send_and_wait(
        kafka_settings.topic(Topic.DISPATCH), b"half done", key=DISTRICT.encode()
    )

    successor = KafkaLog(kafka_settings, FENCE)
    await successor.take_fence(Topic.DISPATCH, DISTRICT)
    await successor.append_fenced([fact("next")])

    assert await everything(successor) == ["kept", "next"]
    await successor.close()


async def test_a_neighbours_open_transaction_hides_nothing_from_a_successor(
    log: KafkaLog, kafka_settings: KafkaSettings
) -> None:
    neighbour = next(
        one
        for one in map(str, range(500_109, 500_200))
        if partition_of(one, 2) == partition_of(DISTRICT, 2)
    )
    vanished = KafkaLog(kafka_settings, "the neighbour's")
    await vanished.take_fence(Topic.DISPATCH, neighbour)
    producer = vanished._under_fence._producer
    assert producer is not None
    await producer.begin_transaction()
    await producer.send_and_wait(
        kafka_settings.topic(Topic.DISPATCH), b"half done", key=neighbour.encode()
    )
    await log._under_fence.take()
    await log.append_fenced([fact("kept behind it")])
    hidden = await everything(log)

    successor = KafkaLog(kafka_settings, FENCE)
    taking = asyncio.ensure_future(successor.take_fence(Topic.DISPATCH, DISTRICT))
    await log.read(Topic.EVENTS, DISTRICT, 0)  # a while
    waits = not taking.done()
    taken_over = KafkaLog(kafka_settings, "the neighbour's")
    await taken_over.take_fence(Topic.DISPATCH, neighbour)
    await taking

    assert (hidden, waits) == ([], True)
    assert await everything(successor) == ["kept behind it"]
    for one in (vanished, successor, taken_over):
        await one.close()


async def test_a_follower_is_given_a_record_within_moments_of_its_acknowledgement(
    log: KafkaLog,
) -> None:
    await log.take_fence(Topic.DISPATCH, DISTRICT)
    following = aiter(log.follow(Topic.DISPATCH, DISTRICT, 0))

    for number in range(20):
        await log.append_fenced([fact(str(number))])
        batch = await anext(following)

        assert [one.data for one in batch] == [str(number).encode()]
        assert batch[-1].offset + 1 == log.known_end(Topic.DISPATCH, DISTRICT)


async def test_brokers_that_are_away_are_told_from_those_that_answer() -> None:
    settings = KafkaSettings(
        bootstrap_servers="127.0.0.1:9", answer_within=timedelta(milliseconds=200)
    )
    nowhere = KafkaLog(settings, FENCE)

    with pytest.raises(BusUnavailableError):
        await nowhere.append([fact("lost")])
    with pytest.raises(BusUnavailableError):
        await nowhere.take_fence(Topic.DISPATCH, DISTRICT)
    with pytest.raises(BusUnavailableError):
        await nowhere.read(Topic.DISPATCH, DISTRICT, 0)
    await nowhere.close()


def test_every_client_finds_a_district_in_the_same_partition() -> None:
    districts = [str(500_101 + number) for number in range(60)]

    assert [partition_of(one, 12) for one in districts] == [
        (murmur2(one.encode()) & 0x7FFFFFFF) % 12 for one in districts
    ]
