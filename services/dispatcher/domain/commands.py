"""
What the dispatcher wants done outside, after it is on disk: imperatives. Each goes to the carrier
account that it names.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.cap import Status
from services.dispatcher.domain.script import Script
from services.district.domain.policy import MAIN


@dataclass(frozen=True, slots=True)
class PlaceCall:
    """
    Ring *contact*; the words are asked for when it is answered, unless they go along.

    *script*, where there is one, is all that is said.
    """

    attempt_id: str
    contact: str
    ring_timeout: timedelta
    account: str = MAIN
    script: Script | None = None


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Send *text* to *contact*; CODE_HERE in it stands for the attempt's code."""

    attempt_id: str
    contact: str
    text: str
    valid_for: timedelta
    account: str = MAIN


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Let *station* say *text*, marked with the CAP *status*; not after *valid_for* any more."""

    attempt_id: str
    station: str
    text: str
    status: Status
    valid_for: timedelta


@dataclass(frozen=True, slots=True)
class EndCall:
    """End the call *provider_id*, whether it waits, rings or speaks."""

    attempt_id: str
    provider_id: str
    answered: bool
    account: str = MAIN


@dataclass(frozen=True, slots=True)
class CancelMessage:
    """Stop the message *provider_id* if it is still waiting at the carrier."""

    attempt_id: str
    provider_id: str
    account: str = MAIN


@dataclass(frozen=True, slots=True)
class AskStatus:
    """Ask the carrier how *provider_id* stands: its call-back is overdue."""

    attempt_id: str
    provider_id: str
    voice: bool
    account: str = MAIN


@dataclass(frozen=True, slots=True)
class Reconcile:
    """
    Find out whether the carrier has *attempt_id*, whose answer was lost: by *contact* and the time
    since *since*. *known* are the provider ids that are other attempts. *coded*: it is an SMS with a
    code, and only the one that holds this attempt's is it: the person answers with what he holds.
    *final* says that the reconcile window is over: nothing found then means it was never placed.
    """

    attempt_id: str
    contact: str
    voice: bool
    since: datetime
    known: tuple[str, ...]
    final: bool
    account: str = MAIN
    coded: bool = False


Command = PlaceCall | SendMessage | Broadcast | EndCall | CancelMessage | AskStatus | Reconcile
