"""Appending as one district's only writer: in transactions that a successor's first word ends."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer, TopicPartition

from services.runtime.bus import BusUnavailableError, Outgoing
from services.runtime.kafka.failures import failures_translated
from services.runtime.kafka.producer import abandon, make_producer
from services.runtime.kafka.settings import KafkaSettings


class FencedAppender:
    """
    A transactional producer under *fence*. One caller at a time uses it.

    `take` is asked first, and again after each BusUnavailableError.
    """

    def __init__(self, settings: KafkaSettings, fence: str) -> None:
        self._settings = settings
        self._fence = settings.topic_prefix + fence
        self._within_s = settings.answer_within.total_seconds()
        self._producer: AIOKafkaProducer | None = None

    @property
    def is_held(self) -> bool:
        """Whether the fence was taken, and nothing that was tried since is open."""
        return self._producer is not None

    async def take(self) -> None:
        """
        Take the fence: whoever had it can append nothing more, and what he had under way is kept
        or not, for good, when this returns. The last to take it has it, be he the rightful one or
        not: so whose it is must be asked afterwards.
        """
        await self.close()
        producer = make_producer(self._settings, self._fence)
        try:
            with failures_translated():
                async with asyncio.timeout(self._within_s):
                    await producer.start()
        except BaseException:
            await abandon(producer)
            raise
        self._producer = producer

    async def append(
        self, records: Sequence[Outgoing], places: Sequence[TopicPartition]
    ) -> list[int]:
        """
        Append *records*, each to its place, all or none, and return their offsets.

        NotOwnerError when another has taken the fence since. BusUnavailableError when nobody knows
        whether they were kept: `take` settles it.
        """
        producer = self._producer
        if producer is None:
            raise BusUnavailableError("the fence was not taken")
        try:
            with failures_translated():
                async with asyncio.timeout(self._within_s):
                    return await _in_one_transaction(producer, records, places)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Give the producer up."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await abandon(producer)


async def _in_one_transaction(
    producer: AIOKafkaProducer, records: Sequence[Outgoing], places: Sequence[TopicPartition]
) -> list[int]:
    await producer.begin_transaction()
    pending = [
        await producer.send(
            place.topic, record.data, key=record.district.encode(), partition=place.partition
        )
        for record, place in zip(records, places, strict=True)
    ]
    await asyncio.gather(*pending, return_exceptions=True)
    offsets = [one.result().offset for one in pending]
    await producer.commit_transaction()
    return offsets
