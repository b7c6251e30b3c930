"""What the dispatcher's pipeline needs from the outside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from schemas.wire import SchemaError
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.calls.remedy import Remedies
from services.dispatcher.domain.commands import Broadcast, PlaceCall, SendMessage
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.desk.effects import Effects
from services.dispatcher.domain.inputs import Input
from services.dispatcher.domain.record.ledger import Head
from services.dispatcher.domain.script import Script
from services.runtime.bus import Stored, Transaction

EncodedRows = list[tuple[str, str, bytes | None]]
"""(space, key, value or None for a removed row) of each row that changed."""


class SendWindow(Protocol):
    """
    How long the carrier may still be asked for what a round put on record: not for long, where the
    district may pass to another process.
    """

    @property
    def is_open(self) -> bool:
        """Whether it may be asked now."""
        ...

    @property
    def is_worn(self) -> bool:
        """Whether most of it was over before the record was durable: brokers may be slow."""
        ...

    async def reopened(self) -> "SendWindow":
        """Return one as long again, once it is sure that nobody else has come. Raises BusError."""
        ...


OpenWindow = Callable[[], SendWindow]
"""Called when a round is on record; returns its window."""


class _AlwaysOpen:
    is_open, is_worn = True, False

    async def reopened(self) -> SendWindow:
        return self


def always_open() -> SendWindow:
    """Return a window that never closes: nobody else could ever ask for the same."""
    return _AlwaysOpen()


class CarrierError(Exception):
    """
    The root of what a carrier's adapter raises.

    CarrierError
    ├── CarrierRefusedError   the request was not executed; `retry` tells whether to try again
    └── AnswerLostError       it may have been executed: reconcile before trying again
    """


class CarrierRefusedError(CarrierError):
    """The request was certainly not executed. *code* is the carrier's own, *remedies* are ours."""

    def __init__(self, code: str, *, retry: bool, remedies: Remedies = ()) -> None:
        super().__init__(f"the carrier refused: {code}")
        self.code = code
        self.retry = retry
        self.remedies = remedies


class AnswerLostError(CarrierError):
    """A time-out, a dropped connection or a server error: nobody knows whether it rings."""


@dataclass(frozen=True, slots=True)
class Seen:
    """
    One call or message as the carrier shows it; *code* is the carrier's error code and *remedies*
    what is done about it. *machine*: it believes that a machine took the call.
    """

    provider_id: str
    progress: Progress
    outcome: Outcome | None = None
    code: str | None = None
    remedies: Remedies = ()
    machine: bool = False


class Telephony(Protocol):
    """A telephone network. Contacts are ids; the adapter alone knows their numbers."""

    async def place_call(self, command: PlaceCall) -> str:
        """Ask for the call and return the carrier's id. CarrierError when there is none."""
        ...

    async def send_message(self, command: SendMessage) -> str:
        """Ask for the message and return the carrier's id. CarrierError when there is none."""
        ...

    async def end_call(self, provider_id: str, *, answered: bool) -> None:
        """End a call; one that has ended already is no error."""
        ...

    async def cancel_message(self, provider_id: str) -> None:
        """Cancel a waiting message; one that is gone is no error."""
        ...

    async def fetch(self, provider_id: str, *, voice: bool) -> Seen:
        """Return how the call or message stands."""
        ...

    async def list_to(
        self, contact: str, since: datetime, *, voice: bool, coded_for: str | None = None
    ) -> Sequence[Seen]:
        """
        Return the calls or messages to *contact* that the carrier took since *since*.

        Of messages, those alone that hold the code of the attempt *coded_for*, where one is named.
        """
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """An SMS that somebody sent us, as the carrier's list shows it. Only the edge reads it."""

    provider_id: str
    number: str = field(repr=False)
    body: str = field(repr=False)


class Polled(Protocol):
    """What a carrier that cannot reach us is asked for instead; each list is *most* long at most."""

    async def calls_since(self, since: datetime, most: int) -> Sequence[Seen]:
        """Return our newest calls since *since*."""
        ...

    async def messages_since(self, since: datetime, most: int) -> Sequence[Seen]:
        """Return the newest messages we sent since *since*."""
        ...

    async def texts_since(self, since: datetime, most: int) -> Sequence[Text]:
        """Return the newest texts people sent us since *since*, oldest first."""
        ...


class Stations(Protocol):
    """Loudspeakers and screens. Nobody confirms through them."""

    async def speak(self, command: Broadcast) -> None:
        """
        Return once the station has taken what it is to say. CarrierError when it has not.

        The same command may be given again: a station says what has one id once.
        """
        ...


class Dispatch(Protocol):
    """The dispatcher as its entrypoints see it."""

    async def tell(self, what: Input) -> Script | None:
        """
        Record *what* and return what to say next, once it is durable.

        A Script comes back for CallHeard and CalledBack, None for the rest and for an attempt that
        is not known. BusUnavailableError when it could not be made durable: nothing happened.
        """
        ...


@dataclass(frozen=True, slots=True)
class Behind:
    """
    What rows follow from: the ledger up to *head*, whose last records lie at or behind the offset
    *since*, and the *feedback* that went out with them.
    """

    head: Head
    since: int
    feedback: Sequence[bytes] = ()


class DeskStore(Protocol):
    """Where the desk's rows lie between processes."""

    async def load(self, desk: Desk, now: datetime) -> None:
        """Fill the empty *desk* and arm what is due at *now*."""
        ...

    def encode(self, effects: Effects) -> EncodedRows:
        """Return the rows of *effects* as bytes."""
        ...

    def write(self, tx: Transaction, rows: EncodedRows, serial: int, behind: Behind) -> None:
        """Write *rows* in the transaction that writes the ledger."""
        ...


class Failures(Protocol):
    """Where an input goes that could not be dealt with, so that it is not lost."""

    async def keep(self, what: Input, error: Exception) -> None:
        """Keep *what* as a dead letter, with what went wrong; where it was read, go on behind it."""
        ...

    async def keep_unreadable(self, stored: Stored, error: SchemaError) -> None:
        """Keep a record that is no decision, whole."""
        ...


class AnchorNotKeptError(Exception):
    """An anchor did not get to where it is kept, for a reason in a few words: try again later."""


class AnchorPlace(Protocol):
    """A place for anchors that whoever can rewrite the ledger cannot rewrite."""

    name: str
    """What its metrics are called."""

    async def keep(self, anchor: bytes) -> None:
        """Return once *anchor*, a line of JSON, is durable there. AnchorNotKeptError when it is not."""
        ...

    async def aclose(self) -> None:
        """Let go of whatever is held open."""
        ...
