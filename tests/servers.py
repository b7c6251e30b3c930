"""The real servers that tests share: one of each for a whole run, started when the first asks."""

import os
import secrets
from collections.abc import Iterator
from typing import NoReturn

import pytest

from deploy.local.missing import MissingServerError
from deploy.local.redis_server import RedisServer
from services.runtime.kafka.provisioning import plan, wanted_topics
from services.runtime.kafka.settings import KafkaSettings


def lack(error: MissingServerError) -> NoReturn:
    """Skip the test that needs what is missing; with REQUIRE_SERVERS=1 that is a failure."""
    if os.environ.get("REQUIRE_SERVERS") == "1":
        raise error
    pytest.skip(str(error))


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the bootstrap servers of a Kafka; topics of its own are each test's to make."""
    if given := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield given
        return
    # Half a second of imports that a run without Kafka need not spend.
    from deploy.local.kafka_cluster import KafkaCluster  # noqa: PLC0415

    try:
        cluster = KafkaCluster(tmp_path_factory.mktemp("kafka"))
    except MissingServerError as error:
        lack(error)
    try:
        cluster.start()
        yield cluster.bootstrap_servers
    finally:
        cluster.stop()


@pytest.fixture
def kafka_settings(kafka: str) -> KafkaSettings:
    """How a test reaches that Kafka, with topics of its own: two partitions each."""
    from services.runtime.kafka.topics_admin import topics_admin  # noqa: PLC0415  as above

    settings = KafkaSettings(bootstrap_servers=kafka, topic_prefix=f"{secrets.token_hex(6)}.")
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
