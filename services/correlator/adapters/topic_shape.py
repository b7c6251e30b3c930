"""How the topic of events is laid out on the cluster, and so where a district lies."""

from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.partitioner import DefaultPartitioner

from schemas.topics import Topic
from services.runtime.bus import BusUnavailableError

_partition_of = DefaultPartitioner()


@dataclass(frozen=True, slots=True)
class TopicShape:
    """How many partitions the topic has, and how many copies of each there are."""

    partitions: int
    replicas: int

    def partition_of(self, district: str) -> int:
        """Return where a district's records lie: what Kafka's own default says of its code."""
        everywhere = list(range(self.partitions))
        found: int = _partition_of(district.encode(), everywhere, everywhere)
        return found


async def ask_shape(bootstrap_servers: str, **security: Any) -> TopicShape:
    """Return the shape of `events.v1`. Raises BusUnavailableError when there is none to be had."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, **security)
    await admin.start()
    try:
        (topic,) = await admin.describe_topics([Topic.EVENTS.value])
    finally:
        await admin.close()
    partitions = topic["partitions"]
    if not partitions:
        raise BusUnavailableError(f"the cluster has no topic {Topic.EVENTS.value} yet")
    return TopicShape(len(partitions), len(partitions[0]["replicas"]))
