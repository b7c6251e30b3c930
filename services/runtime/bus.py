"""
The bus port: one durable, ordered log per topic and district; consumers with committed positions.

There are two adapters, the embedded one and Kafka; the same contract tests hold for both.

    BusError
    ├── BusUnavailableError   try again later
    ├── BusInUseError         another process has the store: stop one of the two
    ├── NotOwnerError         never: the district has a newer owner, and this process gives it up
    └── RetentionError        never: the records asked to go are kept for ever
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from schemas.record import Record
from schemas.topics import Topic

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stored:
    """
    A record where it lies. Offsets grow within a topic and district; they may leave gaps, where
    districts share a partition or something else than a record took a place.

    *record* is what *data* says, where whoever appended it is in the same process and has handed
    it on: then nobody need decode it.
    """

    topic: Topic
    district: str
    offset: int
    data: bytes
    record: Record | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to append; *record*, if it is handed on, equals what *data* decodes to."""

    topic: Topic
    district: str
    data: bytes
    record: Record | None = field(default=None, compare=False, repr=False)


class BusError(Exception):
    """The root of what a bus raises."""


class BusUnavailableError(BusError):
    """
    The record could not be made durable; try the same again later.

    Nothing was kept, or the bus will know it again when the same comes next.
    """


class BusInUseError(BusError):
    """The store has another owner, and two would give the same offset twice."""


class NotOwnerError(BusError):
    """A newer owner has taken the district over. Nothing was kept, and nothing ever will be."""


class RetentionError(BusError):
    """The topic is never cut."""


class Transaction(Protocol):
    """
    One handler's effects: all of them are on disk together, or none.

    Values are bytes under (*space*, *key*); a handler reads its own writes.
    """

    def append(self, record: Outgoing) -> None:
        """Append *record*."""
        ...

    def get(self, space: str, key: str) -> bytes | None:
        """Return the value, or None."""
        ...

    def put(self, space: str, key: str, value: bytes) -> None:
        """Set the value."""
        ...

    def delete(self, space: str, key: str) -> None:
        """Remove the value if there is one."""
        ...

    def scan(self, space: str, prefix: str = "") -> Sequence[tuple[str, bytes]]:
        """Return (key, value) of every key that begins with *prefix*, in the order of the keys."""
        ...

    def commit_position(self, group: str, topic: Topic, district: str, offset: int) -> None:
        """*group* has dealt with every record before *offset*. A position never goes back."""
        ...


class Bus(Protocol):
    """Publish, read, and make a handler's effects durable."""

    async def publish(self, records: Sequence[Outgoing]) -> Sequence[int]:
        """
        Append *records* and return their offsets; durable when this returns.

        BusUnavailableError when that cannot be.
        """
        ...

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        """
        Run *work* and return its result once its effects are durable.

        *work* is synchronous, must not block, runs at most once, in the event loop's own thread,
        and sees what was written before it. What it raises is raised here, and its effects are
        gone, without touching its neighbours'. BusUnavailableError when they could not be kept:
        *work* may have run, so what it changed in memory is the caller's to undo.
        """
        ...

    async def position(self, group: str, topic: Topic, district: str) -> int:
        """Return the offset *group* goes on from; 0 at first."""
        ...

    async def read(
        self, topic: Topic, district: str, offset: int, limit: int = 1000
    ) -> Sequence[Stored]:
        """Return up to *limit* durable records from *offset* on, oldest first."""
        ...

    def follow(
        self, topic: Topic, district: str, offset: int, limit: int = 1000
    ) -> AsyncIterator[Sequence[Stored]]:
        """
        Yield batches of durable records from *offset* on, for ever, as soon as they are durable.

        A waiting follower is woken by the append itself; nothing polls.
        """
        ...

    async def newest(
        self, topic: Topic, district: str, before: int | None = None, limit: int = 1
    ) -> Sequence[Stored]:
        """Return the *limit* newest durable records before offset *before*, or fewer, oldest first."""
        ...

    async def end(self, topic: Topic, district: str) -> int:
        """Return the offset after the newest record; 0 when there is none."""
        ...

    def known_end(self, topic: Topic, district: str) -> int:
        """
        Return the end as far as this process knows it without asking; 0 before it knows.

        It knows what it asked for, what it has read, and what was acknowledged to it.
        """
        ...

    def value(self, space: str, key: str) -> bytes | None:
        """Return a durable value, at once; None when there is none."""
        ...

    def values(self, space: str) -> Sequence[tuple[str, bytes]]:
        """Return (key, value) of everything durable in *space*, at once, in the order of the keys."""
        ...
