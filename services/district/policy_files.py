"""The shape of `policies.yaml`: the matrix of domain.md D.2."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from schemas.hazard import Hazard
from schemas.role import Role
from services.district.domain.policy import ResortKind
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


class BudgetEntry(Entry):
    """What the carrier's account may do."""

    starts_per_s: Annotated[float, Field(gt=0)]
    lines: Annotated[int, Field(ge=1)]
    sms_per_s: Annotated[float, Field(gt=0)]
    ring_timeout: Span | None = None
    callee: CalleeEntry = CalleeEntry()


class PoliciesFile(Entry):
    """`policies.yaml`."""

    budget: BudgetEntry
    join_within: Span | None = None
    max_code_tries: Annotated[int, Field(ge=1)] | None = None
    levels: dict[LevelName, LevelEntry]
    additions: dict[Hazard, tuple[Role, ...]] = Field(default_factory=dict)
