"""Brokers that die under a running ingest: it answers from its spool, and they get it all later."""

import asyncio
import gc
import os
import secrets
import signal
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from deploy.local.kafka_cluster import KafkaCluster
from deploy.local.missing import MissingServerError
from schemas.topics import Topic
from schemas.wire import decode
from services.ingest.main import open_outbox
from services.ingest.settings import IngestSettings
from services.runtime.bus import Outgoing
from services.runtime.clock import RealClock, SteppingClock
from services.runtime.health import Readiness
from services.runtime.kafka.provisioning import plan, wanted_topics
from services.runtime.kafka.publish_errors import BrokersAwayError
from services.runtime.kafka.publisher import KafkaPublisher
from services.runtime.kafka.settings import KafkaSettings
from services.runtime.kafka.topics_admin import topics_admin
from services.runtime.lifecycle import Lifecycle
from services.runtime.metrics import Metrics
from tests.contract.ingest.bodies import RAIN, j
from tests.kafka_records import kafka_records
from tests.servers import lack
from tests.unit.ingest.small_district import DISTRICT, START, Door, door

pytestmark = [
    pytest.mark.servers,
    # kafka-python does not close a socket that did not connect; it is collected later.
    pytest.mark.filterwarnings(
        "ignore:.*unclosed <socket:ResourceWarning",
        "ignore:.*socket.socket:pytest.PytestUnraisableExceptionWarning",
    ),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """A node of its own: nobody else's test should meet its death."""
    try:
        made = KafkaCluster(tmp_path_factory.mktemp("kafka"))
    except MissingServerError as error:
        lack(error)
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def brokers(cluster: KafkaCluster) -> KafkaSettings:
    settings = KafkaSettings(
        bootstrap_servers=cluster.bootstrap_servers, topic_prefix=f"{secrets.token_hex(6)}."
    )
    with topics_admin(settings) as admin:
        for step in plan(wanted_topics(settings, 1, 1), {}).steps:
            admin.apply(step)
    return settings


async def _until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not happened():  # noqa: ASYNC110 - it waits for another process
            await asyncio.sleep(0.02)


async def _post(ingest: Door, minute: int) -> int:
    body = j({**RAIN, "occurred_at": f"2026-07-16T10:{minute:02d}:00Z"})
    return (await ingest.post("/v1/readings", body, "sensors")).status


async def test_invariant_01_events_are_taken_without_brokers_and_sent_to_them_later(
    tmp_path: Path, cluster: KafkaCluster, brokers: KafkaSettings
) -> None:
    """A gauge sends once. While the brokers are gone somebody must keep what it said, in its order."""
    lifecycle = Lifecycle(Readiness())
    publisher = KafkaPublisher(brokers)
    lifecycle.on_stop("publisher", publisher.close)
    outbox = await open_outbox(
        publisher,
        RealClock(),
        DISTRICT,
        IngestSettings(data=tmp_path / "ingest"),
        lifecycle,
        Metrics(CollectorRegistry()),
    )
    ingest = await door(outbox, SteppingClock(START), tmp_path / "vault")

    before = [await _post(ingest, minute) for minute in range(5)]
    assert (outbox.records, lifecycle.readiness.impaired()) == (0, [])
    await asyncio.to_thread(cluster.kill, 1)
    without = [await _post(ingest, minute) for minute in range(5, 15)]
    spooled, impaired = outbox.records, lifecycle.readiness.impaired()
    ready = lifecycle.readiness.is_ready
    await asyncio.to_thread(cluster.restart, 1)
    await _until(lambda: outbox.records == 0)
    after = [await _post(ingest, minute) for minute in range(15, 20)]
    records = await asyncio.to_thread(kafka_records, brokers, Topic.EVENTS, DISTRICT)
    await lifecycle.unwind()
    ingest.ingest.close()
    gc.collect()

    assert before + without + after == [202] * 20
    assert (spooled, impaired, ready) == (10, ["brokers"], True)
    assert not outbox.is_spooling
    events = [vars(decode(Topic.EVENTS, record)) for record in dict.fromkeys(records)]
    minutes = [event["readings"][0].occurred_at.minute for event in events]
    assert minutes == list(range(20))


async def test_what_was_given_up_arrives_before_what_came_after_it(
    cluster: KafkaCluster, brokers: KafkaSettings
) -> None:
    """A broker that stood still takes what it was sent before, too: twice, and never late."""
    publisher = KafkaPublisher(brokers, given_up_after=timedelta(seconds=1))
    await publisher.publish(_events(b"1"))
    node = cluster.nodes[0].process.pid
    assert node is not None

    os.kill(node, signal.SIGSTOP)
    try:
        for _ in range(2):
            with pytest.raises(BrokersAwayError):
                await publisher.publish(_events(b"2", b"3"))
    finally:
        os.kill(node, signal.SIGCONT)
    while not await _is_published(publisher, _events(b"2", b"3")):
        pass
    await publisher.publish(_events(b"4"))
    await publisher.close()
    gc.collect()

    records = await asyncio.to_thread(kafka_records, brokers, Topic.EVENTS, DISTRICT)
    assert list(dict.fromkeys(records)) == [b"1", b"2", b"3", b"4"]


def _events(*payloads: bytes) -> Sequence[Outgoing]:
    return [Outgoing(Topic.EVENTS, DISTRICT, data) for data in payloads]


async def _is_published(publisher: KafkaPublisher, records: Sequence[Outgoing]) -> bool:
    try:
        await publisher.publish(records)
    except BrokersAwayError:
        return False
    return True
