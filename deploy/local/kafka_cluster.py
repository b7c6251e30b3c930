"""
Kafka on this machine: one node, which survives a killed process, or three, which survive a lost one.

No number of nodes on one machine survives its power cut: a broker answers before its disk has the
record, and relies on the others.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from deploy.local.kafka_classes import class_options, note_classes_in
from deploy.local.kafka_jars import kafka_jars
from deploy.local.kafka_node import KafkaNode, NodePlace
from deploy.local.ports import free_port
from deploy.local.server_process import ServerError

_WHOLE_WITHIN_S = 60.0
_POLL_S = 0.05
_CLUSTER_ID = "JiaoyingOnOneMachine0A"  # 16 bytes in base64; nodes of another one would be refused
_COMMON = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "unclean.leader.election.enable": "false",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "log.cleaner.dedupe.buffer.size": "4194304",  # of 128 MiB, which is more than half of the heap
    # A lost broker's partitions get a leader when its session is over; the default is 9 s.
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "3000",
    # A vanished writer's transaction hides what others wrote behind it, until it is timed out.
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
}


class KafkaCluster:
    """
    *size* nodes with their data in *folder*. Everything blocks, as in `ServerProcess`.

    *options* are for Java; unsaid, those that make it start quickly.
    """

    def __init__(
        self,
        folder: Path,
        size: int = 1,
        say: Callable[[str], None] = lambda _: None,
        options: Sequence[str] | None = None,
    ) -> None:
        self._say = say
        self._folder = folder
        jars = kafka_jars(say)
        if options is None:
            options = class_options(jars, lambda archive: _record_classes(archive, say))
        places = [NodePlace(number, free_port(), free_port()) for number in range(1, size + 1)]
        settings = {
            **_COMMON,
            "controller.quorum.voters": ",".join(
                f"{place.number}@{place.controller_address}" for place in places
            ),
            "default.replication.factor": str(size),
            "min.insync.replicas": str(_majority(size)),
            "offsets.topic.replication.factor": str(size),
            "transaction.state.log.replication.factor": str(size),
            "transaction.state.log.min.isr": str(_majority(size)),
        }
        self.nodes = [
            KafkaNode(folder / f"node-{place.number}", jars, place, settings, options)
            for place in places
        ]

    @property
    def bootstrap_servers(self) -> str:
        """Every node's address, with commas."""
        return ",".join(node.place.address for node in self.nodes)

    def start(self) -> None:
        """Start every node, and return once each knows all of them."""
        self._say(f"Kafka: starting {self._named()}, data in {self._folder}")
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(lambda node: node.format(_CLUSTER_ID), self.nodes))
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.wait()
        self.wait_until_whole()

    def stop(self) -> None:
        """End every node in order."""
        self._say(f"Kafka: stopping {self._named()}")
        # All at once: the last one of three would wait for a controller that is gone.
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(KafkaNode.stop, self.nodes))

    def kill(self, number: int) -> None:
        """End node *number* at once, as SIGKILL does."""
        self._say(f"Kafka: killing node {number}")
        self.nodes[number - 1].kill()

    def restart(self, number: int) -> None:
        """Start node *number* on the same ports and data, and return once it takes connections."""
        self._say(f"Kafka: starting node {number} again")
        self.nodes[number - 1].launch()
        self.nodes[number - 1].wait()

    def wait_until_whole(self) -> None:
        """Return once the cluster counts every node among its brokers."""
        expected = {node.place.number for node in self.nodes}
        deadline = time.monotonic() + _WHOLE_WITHIN_S
        while (found := self._brokers()) != expected:
            if time.monotonic() > deadline:
                raise ServerError(f"of the brokers {expected} only {found} came")
            time.sleep(_POLL_S)

    def _brokers(self) -> set[int]:
        try:
            admin = KafkaAdminClient(bootstrap_servers=self.bootstrap_servers)
        except KafkaError:
            return set()
        try:
            return {broker["broker_id"] for broker in admin.describe_cluster()["brokers"]}
        except KafkaError:
            return set()
        finally:
            admin.close()

    def _named(self) -> str:
        return f"{len(self.nodes)} node(s) at {self.bootstrap_servers}"


def _record_classes(archive: Path, say: Callable[[str], None]) -> None:
    say("Kafka: noting its classes for quicker starts, once")
    with tempfile.TemporaryDirectory(prefix="kafka-classes-") as folder:
        cluster = KafkaCluster(Path(folder), options=[note_classes_in(archive)])
        try:
            cluster.start()
        finally:
            cluster.stop()


def _majority(size: int) -> int:
    return size // 2 + 1
