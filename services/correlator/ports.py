"""What the correlator needs of the outside where its state is not a bus's own."""

from collections.abc import Sequence
from typing import Protocol

from schemas.topics import Topic
from services.runtime.bus import Outgoing, Stored


class Log(Protocol):
    """The part of a bus that appends and reads; everything else of a bus is somebody else's."""

    async def publish(self, records: Sequence[Outgoing]) -> Sequence[int]:
        """Append *records*; durable when this returns. BusUnavailableError when that cannot be."""
        ...

    async def read(
        self, topic: Topic, district: str, offset: int, limit: int = 1000
    ) -> Sequence[Stored]:
        """Return up to *limit* durable records from *offset* on, oldest first."""
        ...

    async def newest(
        self, topic: Topic, district: str, before: int | None = None, limit: int = 1
    ) -> Sequence[Stored]:
        """Return the *limit* newest durable records before offset *before*, or fewer, oldest first."""
        ...

    async def end(self, topic: Topic, district: str) -> int:
        """Return the offset after the newest record; 0 when there is none."""
        ...


class Rows(Protocol):
    """
    One district's values that outlive the process.

    Of several writers' values the last one counts. What was written may be found without what was
    written after it, and never the other way round.
    """

    def get(self, key: str) -> bytes | None:
        """Return the value, or None."""
        ...

    def put(self, key: str, value: bytes) -> None:
        """Set the value. It is kept sooner or later: nobody waits for it."""
        ...
