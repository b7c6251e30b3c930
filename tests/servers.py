"""The real servers that tests share: one of each for a whole run, started when the first asks."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from deploy.local.missing import MissingServerError
from deploy.local.redis_server import RedisServer
from services.runtime.kafka.provisioning import plan, wanted_topics
from services.runtime.kafka.settings import KafkaSettings

if TYPE_CHECKING:
    from deploy.local.kafka_cluster import KafkaCluster


def lack(error: MissingServerError) -> NoReturn:
    """Skip the test that needs what is missing; with REQUIRE_SERVERS=1 that is a failure."""
    if os.environ.get("REQUIRE_SERVERS") == "1":
        raise error
    pytest.skip(str(error))


def kafka_cluster(folder: Path, size: int = 1) -> "KafkaCluster":
    """Return a cluster that a test may kill, not started; without one the test says so (or fails)."""
    # Half a second of imports that a run without Kafka need not spend.
    from deploy.local.kafka_cluster import KafkaCluster  # noqa: PLC0415

    try:
        return KafkaCluster(folder, size)
    except MissingServerError as error:
        lack(error)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the bootstrap servers of a Kafka; topics of its own are each test's to make."""
    if given := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield given
        return
    cluster = kafka_cluster(tmp_path_factory.mktemp("kafka"))
    try:
        cluster.start()
        yield cluster.bootstrap_servers
    finally:
        cluster.stop()


@pytest.fixture
def kafka_settings(kafka: str) -> KafkaSettings:
    """How a test reaches that Kafka, with topics of its own."""
    return provisioned(kafka)


def provisioned(bootstrap_servers: str) -> KafkaSettings:
    """Make topics of their own for one test, two partitions each; return how they are reached."""
    from services.runtime.kafka.topics_admin import topics_admin  # noqa: PLC0415  as above

    prefix = f"{secrets.token_hex(6)}."
    settings = KafkaSettings(bootstrap_servers=bootstrap_servers, topic_prefix=prefix)
    with topics_admin(settings) as admin:
        for step in plan(wanted_topics(settings, 2, 1), {}).steps:
            admin.apply(step)
    return settings


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the URL of a Redis; a prefix of its own is each test's to choose."""
    try:
        server = RedisServer(tmp_path_factory.mktemp("redis"))
    except MissingServerError as error:
        lack(error)
    try:
        server.start()
        yield server.url
    finally:
        server.stop()
