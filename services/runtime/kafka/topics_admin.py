"""The brokers' side of provisioning: what topics there are, and a plan's steps carried out."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigFilterType, ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import KafkaError

from services.runtime.bus import BusUnavailableError
from services.runtime.kafka.connection import connection
from services.runtime.kafka.provisioning import Change, Found, Step
from services.runtime.kafka.settings import KafkaSettings


class TopicsAdmin:
    """A connection to the brokers; it blocks, and raises BusUnavailableError. Made by `topics_admin`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def brokers(self) -> int:
        """Return how many brokers there are."""
        return len(self._client.describe_cluster()["brokers"])

    def found(self, names: Sequence[str]) -> dict[str, Found]:
        """Return those of the topics *names* that there are."""
        there = sorted(set(names) & set(self._client.list_topics()))
        if not there:
            return {}
        configs = self._client.describe_configs(
            [ConfigResource(ConfigResourceType.TOPIC, name) for name in there],
            config_filter=ConfigFilterType.ALL,
        )["topic"]
        return {
            topic["name"]: Found(
                len(topic["partitions"]),
                min(len(partition["replica_nodes"]) for partition in topic["partitions"]),
                {key: str(entry["value"]) for key, entry in configs[topic["name"]].items()},
                self._is_empty(topic["name"], len(topic["partitions"])),
            )
            for topic in self._client.describe_topics(there)
        }

    def apply(self, step: Step) -> None:
        """Carry out *step*."""
        wanted = step.wanted
        if step.change is Change.CREATE:
            topic = {
                "num_partitions": wanted.partitions,
                "replication_factor": wanted.replication,
                "configs": dict(wanted.config),
            }
            self._client.create_topics({wanted.name: topic}, wait_for_metadata=True)
        elif step.change is Change.ADD_PARTITIONS:
            self._client.create_partitions({wanted.name: wanted.partitions})
        else:
            resource = ConfigResource(ConfigResourceType.TOPIC, wanted.name, dict(wanted.config))
            answer = self._client.alter_configs([resource])["topic"][wanted.name]
            if answer != "OK":
                raise BusUnavailableError(f"the brokers do not configure {wanted.name}: {answer}")

    def _is_empty(self, name: str, partitions: int) -> bool:
        # Offset 0 is the next one: not even records that retention has removed since.
        ends = self._client.list_partition_offsets(
            {TopicPartition(name, number): OffsetSpec.LATEST for number in range(partitions)}
        )
        return all(end.offset == 0 for end in ends.values())


@contextlib.contextmanager
def topics_admin(settings: KafkaSettings) -> Iterator[TopicsAdmin]:
    """Yield a connection; BusUnavailableError when the brokers do not answer or refuse a step."""
    within_ms = int(settings.answer_within.total_seconds() * 1000)
    try:
        client = KafkaAdminClient(**connection(settings), bootstrap_timeout_ms=within_ms)
        with contextlib.closing(client):
            yield TopicsAdmin(client)
    except KafkaError as error:
        raise BusUnavailableError(
            f"the brokers refuse, or do not answer: {type(error).__name__}"
        ) from error
