"""Reading once: from an offset on, or backwards from the end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from services.runtime.kafka.consumer import make_consumer
from services.runtime.kafka.failures import failures_translated
from services.runtime.kafka.settings import KafkaSettings

# One request a broker is under way at a time: the next read waits for the last one's to come back.
_LONGEST_POLL_MS = 10
# A transaction's time-out (producer.py), and as long again until the brokers look for such.
_NEIGHBOURS_END_WITHIN_S = 20.0
_FIRST_WINDOW, _LARGEST_WINDOW = 256, 8_192  # offsets


class OneReads:
    """A consumer that reads what one asks for, one asker at a time."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._within_s = settings.answer_within.total_seconds()
        self._consumer: AIOKafkaConsumer | None = None
        self._turn = asyncio.Lock()

    async def read(
        self, place: TopicPartition, key: bytes, offset: int, limit: int
    ) -> list[ConsumerRecord]:
        """Return up to *limit* records of *key* from *offset* on, oldest first."""
        async with self._reader(place) as consumer:
            first, end = await _ends(consumer, place)
            found: list[ConsumerRecord] = []
            async for batch in self._between(consumer, place, max(first, offset), end):
                found += [record for record in batch if record.key == key]
                if len(found) >= limit:
                    break
        return found[:limit]

    async def newest(
        self, place: TopicPartition, key: bytes, before: int | None, limit: int
    ) -> list[ConsumerRecord]:
        """Return up to *limit* of the newest records of *key* before *before*, oldest first."""
        async with self._reader(place) as consumer:
            first, end = await _ends(consumer, place)
            until = end if before is None else min(end, before)
            window = min(max(_FIRST_WINDOW, 2 * limit), _LARGEST_WINDOW)
            found: list[ConsumerRecord] = []
            while until > first and len(found) < limit:
                begin = max(first, until - window)
                older = [
                    record
                    async for batch in self._between(consumer, place, begin, until)
                    for record in batch
                    if record.key == key
                ]
                found = older + found
                until = begin
                window = min(4 * window, _LARGEST_WINDOW)
        return found[-limit:] if limit else []

    async def wait_for_neighbours(self, place: TopicPartition) -> None:
        """
        Return when everything that is kept in *place* by now can be read.

        A district's transaction that is open hides what others have added behind it to the same
        partition since; it ends when its district is taken over, or by its time-out.
        """
        async with self._reader(place) as consumer:
            _, end = await _ends(consumer, place)
            consumer.seek(place, end)
            kept: int | None = None
            async with asyncio.timeout(_NEIGHBOURS_END_WITHIN_S):
                while kept is None or consumer.last_stable_offset(place) < kept:
                    await consumer.getmany(place, timeout_ms=_LONGEST_POLL_MS)
                    kept = kept or consumer.highwater(place)

    async def close(self) -> None:
        """Give the consumer up."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    @contextlib.asynccontextmanager
    async def _reader(self, place: TopicPartition) -> AsyncIterator[AIOKafkaConsumer]:
        async with self._turn:
            try:
                with failures_translated():
                    async with asyncio.timeout(self._within_s):
                        consumer = await self._started()
                        consumer.assign([place])
                    yield consumer
            except BaseException:
                await self.close()
                raise
            consumer.unsubscribe()

    async def _started(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            self._consumer = make_consumer(self._settings, _LONGEST_POLL_MS)
            await self._consumer.start()
        return self._consumer

    async def _between(
        self, consumer: AIOKafkaConsumer, place: TopicPartition, begin: int, end: int
    ) -> AsyncIterator[Sequence[ConsumerRecord]]:
        """Yield every committed record of *place* from *begin* on and before *end*."""
        if begin >= end:
            return
        consumer.seek(place, begin)
        at = begin
        while at < end:
            async with asyncio.timeout(self._within_s):
                before = at
                while at == before:
                    got = await consumer.getmany(place, timeout_ms=_LONGEST_POLL_MS)
                    at = await consumer.position(place)
            yield [record for record in got.get(place, ()) if record.offset < end]


async def _ends(consumer: AIOKafkaConsumer, place: TopicPartition) -> tuple[int, int]:
    """Return the first offset that is kept, and the one that the next committed record is beyond."""
    first = await consumer.beginning_offsets([place])
    end = await consumer.end_offsets([place])
    return int(first[place]), int(end[place])
