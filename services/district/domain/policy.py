"""
Who is called at which level, within which limits (domain.md D.2). All of it is data of the pack.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.role import Role


@dataclass(frozen=True, slots=True)
class Called:
    """A role that is called; *hazards* None means for every hazard."""

    role: Role
    hazards: tuple[Hazard, ...] | None = None


class ResortKind(StrEnum):
    """A way to a post past its people's phones."""

    LOUDSPEAKER = "loudspeaker"
    """Loudspeakers and screens around the post speak; nobody confirms through them."""
    RADIO = "radio"
    """Somebody calls the post by radio or satellite and records what he hears."""
    DOOR = "door"
    """Somebody near goes to the door and records whom he found."""


@dataclass(frozen=True, slots=True)
class Resort:
    """
    A last resort: taken *at* this long after the chain opened, or at once where no phone works.

    *roles* are those who may be sent, in order of preference; they have *within* to report.
    """

    kind: ResortKind
    at: timedelta
    roles: tuple[Role, ...] = ()
    within: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Limits:
    """
    The limits of one level: the latest instants after t0, and how a chain climbs.

    Pauses between attempts run from the end of the previous call; *deputy_at* and *superior_at*
    run from the first ring. Where they are None the next rung opens when the one before is used up.
    *coded* says that a key alone does not confirm.
    """

    sms_within: timedelta
    first_ring_within: timedelta | None
    ack_limit: timedelta
    attempts: int
    repeat_gap: timedelta
    deputy_at: timedelta | None = None
    superior_at: timedelta | None = None
    reminder_at: timedelta | None = None
    coded: bool = False
    voice_roles: tuple[Role, ...] | None = None
    """Only these roles are rung, the rest get an SMS; None: everybody is rung."""
    resorts: tuple[Resort, ...] = ()


@dataclass(frozen=True, slots=True)
class FollowUp:
    """
    A further ask to posts that have acknowledged, *at* this long after the callout opened.

    *every*: asked again after that long, of those whose answer was not that it is done; None: once.
    """

    at: timedelta
    limits: Limits
    every: timedelta | None = None


@dataclass(frozen=True, slots=True)
class LevelPolicy:
    """Who is called at a level, and within which limits by day and by night (UP1)."""

    called: tuple[Called, ...]
    day: Limits
    night: Limits
    second_call: FollowUp | None = None
    """再呼应."""
    measures: FollowUp | None = None
    """闭环反馈: the feedback of measures."""


@dataclass(frozen=True, slots=True)
class CalleeLimits:
    """How often one number may be rung: the carrier's limits, not ours (peers.md section 5)."""

    per_minute: int = 1
    per_hour: int = 5
    per_day: int = 20


MAIN = "main"
"""The account of a pack that names none."""


class Provider(StrEnum):
    """Which carrier's API an account is reached through."""

    TWILIO = "twilio"


@dataclass(frozen=True, slots=True)
class CarrierAccount:
    """What one account may do: call starts and SMS a second, and lines at the same time."""

    name: str
    starts_per_s: float
    lines: int
    sms_per_s: float
    provider: Provider = Provider.TWILIO


@dataclass(frozen=True, slots=True)
class OutageLimits:
    """
    When an account counts as down, and for how long: *first*, then twice as long each time, up to
    *longest*. *after_refusals* is how many in a row it takes where none says so by itself.
    """

    after_refusals: int = 3
    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class CarrierBudget:
    """What the accounts may do, in the order in which they are preferred."""

    accounts: tuple[CarrierAccount, ...]
    ring_timeout: timedelta = timedelta(seconds=30)
    callee: CalleeLimits = field(default_factory=CalleeLimits)
    outage: OutageLimits = field(default_factory=OutageLimits)

    @classmethod
    def of_one(
        cls,
        starts_per_s: float,
        lines: int,
        sms_per_s: float,
        callee: CalleeLimits | None = None,
    ) -> "CarrierBudget":
        """Return the budget of one account without a name."""
        account = CarrierAccount(MAIN, starts_per_s, lines, sms_per_s)
        return cls((account,), callee=callee or CalleeLimits())

    @property
    def lines(self) -> int:
        """The lines of all accounts."""
        return sum(account.lines for account in self.accounts)

    @property
    def starts_per_s(self) -> float:
        """The call starts a second of all accounts."""
        return sum(account.starts_per_s for account in self.accounts)


@dataclass(frozen=True, slots=True)
class ExpectedCall:
    """
    What a first call is expected to be, for planning only. A phone that is answered rings for some
    time between *rings_from* and *rings_to*; *key* and *code* are what confirming adds to hearing
    the words. Of a hundred calls so many are answered, and so many confirmed.

    The defaults: phones ring 5 to 15 s and code and read-back take 5 s in the county's rule that
    the benchmark follows, with its shares; news is read at 270 characters a minute.
    """

    rings_from: timedelta = timedelta(seconds=5)
    rings_to: timedelta = timedelta(seconds=15)
    characters_per_s: float = 4.5
    key: timedelta = timedelta(seconds=3)
    code: timedelta = timedelta(seconds=6)
    answered_pct: float = 85
    confirmed_pct: float = 70


@dataclass(frozen=True, slots=True)
class Policies:
    """The whole call-and-confirm matrix of a district."""

    levels: Mapping[Level, LevelPolicy]
    additions: Mapping[Hazard, tuple[Role, ...]]
    """Roles that a hazard adds to the first wave at II and I."""
    budget: CarrierBudget
    join_within: timedelta = timedelta(seconds=20)
    """What falls due for a person within this joins the call that waits or rings (D.2.1.7)."""
    max_code_tries: int = 3
    expected: ExpectedCall = field(default_factory=ExpectedCall)
