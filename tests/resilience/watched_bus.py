"""A bus that says what is being written, and what has just become durable."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from enum import Enum, auto
from typing import TypeVar

import orjson

from schemas.dispatch import Fact
from schemas.topics import Topic
from services.runtime.bus import Bus, Outgoing, Stored, Transaction

T = TypeVar("T")

_NOBODY_SAID_THEM = frozenset({"Tick", "PackActivated"})


class Passing(Enum):
    """What a transaction has come to."""

    EVENT_WRITTEN = auto()
    EVENT_DURABLE = auto()
    DECISION_DURABLE = auto()
    INTENT_DURABLE = auto()
    ACKNOWLEDGEMENT_WRITTEN = auto()


_Passings = Mapping[Passing, Callable[[Outgoing], bool]]


class WatchedBus:
    """Another bus; *told* hears of each passing, in the transaction or right after it."""

    def __init__(self, inner: Bus, told: Callable[[Passing], None]) -> None:
        self._inner = inner
        self._told = told

    async def publish(self, records: Sequence[Outgoing]) -> Sequence[int]:
        self._tell(_WRITTEN, records)
        offsets = await self._inner.publish(records)
        self._tell(_DURABLE, records)
        return offsets

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        appended: list[Outgoing] = []

        def watched(tx: Transaction) -> T:
            result = work(_WatchedTransaction(tx, appended))
            self._tell(_WRITTEN, appended)
            return result

        result = await self._inner.transact(watched)
        self._tell(_DURABLE, appended)
        return result

    def _tell(self, passings: _Passings, appended: Sequence[Outgoing]) -> None:
        for passing, is_one in passings.items():
            if any(map(is_one, appended)):
                self._told(passing)

    async def position(self, group: str, topic: Topic, district: str) -> int:
        return await self._inner.position(group, topic, district)

    async def read(
        self, topic: Topic, district: str, offset: int, limit: int = 1000
    ) -> Sequence[Stored]:
        return await self._inner.read(topic, district, offset, limit)

    def follow(
        self, topic: Topic, district: str, offset: int, limit: int = 1000
    ) -> AsyncIterator[Sequence[Stored]]:
        return self._inner.follow(topic, district, offset, limit)

    async def newest(
        self, topic: Topic, district: str, before: int | None = None, limit: int = 1
    ) -> Sequence[Stored]:
        return await self._inner.newest(topic, district, before, limit)

    async def end(self, topic: Topic, district: str) -> int:
        return await self._inner.end(topic, district)

    def known_end(self, topic: Topic, district: str) -> int:
        return self._inner.known_end(topic, district)

    def value(self, space: str, key: str) -> bytes | None:
        return self._inner.value(space, key)

    def values(self, space: str) -> Sequence[tuple[str, bytes]]:
        return self._inner.values(space)


class _WatchedTransaction:
    def __init__(self, inner: Transaction, appended: list[Outgoing]) -> None:
        self._inner = inner
        self._appended = appended

    def append(self, record: Outgoing) -> None:
        self._appended.append(record)
        self._inner.append(record)

    def get(self, space: str, key: str) -> bytes | None:
        return self._inner.get(space, key)

    def put(self, space: str, key: str, value: bytes) -> None:
        self._inner.put(space, key, value)

    def delete(self, space: str, key: str) -> None:
        self._inner.delete(space, key)

    def scan(self, space: str, prefix: str = "") -> Sequence[tuple[str, bytes]]:
        return self._inner.scan(space, prefix)

    def commit_position(self, group: str, topic: Topic, district: str, offset: int) -> None:
        self._inner.commit_position(group, topic, district, offset)


def _is_event(record: Outgoing) -> bool:
    if record.topic is not Topic.EVENTS:
        return False
    return orjson.loads(record.data)["kind"] not in _NOBODY_SAID_THEM


def _is_decision(record: Outgoing) -> bool:
    return record.topic is Topic.DECISIONS


def _is_intent(record: Outgoing) -> bool:
    if record.topic is not Topic.DISPATCH:
        return False
    return Fact(orjson.loads(record.data)["fact"]) is Fact.ATTEMPT_INTENDED


def _is_acknowledgement(record: Outgoing) -> bool:
    if record.topic is not Topic.DISPATCH:
        return False
    return Fact(orjson.loads(record.data)["fact"]) is Fact.ACKNOWLEDGED


_WRITTEN: _Passings = {
    Passing.EVENT_WRITTEN: _is_event,
    Passing.ACKNOWLEDGEMENT_WRITTEN: _is_acknowledgement,
}
_DURABLE: _Passings = {
    Passing.EVENT_DURABLE: _is_event,
    Passing.DECISION_DURABLE: _is_decision,
    Passing.INTENT_DURABLE: _is_intent,
}
