"""Three Kafka nodes for all the nights: started once, made whole again before each."""

import os
import subprocess
from collections.abc import Iterator

import pytest

from deploy.local.kafka_cluster import KafkaCluster
from deploy.local.missing import MissingServerError
from deploy.local.services import JIAOYING
from tests.servers import lack

_PARTITIONS = 4


@pytest.fixture(scope="session")
def three_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """Yield three nodes that have the topics; whoever kills one starts it again."""
    try:
        cluster = KafkaCluster(tmp_path_factory.mktemp("three-nodes"), 3)
    except MissingServerError as error:
        lack(error)
    try:
        cluster.start()
        _provision(cluster)
        yield cluster
    finally:
        cluster.stop()


def _provision(cluster: KafkaCluster) -> None:
    environment = {"JIAOYING_KAFKA_BOOTSTRAP_SERVERS": cluster.bootstrap_servers}
    done = subprocess.run(
        [JIAOYING, "topics", "--apply", "--partitions", str(_PARTITIONS)],
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    assert done.returncode == 0, done.stderr
