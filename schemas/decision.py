"""The records of `decisions.v1`: what the correlator decided, with its reasons and causes."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from schemas.act import FieldAct
from schemas.cap import Status
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.metric import Metric
from schemas.order import Order
from schemas.reason import RaiseRule, Reason
from schemas.record import Instant, Record


class Decision(Record):
    """
    What all decisions share.

    *decision_id* is a hash of (district, rule id and version, place, ordinal of the transition,
    causing ids); *decided_at* is the log's own time, never a machine's. *causes* are the ids of
    the events that brought it about.
    """

    decision_id: str
    decided_at: Instant
    status: Status = Status.ACTUAL
    reasons: tuple[Reason, ...] = ()
    causes: tuple[str, ...] = ()
    source: str | None = None
    """The source whose event brought it about; None for a person's act or a timer."""


class ResponseChanged(Decision):
    """
    Something about the response to *hazard* at *place* changed; *town* is the town of the place.

    Each of the three levels may change alone. *raises* are the raise rules in force; UP1 changes
    limits and never a level.
    """

    kind: Literal["ResponseChanged"] = "ResponseChanged"
    place: str
    town: str
    hazard: Hazard
    family: str
    warning_level: Level | None = None
    hazard_level: Level | None = None
    response_level: Level | None = None
    previous_level: Level | None = None
    """The response level before."""
    raises: tuple[RaiseRule, ...] = ()
    confirmed: bool = False
    """Whether a person has confirmed a response at II or I."""


class RaiseApplied(Decision):
    """A raise rule came to act at a place."""

    kind: Literal["RaiseApplied"] = "RaiseApplied"
    place: str
    town: str
    hazard: Hazard
    raise_rule: RaiseRule
    levels: int


class OrderProposed(Decision):
    """An order waits for a person, or for its time."""

    kind: Literal["OrderProposed"] = "OrderProposed"
    order: Order


class OrderChanged(Decision):
    """An order came into force or ended."""

    kind: Literal["OrderChanged"] = "OrderChanged"
    order: Order


class ActRefusal(StrEnum):
    """Why an act was not done."""

    NO_MANDATE = "no_mandate"
    UNKNOWN_ORDER = "unknown_order"
    UNKNOWN_PLACE = "unknown_place"
    UNKNOWN_READING = "unknown_reading"
    WRONG_STATE = "wrong_state"
    NOT_HIGHER = "not_higher"
    NOT_ONE_STEP = "not_one_step"
    CONSULTATION_MISSING = "consultation_missing"
    EVACUATION_OPEN = "evacuation_open"


class ActAnswered(Decision):
    """
    What became of an act: done, or refused with the reason.

    *field* is an act for the dispatcher to carry out, by *user*.
    """

    kind: Literal["ActAnswered"] = "ActAnswered"
    act_id: str
    done: bool
    refusal: ActRefusal | None = None
    order_id: str | None = None
    user: str | None = None
    field: Annotated[FieldAct, Field(discriminator="type")] | None = None


class ReadingQuarantined(Decision):
    """A reading moves nothing until a person or a second sensor releases it."""

    kind: Literal["ReadingQuarantined"] = "ReadingQuarantined"
    sensor_id: str
    place: str
    metric: Metric
    value: int
    occurred_at: Instant
    event_id: str


class SourceSilent(Decision):
    """A sensor stopped reporting (*silent*), or reports again (not *silent*)."""

    kind: Literal["SourceSilent"] = "SourceSilent"
    sensor_id: str
    place: str
    silent: bool
    last_heard_at: Instant


AnyDecision = Annotated[
    ResponseChanged
    | RaiseApplied
    | OrderProposed
    | OrderChanged
    | ActAnswered
    | ReadingQuarantined
    | SourceSilent,
    Field(discriminator="kind"),
]
DECISION: TypeAdapter[AnyDecision] = TypeAdapter(AnyDecision)
