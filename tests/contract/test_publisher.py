"""What publishes for ingest: the fake brokers, and kafka-python before real ones."""

import asyncio
import gc
import secrets
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from schemas.topics import Topic
from services.ingest.adapters.forwarder import Publisher
from services.runtime.bus import Outgoing
from services.runtime.clock import SteppingClock
from services.runtime.kafka.provisioning import LARGEST_RECORD, Change, Step, wanted_topics
from services.runtime.kafka.publish_errors import (
    BrokersAwayError,
    PublishError,
    RecordRefusedError,
    Trouble,
)
from services.runtime.kafka.publisher import KafkaPublisher
from services.runtime.kafka.settings import KafkaSettings
from services.runtime.kafka.topics_admin import topics_admin
from tests.fakes.brokers import FakeBrokers
from tests.kafka_records import kafka_records
from tests.unit.ingest.small_district import START

DISTRICT, NEIGHBOUR = "500108", "500103"
LEAVES_SOCKETS_OPEN = pytest.mark.filterwarnings(
    # kafka-python does not close a socket that did not connect; whoever lets it try collects them.
    "ignore:.*unclosed <socket:ResourceWarning",
    "ignore:.*socket.socket:pytest.PytestUnraisableExceptionWarning",
)


@dataclass
class Brokers:
    """A publisher, and what its brokers have of a topic and district, in their order."""

    publisher: Publisher
    have: Callable[[Topic, str], Awaitable[list[bytes]]]


async def _fake() -> AsyncIterator[Brokers]:
    fake = FakeBrokers(SteppingClock(START), LARGEST_RECORD)

    async def have(topic: Topic, district: str) -> list[bytes]:
        return [one.data for one in fake.arrived if (one.topic, one.district) == (topic, district)]

    yield Brokers(fake, have)


async def _real(settings: KafkaSettings) -> AsyncIterator[Brokers]:
    publisher = KafkaPublisher(settings)

    async def have(topic: Topic, district: str) -> list[bytes]:
        return await asyncio.to_thread(kafka_records, settings, topic, district)

    yield Brokers(publisher, have)
    await publisher.close()


@pytest.fixture(params=["fake", pytest.param("kafka", marks=pytest.mark.servers)])
async def brokers(request: pytest.FixtureRequest) -> AsyncIterator[Brokers]:
    opened = (
        _fake() if request.param == "fake" else _real(request.getfixturevalue("kafka_settings"))
    )
    async for one in opened:
        yield one


def events(*payloads: bytes, district: str = DISTRICT) -> list[Outgoing]:
    return [Outgoing(Topic.EVENTS, district, data) for data in payloads]


async def test_what_is_acknowledged_lies_there_in_its_order(brokers: Brokers) -> None:
    await brokers.publisher.publish(events(b"1", b"2", b"3"))
    await brokers.publisher.publish(events(b"4"))
    await brokers.publisher.publish(events(b"of another", district=NEIGHBOUR))
    await brokers.publisher.publish([Outgoing(Topic.DEAD_LETTERS, DISTRICT, b"letter")])

    assert await brokers.have(Topic.EVENTS, DISTRICT) == [b"1", b"2", b"3", b"4"]
    assert await brokers.have(Topic.EVENTS, NEIGHBOUR) == [b"of another"]
    assert await brokers.have(Topic.DEAD_LETTERS, DISTRICT) == [b"letter"]


async def test_many_records_are_one_run(brokers: Brokers) -> None:
    payloads = [f"{number:04d}".encode() * 100 for number in range(2000)]

    await brokers.publisher.publish(events(*payloads))

    assert await brokers.have(Topic.EVENTS, DISTRICT) == payloads


async def test_nothing_to_publish_is_published_at_once(brokers: Brokers) -> None:
    await brokers.publisher.publish([])

    assert await brokers.have(Topic.EVENTS, DISTRICT) == []


async def test_a_record_that_is_too_large_is_refused_and_the_next_is_taken(
    brokers: Brokers,
) -> None:
    with pytest.raises(RecordRefusedError) as refused:
        await brokers.publisher.publish(events(b"x" * (LARGEST_RECORD + 1)))
    await brokers.publisher.publish(events(b"small"))

    assert refused.value.trouble is Trouble.REFUSED
    assert await brokers.have(Topic.EVENTS, DISTRICT) == [b"small"]


async def test_a_record_nearly_as_large_as_allowed_is_taken(brokers: Brokers) -> None:
    data = b"x" * (LARGEST_RECORD - 1000)

    await brokers.publisher.publish(events(data))

    assert await brokers.have(Topic.EVENTS, DISTRICT) == [data]


@LEAVES_SOCKETS_OPEN
async def test_a_publisher_whose_brokers_are_away_says_so_each_time() -> None:
    nobody = KafkaSettings(
        bootstrap_servers="127.0.0.1:9", answer_within=timedelta(milliseconds=200)
    )
    publisher = KafkaPublisher(nobody)
    told: list[PublishError] = []

    for _ in range(2):
        with pytest.raises(BrokersAwayError) as away:
            await publisher.publish(events(b"1"))
        told.append(away.value)
    await publisher.close()
    gc.collect()

    assert [error.trouble for error in told] == [Trouble.AWAY, Trouble.AWAY]


@LEAVES_SOCKETS_OPEN
async def test_a_publisher_that_is_closed_gives_up_what_it_was_asked() -> None:
    publisher = KafkaPublisher(
        KafkaSettings(bootstrap_servers="127.0.0.1:9", answer_within=timedelta(milliseconds=200))
    )
    asked = [asyncio.ensure_future(publisher.publish(events(b"1"))) for _ in range(4)]
    await asyncio.sleep(0)

    await publisher.close()
    told = await asyncio.gather(*asked, return_exceptions=True)
    gc.collect()

    assert [type(error) for error in told] == [BrokersAwayError] * 4


async def test_a_publisher_can_be_closed_before_it_has_published() -> None:
    publisher = KafkaPublisher(KafkaSettings(bootstrap_servers="127.0.0.1:9"))
    at_work = [thread for thread in threading.enumerate() if thread.name == "kafka-publisher"]

    await publisher.close()

    assert [thread.is_alive() for thread in at_work] == [False]


@pytest.mark.servers
async def test_a_topic_that_nobody_made_is_not_made_by_publishing(kafka: str) -> None:
    settings = KafkaSettings(bootstrap_servers=kafka, topic_prefix=f"{secrets.token_hex(6)}.")
    publisher = KafkaPublisher(settings)

    with pytest.raises(BrokersAwayError):
        await publisher.publish(events(b"1"))
    await publisher.close()

    def found() -> int:
        with topics_admin(settings) as admin:
            return len(admin.found([settings.topic(Topic.EVENTS)]))

    assert await asyncio.to_thread(found) == 0


async def _is_refused(publisher: KafkaPublisher, records: list[Outgoing]) -> bool:
    try:
        await publisher.publish(records)
    except RecordRefusedError:
        return True
    return False


@pytest.mark.servers
async def test_what_the_brokers_refuse_spoils_nothing_that_comes_after_it(
    kafka_settings: KafkaSettings,
) -> None:
    """kafka-python's producer fails for ever after a refusal, with the refusal's own error."""

    def allow_little() -> None:
        with topics_admin(kafka_settings) as admin:
            name = kafka_settings.topic(Topic.EVENTS)
            (topic,) = (one for one in wanted_topics(kafka_settings, 2, 1) if one.name == name)
            small = replace(topic, config={"max.message.bytes": "2000"})
            admin.apply(Step(Change.CONFIGURE, small, "", ""))

    await asyncio.to_thread(allow_little)
    publisher = KafkaPublisher(kafka_settings)
    large = events(b"x" * 5_000)
    while not await _is_refused(publisher, large):  # until the brokers know what is allowed
        pass
    together = [f"{number}".encode() * 500 for number in range(8)]

    with pytest.raises(RecordRefusedError):
        await publisher.publish([*events(b"before"), *large, *events(b"behind")])
    await publisher.publish(events(b"after"))
    await publisher.publish(events(*together))
    await publisher.close()

    there = await asyncio.to_thread(kafka_records, kafka_settings, Topic.EVENTS, DISTRICT)
    assert there[there.index(b"after") :] == [b"after", *together]
