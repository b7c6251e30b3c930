"""Which partition a district's records lie in: Kafka's default, so that every client agrees."""

from aiokafka.partitioner import murmur2

_SIGN = 0x7FFFFFFF


def partition_of(district: str, partitions: int) -> int:
    """Return the partition that the key *district* goes to among so many *partitions*."""
    return int(murmur2(district.encode()) & _SIGN) % partitions
