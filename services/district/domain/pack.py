"""A district pack as it is after it was read and found sound."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from schemas.role import Role
from schemas.rulepack import RulePack
from services.district.domain.policy import Policies
from services.district.domain.roster import Roster
from services.district.domain.templates import Templates


@dataclass(frozen=True, slots=True)
class SourceKey:
    """
    A source's key and what it may report (invariant 16).

    *key_sha256* is the hex digest; the key itself is never stored. *sensors* are ids or prefixes
    ending in `*`; *kinds* are readings, warnings, tips, and read for `GET /v1/…`; *area* is a place code.
    """

    name: str
    key_sha256: str
    kinds: tuple[str, ...]
    sensors: tuple[str, ...] = ()
    area: str | None = None
    per_s: float = 50.0
    burst: int = 500
    callouts_per_hour: int = 60
    """Beyond these, duty officer and leader are called at once and the rest after their key."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who acts: a name for the record, a role, and the mandate he acts under."""

    user_id: str
    name: str
    role: Role
    mandate: str | None = None
    password: str | None = field(default=None, repr=False)
    """The argon2id hash of the password; None: nobody logs in as this user."""


class StationKind(StrEnum):
    """What speaks to everybody around it."""

    LOUDSPEAKER = "loudspeaker"
    SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class Station:
    """
    A loudspeaker or screen at *place*. *url* takes what it is to say, signed with the secret that
    the process is given under *station_id*.
    """

    station_id: str
    kind: StationKind
    name: str
    place: str
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pack:
    """
    One district pack. *rules* is what decisions are made from and travels in the log; the rest is
    for calling. *numbers* maps contact ids to E.164 numbers and leaves this process only towards
    the carrier.
    """

    rules: RulePack
    roster: Roster
    policies: Policies
    templates: Templates
    sources: tuple[SourceKey, ...]
    users: Mapping[str, User]
    numbers: Mapping[str, str]
    stations: tuple[Station, ...] = ()
    languages: Mapping[str, Templates] = field(default_factory=dict)
    """The texts in other languages than *templates*, by language."""
    demo: bool = False
    """A demo pack works on loopback only."""
