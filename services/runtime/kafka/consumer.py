"""A consumer of one partition, in no group: what it reads is committed, and positions are ours."""

from aiokafka import AIOKafkaConsumer

from services.runtime.kafka.connection import connection
from services.runtime.kafka.settings import KafkaSettings

_FETCH_BYTES = 4 << 20
_BACK_OFF_MS = 50


def make_consumer(settings: KafkaSettings, longest_poll_ms: int) -> AIOKafkaConsumer:
    """
    Return a consumer, not started. A broker that has nothing new answers after *longest_poll_ms*,
    and at once when something comes.
    """
    return AIOKafkaConsumer(
        **connection(settings),
        group_id=None,
        isolation_level="read_committed",
        # What retention has removed is passed over, not what is there.
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=longest_poll_ms,
        max_partition_fetch_bytes=_FETCH_BYTES,
        request_timeout_ms=int(settings.answer_within.total_seconds() * 1000),
        retry_backoff_ms=_BACK_OFF_MS,
    )
