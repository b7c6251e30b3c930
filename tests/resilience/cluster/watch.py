"""What stands in the topics of one district, as somebody outside reads it from the brokers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from schemas.topics import Topic

_POLL_MS = 100
_CAUGHT_UP_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A record and when its producer wrote it, by the machine's clock."""

    at: datetime
    data: bytes
    body: dict[str, Any]


@dataclass(slots=True)
class Watch:
    """Everything that was committed of *district* since it began to look, by topic, in order."""

    district: str
    consumer: AIOKafkaConsumer
    kept: dict[Topic, list[Kept]] = field(default_factory=lambda: {topic: [] for topic in Topic})

    def count(self, fact: str) -> int:
        """Return how often *fact* stands in the ledger."""
        return sum(one.body["fact"] == fact for one in self.kept[Topic.DISPATCH])

    async def catch_up(self) -> None:
        """Return once everything was read that is committed now."""
        ends = await self.consumer.end_offsets(list(self.consumer.assignment()))
        async with asyncio.timeout(_CAUGHT_UP_WITHIN_S):
            while any([await self.consumer.position(at) < end for at, end in ends.items()]):  # noqa: ASYNC110 - the brokers tell nobody
                await asyncio.sleep(_POLL_MS / 1000)

    async def look(self) -> None:
        """Read for ever; a broker that is gone comes back, or another one leads."""
        while True:
            try:
                found = await self.consumer.getmany(timeout_ms=_POLL_MS)
            except KafkaError:
                await asyncio.sleep(_POLL_MS / 1000)
                continue
            for at, records in found.items():
                mine = [one for one in records if one.key == self.district.encode()]
                self.kept[Topic(at.topic)] += [
                    Kept(
                        datetime.fromtimestamp(one.timestamp / 1000, UTC),
                        one.value,
                        orjson.loads(one.value),
                    )
                    for one in mine
                ]


@asynccontextmanager
async def watching(bootstrap_servers: str, district: str) -> AsyncIterator[Watch]:
    """Watch the topics from now on."""
    consumer = AIOKafkaConsumer(
        *(topic.value for topic in Topic),
        bootstrap_servers=bootstrap_servers,
        isolation_level="read_committed",
        enable_auto_commit=False,
        metadata_max_age_ms=1_000,
    )
    await consumer.start()
    looking: asyncio.Task[None] | None = None
    try:
        await consumer.seek_to_end()
        watch = Watch(district, consumer)
        looking = asyncio.create_task(watch.look())
        yield watch
    finally:
        if looking is not None:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
        await consumer.stop()
