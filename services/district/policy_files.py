"""The shape of `policies.yaml`: the matrix of domain.md D.2."""

from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from schemas.hazard import Hazard
from schemas.role import Role
from services.district.domain.policy import Provider, ResortKind
from services.district.file_types import Entry, LevelName, Span


class CalledEntry(Entry):
    """A role that is called; written as the role alone where it is for every hazard."""

    role: Role
    hazards: tuple[Hazard, ...] | None = None


def _called(written: Any) -> Any:
    return {"role": written} if isinstance(written, str) else written


class ResortEntry(Entry):
    """A way past the phone; the words are those of `domain.policy.Resort`."""

    kind: ResortKind
    at: Span
    roles: tuple[Role, ...] = ()
    within: Span | None = None


class LimitsEntry(Entry):
    """The limits of a level; the words are those of `domain.policy.Limits`."""

    sms_within: Span
    first_ring_within: Span | None = None
    ack_limit: Span
    attempts: Annotated[int, Field(ge=0)]
    repeat_gap: Span
    deputy_at: Span | None = None
    superior_at: Span | None = None
    reminder_at: Span | None = None
    coded: bool = False
    voice_roles: tuple[Role, ...] | None = None
    resorts: tuple[ResortEntry, ...] = ()


class FollowUpEntry(Entry):
    """A further ask to those who have acknowledged."""

    at: Span
    every: Annotated[Span, Field(gt=timedelta(0))] | None = None
    limits: LimitsEntry


class LevelEntry(Entry):
    """One level; *night* is left out where it is as by day."""

    called: Annotated[
        tuple[
            Annotated[
                CalledEntry, BeforeValidator(_called, json_schema_input_type=Role | CalledEntry)
            ],
            ...,
        ],
        Field(min_length=1),
    ]
    day: LimitsEntry
    night: LimitsEntry | None = None
    second_call: FollowUpEntry | None = None
    measures: FollowUpEntry | None = None


class CalleeEntry(Entry):
    """How often one number may be rung."""

    per_minute: Annotated[int, Field(ge=1)] = 1
    per_hour: Annotated[int, Field(ge=1)] = 5
    per_day: Annotated[int, Field(ge=1)] = 20


class AccountEntry(Entry):
    """What one account at a carrier may do. Its credentials are not the pack's business."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
    provider: Provider = Provider.TWILIO
    starts_per_s: Annotated[float, Field(gt=0)]
    lines: Annotated[int, Field(ge=1)]
    sms_per_s: Annotated[float, Field(gt=0)]


class OutageEntry(Entry):
    """When an account counts as down; the words are those of `domain.policy.OutageLimits`."""

    after_refusals: Annotated[int, Field(ge=1)] = 3
    first: Annotated[Span, Field(gt=timedelta(0))] = timedelta(seconds=5)
    longest: Annotated[Span, Field(gt=timedelta(0))] = timedelta(minutes=5)


class BudgetEntry(Entry):
    """What the carrier's accounts may do: either one without a name, or a list in order."""

    starts_per_s: Annotated[float, Field(gt=0)] | None = None
    lines: Annotated[int, Field(ge=1)] | None = None
    sms_per_s: Annotated[float, Field(gt=0)] | None = None
    accounts: tuple[AccountEntry, ...] = ()
    ring_timeout: Span | None = None
    callee: CalleeEntry = CalleeEntry()
    outage: OutageEntry = OutageEntry()

    @model_validator(mode="after")
    def _one_or_several(self) -> Self:
        single = (self.starts_per_s, self.lines, self.sms_per_s)
        if self.accounts and any(value is not None for value in single):
            raise ValueError("starts_per_s, lines and sms_per_s stand in each of the accounts")
        if not self.accounts and None in single:
            raise ValueError("starts_per_s, lines and sms_per_s are needed, or a list of accounts")
        names = [account.name for account in self.accounts]
        if len(set(names)) < len(names):
            raise ValueError("two accounts have the same name")
        return self


class ExpectedEntry(Entry):
    """What a first call is expected to be; the words are those of `domain.policy.ExpectedCall`."""

    rings_from: Span | None = None
    rings_to: Span | None = None
    characters_per_s: Annotated[float, Field(gt=0)] | None = None
    key: Span | None = None
    code: Span | None = None
    answered_pct: Annotated[float, Field(ge=0, le=100)] | None = None
    confirmed_pct: Annotated[float, Field(ge=0, le=100)] | None = None


class PoliciesFile(Entry):
    """`policies.yaml`."""

    budget: BudgetEntry
    expected: ExpectedEntry = ExpectedEntry()
    join_within: Span | None = None
    max_code_tries: Annotated[int, Field(ge=1)] | None = None
    levels: dict[LevelName, LevelEntry]
    additions: dict[Hazard, tuple[Role, ...]] = Field(default_factory=dict)
