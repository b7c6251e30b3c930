"""A callout: one call-and-confirm campaign, and what a family of hazards in a town has open."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from schemas.cap import Status
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.reason import Reason
from services.district.domain.policy import Limits


class CalloutKind(StrEnum):
    """A callout is for a response, or for an order, which opens its own."""

    RESPONSE = "response"
    ORDER = "order"


class CalloutEnd(StrEnum):
    """Why a callout is over."""

    SUPERSEDED = "superseded"
    LOWERED = "lowered"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True)
class Callout:
    """
    *limits* are those of its level, by day or night as it was at *opened_at* (t0: the instant the
    decision's cause was accepted). *why* is the reason in words, *grounds* what it was made of, to
    be said in other words and languages.
    """

    callout_id: str
    kind: CalloutKind
    status: Status
    town: str
    place: str
    hazard: Hazard
    level: Level
    limits: Limits
    opened_at: datetime
    decision_id: str
    causes: tuple[str, ...]
    why: str = ""
    grounds: tuple[Reason, ...] = ()
    family: str | None = None
    order_id: str | None = None
    measure: Measure | None = None
    target: str = ""
    follows: str | None = None
    """The callout at a lower level that this one supersedes."""
    source: str | None = None
    """The source that caused it."""
    held: bool = False
    """Its source has caused more callouts than it may: the rest waits for a key (invariant 16)."""
    ended_at: datetime | None = None
    end: CalloutEnd | None = None
    second_call_at: datetime | None = None
    measures_at: datetime | None = None
    measures_asked: int = 0
    """How often the posts have been asked for their measures."""
    spoken: tuple[str, ...] = ()
    """The stations that have spoken for it."""

    @property
    def is_open(self) -> bool:
        """Whether it may still gain posts."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Member:
    """One hazard at one place in a family: its response level now, and the authority's."""

    place: str
    hazard: Hazard
    level: Level
    warning_level: Level | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """
    What a hazard family has open in a town, for one CAP status: its members and its callout.

    Exercise and actual never share a family, so an exercise can never supersede the real thing.
    """

    key: str
    members: tuple[Member, ...] = field(default=())
    callout_id: str | None = None

    @property
    def level(self) -> Level | None:
        """The highest level of its members."""
        return max((member.level for member in self.members), default=None)

    def member(self, place: str, hazard: Hazard) -> Member | None:
        """Return the member for *hazard* at *place*."""
        return next((m for m in self.members if (m.place, m.hazard) == (place, hazard)), None)


def family_key(status: Status, family: str, town: str) -> str:
    """Return the key under which a family's state is kept."""
    return f"{status.value}/{family}/{town}"
