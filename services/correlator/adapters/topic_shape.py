"""How the topic of events is laid out on the cluster, and so where a district lies."""

from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient
from faust.types import TP

from schemas.topics import Topic
from services.runtime.bus import BusUnavailableError
from services.runtime.kafka.connection import connection
from services.runtime.kafka.failures import failures_translated
from services.runtime.kafka.partition import partition_of
from services.runtime.kafka.settings import KafkaSettings


@dataclass(frozen=True, slots=True)
class TopicShape:
    """The topic's name on the brokers, its partitions, and how many copies of each there are."""

    name: str
    partitions: int
    replicas: int

    def place_of(self, district: str) -> TP:
        """Return where a district's records lie."""
        return TP(self.name, partition_of(district, self.partitions))


async def ask_shape(settings: KafkaSettings) -> TopicShape:
    """Return the shape of the topic of events. BusUnavailableError when there is none to be had."""
    name = settings.topic(Topic.EVENTS)
    with failures_translated():
        admin = AIOKafkaAdminClient(**connection(settings))
        try:
            await admin.start()
            (topic,) = await admin.describe_topics([name])
        finally:
            await admin.close()
    partitions = topic["partitions"]
    if not partitions:
        raise BusUnavailableError(f"the brokers have no topic {name} yet")
    return TopicShape(name, len(partitions), len(partitions[0]["replicas"]))
