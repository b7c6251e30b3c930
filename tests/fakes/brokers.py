"""Brokers without a network: what they acknowledged, in the order in which it arrived."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from schemas.record import Record
from schemas.topics import Topic
from schemas.wire import decode
from services.runtime.bus import Outgoing
from services.runtime.clock import Clock
from services.runtime.kafka.publish_errors import BrokersAwayError, RecordRefusedError
from services.runtime.waiting import instant_or_event

_GIVEN_UP_AFTER = timedelta(seconds=30)


class FakeBrokers:
    """
    A publisher and what it publishes to. They may be away, slow, lose an answer (*mute*) or *lack*
    topics, and take no record larger than *largest*.
    """

    def __init__(self, clock: Clock, largest: int = 16 << 20) -> None:
        self.arrived: list[Outgoing] = []
        self.takes = timedelta(0)
        self.mute = False
        self.lack: set[Topic] = set()
        self._clock = clock
        self.largest = largest
        self._are_there = asyncio.Event()
        self._are_there.set()

    def leave(self) -> None:
        self._are_there.clear()

    def come_back(self) -> None:
        self._are_there.set()

    async def publish(self, records: Sequence[Outgoing]) -> None:
        given_up_at = self._clock.now() + _GIVEN_UP_AFTER
        if not self._are_there.is_set() and await instant_or_event(
            self._clock, given_up_at, self._are_there
        ):
            raise BrokersAwayError
        if self.takes:
            await self._clock.sleep_until(self._clock.now() + self.takes)
        for record in records:
            if record.topic in self.lack:
                raise BrokersAwayError
            if len(record.data) > self.largest:
                raise RecordRefusedError
            self.arrived.append(record)
        if self.mute:
            raise BrokersAwayError

    def records(self, topic: Topic, district: str) -> list[Record]:
        return [
            decode(topic, one.data)
            for one in self.arrived
            if (one.topic, one.district) == (topic, district)
        ]
