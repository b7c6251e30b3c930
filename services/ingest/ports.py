"""What the pipeline needs of the world: keys, the log of events, the callers' vault."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.cap import Status
from schemas.event import AnyEvent, Reading
from services.district.domain.pack import SourceKey
from services.ingest.domain.caller_identity import Caller
from services.ingest.domain.errors import RefusedError
from services.ingest.domain.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Once:
    """An event to append unless *key* was appended before; *build* is given its `accepted_at`."""

    key: str
    build: Callable[[datetime], AnyEvent]
    keep: tuple[str, bytes] | None = None
    """A value to be found again under a name, written together with the event."""


@dataclass(frozen=True, slots=True)
class Letters:
    """Refused inputs to keep: who sent them, as what."""

    source: str
    stage: str
    media_type: str
    refusals: tuple[Refusal, ...] = ()


def whole_body(
    source: SourceKey, stage: str, media_type: str, body: bytes, error: RefusedError
) -> Letters:
    """Return the letter for a body that could not be taken apart."""
    refusal = Refusal(0, error.reason, error.detail, body)
    return Letters(source.name, stage, media_type, (refusal,))


class EventLog(Protocol):
    """
    Where events become durable. NotDurableError when they cannot be; then nothing was kept.

    Whether a thing is new is found out in the same transaction that appends it, so that a
    duplicate is a duplicate after a restart too.
    """

    async def append_readings(
        self, source: str, status: Status, readings: Sequence[Reading], letters: Letters
    ) -> Sequence[bool]:
        """Append what is new of *readings* as one event; tell of each whether it was new."""
        ...

    async def append_once(self, wanted: Sequence[Once], letters: Letters) -> Sequence[bool]:
        """Append each of *wanted* that is new; tell of each whether it was."""
        ...

    async def kept(self, name: str) -> bytes | None:
        """Return the value kept under *name* with an event."""
        ...


class Keys(Protocol):
    """The sources' keys."""

    def holder(self, authorization: str | None) -> SourceKey | None:
        """Return whose key it is, or None."""
        ...

    def wait_s(self, source: SourceKey) -> float | None:
        """Count one request; None when it may go on, else the seconds until it may."""
        ...


class CallerVault(Protocol):
    """The callers' identities, encrypted and apart from everything else."""

    def token(self, caller: Caller) -> str:
        """Return the caller's token: the same for the same caller, and telling nothing."""
        ...

    async def store(self, caller: Caller, heard_at: datetime) -> None:
        """Keep the identity under its token, durably."""
        ...

    def seal(self, original: bytes) -> bytes:
        """Return *original* encrypted: whole, and readable only with the vault's key."""
        ...
