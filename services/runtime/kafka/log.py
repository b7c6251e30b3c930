"""
The log on the brokers: append, read, follow; each topic and district within one partition.

Everything is read committed and in the partition's order. Offsets are the partition's, so that one
district's leave gaps.
"""

from collections.abc import AsyncIterator, Sequence

from aiokafka import ConsumerRecord, TopicPartition

from schemas.topics import Topic
from services.runtime.bus import BusUnavailableError, Outgoing, Stored
from services.runtime.kafka.appender import Appender
from services.runtime.kafka.fenced_appender import FencedAppender
from services.runtime.kafka.following import Followers
from services.runtime.kafka.reading import OneReads
from services.runtime.kafka.repeats import pass_over_repeats
from services.runtime.kafka.settings import KafkaSettings


class KafkaLog:
    """
    The brokers, for one process. With a *fence* it may append under that name in transactions.

    Made in the running loop. It connects when it is first asked for something.
    """

    def __init__(self, settings: KafkaSettings, fence: str | None = None) -> None:
        pass_over_repeats()
        self.answer_within = settings.answer_within
        self._appender = Appender(settings)
        self._fenced = None if fence is None else FencedAppender(settings, fence)
        self._reads = OneReads(settings)
        self._followers = Followers(settings)
        self._places: dict[tuple[Topic, str], TopicPartition] = {}
        self._ends: dict[tuple[Topic, str], int] = {}

    async def append(self, records: Sequence[Outgoing]) -> Sequence[int]:
        """
        Append *records* in their order and return their offsets.

        BusUnavailableError when they were surely not kept: the brokers are away. Once one may have
        been kept, the answer is waited for, however long that takes.
        """
        places = [await self._place(record.topic, record.district) for record in records]
        offsets = await self._appender.append(records, places)
        self._acknowledged(records, offsets)
        return offsets

    @property
    def is_fence_held(self) -> bool:
        """Whether the fence is taken, and nothing that was tried since is open."""
        return self._fenced is not None and self._fenced.is_held

    async def take_fence(self, topic: Topic, district: str) -> None:
        """
        Become the only one who appends under the fence, and settle what anybody tried under it; of
        *topic* and *district* everything kept until now can then be read.

        Afterwards it must be asked whose the fence is: the last one to take it has it.
        """
        await self._under_fence.take()
        try:
            await self._reads.wait_for_neighbours(await self._place(topic, district))
        except BaseException:
            await self._under_fence.close()
            raise

    async def append_fenced(self, records: Sequence[Outgoing]) -> Sequence[int]:
        """
        Append *records* in one transaction; return their offsets. One caller at a time.

        NotOwnerError when another has taken the fence. BusUnavailableError when nobody knows
        whether they were kept: `take_fence` settles it, and `newest` tells.
        """
        places = [await self._place(record.topic, record.district) for record in records]
        offsets = await self._under_fence.append(records, places)
        self._acknowledged(records, offsets)
        return offsets

    async def read(
        self, topic: Topic, district: str, offset: int, limit: int = 1000
    ) -> Sequence[Stored]:
        """Return up to *limit* records from *offset* on, oldest first."""
        place = await self._place(topic, district)
        found = await self._reads.read(place, district.encode(), offset, limit)
        return self._seen(topic, district, found)

    async def newest(
        self, topic: Topic, district: str, before: int | None = None, limit: int = 1
    ) -> Sequence[Stored]:
        """Return up to *limit* of the newest records before offset *before*, oldest first."""
        place = await self._place(topic, district)
        found = await self._reads.newest(place, district.encode(), before, limit)
        return self._seen(topic, district, found)

    async def follow(
        self, topic: Topic, district: str, offset: int, limit: int = 1000
    ) -> AsyncIterator[Sequence[Stored]]:
        """Yield batches of records from *offset* on, as soon as they are durable, until closed."""
        place = await self._place(topic, district)
        async for batch in self._followers.follow(place, district.encode(), offset, limit):
            yield self._seen(topic, district, batch)

    async def end(self, topic: Topic, district: str) -> int:
        """Return the offset after the newest record; 0 when there is none."""
        await self.newest(topic, district)
        return self.known_end(topic, district)

    def known_end(self, topic: Topic, district: str) -> int:
        """Return the offset after the newest record that was read here or acknowledged to here."""
        return self._ends.get((topic, district), 0)

    def acknowledged(self, topic: Topic, district: str, offset: int) -> None:
        """Take in that a record lies at *offset*: another writer of this process was told so."""
        key = (topic, district)
        self._ends[key] = max(self._ends.get(key, 0), offset + 1)

    async def close(self) -> None:
        """Let followers end, and drop every connection; what was not acknowledged is given up."""
        await self._followers.close()
        await self._reads.close()
        await self._appender.close()
        if self._fenced is not None:
            await self._fenced.close()

    @property
    def _under_fence(self) -> FencedAppender:
        if self._fenced is None:
            raise BusUnavailableError("this log was opened without a fence")
        return self._fenced

    async def _place(self, topic: Topic, district: str) -> TopicPartition:
        key = (topic, district)
        if key not in self._places:
            self._places[key] = await self._appender.place(topic, district)
        return self._places[key]

    def _acknowledged(self, records: Sequence[Outgoing], offsets: Sequence[int]) -> None:
        for record, offset in zip(records, offsets, strict=True):
            self.acknowledged(record.topic, record.district, offset)

    def _seen(
        self, topic: Topic, district: str, found: Sequence[ConsumerRecord]
    ) -> Sequence[Stored]:
        if found:
            self.acknowledged(topic, district, found[-1].offset)
        return [Stored(topic, district, one.offset, one.value) for one in found]
