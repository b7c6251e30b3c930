"""Which of the brokers leads a district's part of a topic."""

from aiokafka.partitioner import murmur2
from kafka import KafkaAdminClient

from schemas.topics import Topic

_SIGN = 0x7FFFFFFF


def leader_of(bootstrap_servers: str, topic: Topic, district: str) -> int:
    """Return the number of the broker that leads the partition of *district* in *topic*."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap_servers)
    try:
        (found,) = admin.describe_topics([topic.value])
    finally:
        admin.close()
    leaders = {one["partition_index"]: one["leader_id"] for one in found["partitions"]}
    return int(leaders[(murmur2(district.encode()) & _SIGN) % len(leaders)])
