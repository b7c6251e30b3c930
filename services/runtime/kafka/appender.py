"""Appending as anybody may: each record once, however often it has to be sent."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.topics import Topic
from services.runtime.bus import Outgoing
from services.runtime.kafka.failures import failures_translated
from services.runtime.kafka.partition import partition_of
from services.runtime.kafka.producer import abandon, make_producer
from services.runtime.kafka.settings import KafkaSettings

_ELECTION_PAUSE_S = 0.05


class Appender:
    """
    One idempotent producer, made when it is first needed. Callers may overlap: the records of each
    stay in their order.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._within_s = settings.answer_within.total_seconds()
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def place(self, topic: Topic, district: str) -> TopicPartition:
        """Return where *district*'s records of *topic* lie. BusUnavailableError when nobody says."""
        name = self._settings.topic(topic)
        with failures_translated():
            async with asyncio.timeout(self._within_s):
                producer = await self._started()
                partitions = await producer.partitions_for(name)
        return TopicPartition(name, partition_of(district, len(partitions)))

    async def append(
        self, records: Sequence[Outgoing], places: Sequence[TopicPartition]
    ) -> list[int]:
        """
        Append *records*, each to its place, and return their offsets.

        BusUnavailableError when the brokers could not be reached, or refused: nothing was kept.
        Once something has been sent, nobody knows until they answer; so that is waited for.
        """
        if not records:
            return []
        await self._reach(places)
        producer = await self._started()
        with failures_translated():
            pending = [
                await producer.send(
                    place.topic,
                    record.data,
                    key=record.district.encode(),
                    partition=place.partition,
                )
                for record, place in zip(records, places, strict=True)
            ]
            await asyncio.gather(*pending, return_exceptions=True)
            try:
                return [one.result().offset for one in pending]
            except KafkaError:
                # The producer's numbers may be out of step with the brokers': the next is new.
                if self._producer is producer:
                    self._producer = None
                await abandon(producer)
                raise

    async def close(self) -> None:
        """Give the producer up."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await abandon(producer)

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = make_producer(self._settings)
                try:
                    await producer.start()
                except BaseException:
                    await abandon(producer)
                    raise
                self._producer = producer
            return self._producer

    async def _reach(self, places: Sequence[TopicPartition]) -> None:
        # A producer tries for ever; whether there is anybody to try is asked before.
        with failures_translated():
            async with asyncio.timeout(self._within_s):
                producer = await self._started()
                for place in set(places):
                    while not await _is_led(producer, place):
                        await producer.client.force_metadata_update()
                        await asyncio.sleep(_ELECTION_PAUSE_S)


async def _is_led(producer: AIOKafkaProducer, place: TopicPartition) -> bool:
    leader = producer.client.cluster.leader_for_partition(place)
    return leader not in {None, -1} and bool(await producer.client.ready(leader))
