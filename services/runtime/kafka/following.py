"""Following a partition: what is there, and then what comes, within milliseconds."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError

from services.runtime.kafka.consumer import make_consumer
from services.runtime.kafka.settings import KafkaSettings

_log = structlog.get_logger()

_LONGEST_POLL_MS = 500
_PAUSE_S = 0.5


class Followers:
    """Every follower of a bus, each with a consumer of its own, until they are closed."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._consumers: set[AIOKafkaConsumer] = set()
        self._is_closed = False

    async def follow(
        self, place: TopicPartition, key: bytes, offset: int, limit: int
    ) -> AsyncIterator[Sequence[ConsumerRecord]]:
        """Yield the records of *key* in batches of up to *limit*, however often brokers go away."""
        while not self._is_closed:
            consumer = make_consumer(self._settings, _LONGEST_POLL_MS)
            self._consumers.add(consumer)
            try:
                await consumer.start()
                consumer.assign([place])
                consumer.seek(place, offset)
                while not self._is_closed:
                    got = await consumer.getmany(
                        place, timeout_ms=_LONGEST_POLL_MS, max_records=limit
                    )
                    offset = await consumer.position(place)
                    if batch := [one for one in got.get(place, ()) if one.key == key]:
                        yield batch
            except ConsumerStoppedError:
                return
            except KafkaError as error:
                _log.warning("following_interrupted", topic=place.topic, fault=type(error).__name__)
                await asyncio.sleep(_PAUSE_S)
            finally:
                self._consumers.discard(consumer)
                await consumer.stop()

    async def close(self) -> None:
        """Let every follower end."""
        self._is_closed = True
        for consumer in list(self._consumers):
            await consumer.stop()
