"""
A live call: the resource, the script that is being played and the person who listens.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from services.phones.domain.call import Call, CallEvent
from services.phones.domain.person import Habit, Person
from services.phones.domain.twiml import Gather, Hangup, Redirect, Reject


@dataclass(frozen=True, slots=True)
class CallOrder:
    """What whoever asked for the call wants said in it and told about it."""

    url: str = ""
    method: str = "POST"
    twiml: str = ""
    fallback_url: str = ""
    fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    events: frozenset[CallEvent] = frozenset({CallEvent.COMPLETED})
    timeout: timedelta = timedelta(seconds=60)
    time_limit: timedelta = timedelta(hours=4)
    detects_machines: bool = False
    amd_callback: str = ""


@dataclass(frozen=True, slots=True)
class Speech:
    """One phrase, recording or silence, and how long it takes."""

    text: str
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class KeysOpen:
    """From here on keys count."""

    gather: Gather


@dataclass(frozen=True, slots=True)
class KeysAwaited:
    """The words are over; from here on the Gather's time-out runs."""


Step = Speech | KeysOpen | KeysAwaited | Redirect | Hangup | Reject


@dataclass(slots=True)
class Listening:
    """What the person has taken in of the present script, and what he remembers of earlier ones."""

    text: str = ""
    planned: dict[str, str] = field(default_factory=dict)
    key_at: datetime | None = None
    code: str = ""
    keys_pressed: int = 0


@dataclass(slots=True)
class Leg:
    """Mutable, owned by the exchange, gone when the call ends."""

    call: Call
    order: CallOrder
    person: Person
    habit: Habit
    base_url: str = ""
    sequence: int = 0
    fetch_no: int = 0
    is_fallback: bool = False
    is_fetching: bool = False
    steps: deque[Step] = field(default_factory=deque)
    gather: Gather | None = None
    digits: str = ""
    saying: str = ""
    listening: Listening = field(default_factory=Listening)

    def change(self, now: datetime, **changes: Any) -> None:
        """Replace the resource by one that differs in *changes*."""
        self.call = replace(self.call, updated_at=now, **changes)
