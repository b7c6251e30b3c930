"""
What is known so far, as the records tell it: mutable, owned by one fold, never shared.

`views.py` is what leaves here; these hold no words and no names.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.cap import Status
from schemas.decision import ReadingQuarantined, ResponseChanged
from schemas.event import Tip
from schemas.event import Warning as WarningEvent
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.order import Order
from schemas.reason import Reason
from services.console.domain.views.board import Happening

_LATER = frozenset({"second_call", "measures"})
"""What a post is asked after it has confirmed."""
HAPPENINGS_KEPT = 60
TEXTS_KEPT = 200
"""Tips and warnings kept: a night's, and then some."""


@dataclass(slots=True)
class AttemptTrack:
    """One try; it may carry several asks of the same person."""

    attempt_id: str
    channel: str
    person: str
    contact: str
    intended_at: datetime
    rungs: dict[str, str] = field(default_factory=dict)
    """By chain: as whose call it counts there (holder, deputy, superior)."""
    chains: list["ChainTrack"] = field(default_factory=list)
    accepted_at: datetime | None = None
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    code: str | None = None
    unknown_at: datetime | None = None
    keys: list[tuple[datetime, str]] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        """Whether it may still ring or speak."""
        return self.ended_at is None


@dataclass(slots=True)
class TaskTrack:
    """Somebody who was sent for an ask; *runner* None: nobody could be found."""

    task_id: str
    kind: str
    runner: str | None
    opened_at: datetime
    until: datetime
    end: str | None = None
    ended_at: datetime | None = None
    user: str | None = None
    note: str = ""


@dataclass(slots=True)
class ChainTrack:
    """One ask to one post."""

    chain_id: str
    callout: "CalloutTrack"
    post: str
    level: Level
    opened_at: datetime
    people: tuple[tuple[str, str], ...]
    """(rung, person) in the order in which they are rung."""
    ask: str = "confirm"
    attempts: list[AttemptTrack] = field(default_factory=list)
    end: str | None = None
    ended_at: datetime | None = None
    listed_at: datetime | None = None
    escalated_to: str | None = None
    faults: list[str] = field(default_factory=list)
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    rung: str | None = None
    strength: str | None = None
    ack_channel: str | None = None
    count: int = 0
    """Which repetition of the ask it is, counted from 1 for those that are repeated."""
    need: int = 1
    confirmed: list[str] = field(default_factory=list)
    """Who has confirmed where several must."""
    vouched_by: str | None = None
    """The user who recorded that the post confirmed."""
    needs_support: bool = False
    tasks: dict[str, TaskTrack] = field(default_factory=dict)
    dead_rungs: frozenset[str] = frozenset()
    """The rungs that no call reaches."""

    @property
    def is_first(self) -> bool:
        """Whether it is what its callout opened with; a post is counted by this ask alone."""
        return self.ask not in _LATER


@dataclass(slots=True)
class CalloutTrack:
    """One callout with its asks. Whoever changes it, or one of its asks, says so: `changed`."""

    callout_id: str
    number: int
    kind: str
    status: Status
    level: Level
    hazard: Hazard
    place: str
    town: str
    why: str
    opened_at: datetime
    order_id: str | None
    follows: str | None
    decision_id: str | None
    ended_at: datetime | None = None
    end: str | None = None
    held: bool = False
    chains: dict[str, ChainTrack] = field(default_factory=dict)
    spoken: dict[str, AttemptTrack] = field(default_factory=dict)
    """What loudspeakers and screens were told, by attempt; *person* is the station."""
    kept: dict[object, Any] = field(default_factory=dict)
    """What was made of it as it stands, by whoever made it."""

    def changed(self) -> None:
        """Let everything that was made of it be made anew."""
        self.kept.clear()

    @property
    def firsts(self) -> list[ChainTrack]:
        """The asks it opened with: what its counts are over."""
        return [chain for chain in self.chains.values() if chain.is_first]

    @property
    def follow_ups(self) -> list[ChainTrack]:
        """The asks that followed an acknowledgement."""
        return [chain for chain in self.chains.values() if not chain.is_first]


@dataclass(slots=True)
class ResponseTrack:
    """A response in force, and since when."""

    decision: ResponseChanged
    began_at: datetime


@dataclass(slots=True)
class OrderTrack:
    """An order and how it came to be as it is."""

    order: Order
    changed_at: datetime
    in_force_at: datetime | None
    reasons: tuple[Reason, ...]


@dataclass(slots=True)
class Tracks:
    """Everything under one CAP status: exercise and actual never share any of it."""

    status: Status
    responses: dict[tuple[str, Hazard], ResponseTrack] = field(default_factory=dict)
    orders: dict[str, OrderTrack] = field(default_factory=dict)
    callouts: dict[str, CalloutTrack] = field(default_factory=dict)
    callout_of_order: dict[str, str] = field(default_factory=dict)
    ended: deque[str] = field(default_factory=deque)
    """Callouts that have ended, the oldest first."""
    callouts_opened: int = 0
    warnings: dict[str, WarningEvent] = field(default_factory=dict)
    tips: dict[str, Tip] = field(default_factory=dict)
    silent: dict[str, datetime] = field(default_factory=dict)
    quarantined: dict[tuple[str, str, datetime], ReadingQuarantined] = field(default_factory=dict)
    reasons: dict[str, tuple[Reason, ...]] = field(default_factory=dict)
    """The reasons of decisions that callouts name, for as long as those are kept."""
    happenings: deque[Happening] = field(default_factory=lambda: deque(maxlen=HAPPENINGS_KEPT))

    @property
    def is_running(self) -> bool:
        """Whether anything is in force or anybody is being called."""
        return bool(self.responses) or any(
            callout.ended_at is None for callout in self.callouts.values()
        )
