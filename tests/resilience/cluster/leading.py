"""Which of the brokers leads a district's part of a topic."""

from kafka import KafkaAdminClient

from schemas.topics import Topic
from services.runtime.kafka.partition import partition_of


def leader_of(bootstrap_servers: str, topic: Topic, district: str) -> int:
    """Return the number of the broker that leads the partition of *district* in *topic*."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap_servers)
    try:
        (found,) = admin.describe_topics([topic.value])
    finally:
        admin.close()
    leaders = {one["partition_index"]: one["leader_id"] for one in found["partitions"]}
    return int(leaders[partition_of(district, len(leaders))])
