"""The records of `events.v1`: everything that can move a level, in one discriminated union."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter

from schemas.act import ActBody
from schemas.area import Area, Position
from schemas.cap import MsgType, Status
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.metric import Metric
from schemas.record import Instant, Part, Record
from schemas.role import Role
from schemas.rulepack import RulePack

_set = object.__setattr__


class Event(Record):
    """
    What all events share.

    *event_id* is the idempotency key: the same thing said twice has the same id. *accepted_at*
    is stamped by whoever appends the record and is the correlator's clock.
    """

    event_id: str
    accepted_at: Instant
    status: Status = Status.ACTUAL


class Quality(StrEnum):
    """What ingest found doubtful in a reading. A flagged reading is kept and moves nothing."""

    IMPLAUSIBLE_VALUE = "implausible_value"
    IMPLAUSIBLE_STEP = "implausible_step"
    CLOCK_ERROR = "clock_error"
    SOURCE_DOUBTS = "source_doubts"


class Reading(Part):
    """
    One measured value, in thousandths of its metric's unit.

    *datum* is the gauge's own once ingest has converted the value; *valid_at* is the time a
    forecast is for.
    """

    sensor_id: str
    metric: Metric
    value: int
    occurred_at: Instant
    datum: str | None = None
    valid_at: Instant | None = None
    quality: tuple[Quality, ...] = ()

    @classmethod
    def of_checked(
        cls,
        sensor_id: str,
        metric: Metric,
        value: int,
        occurred_at: datetime,
        datum: str | None,
        valid_at: datetime | None,
        quality: tuple[Quality, ...],
    ) -> Self:
        """
        Return a reading of values that have just been made from what was checked, instants in UTC.

        Checking them once more would take longer than everything that was done to make them.
        """
        reading = cls.__new__(cls)
        _set(
            reading,
            "__dict__",
            {
                "sensor_id": sensor_id,
                "metric": metric,
                "value": value,
                "occurred_at": occurred_at,
                "datum": datum,
                "valid_at": valid_at,
                "quality": quality,
            },
        )
        _set(reading, "__pydantic_fields_set__", _FIELDS_OF_A_READING)
        _set(reading, "__pydantic_extra__", None)
        _set(reading, "__pydantic_private__", None)
        return reading


_FIELDS_OF_A_READING = set(Reading.model_fields)


class Readings(Event):
    """One or many readings of one source."""

    kind: Literal["Readings"] = "Readings"
    source: str
    readings: tuple[Reading, ...]


class WarningInfo(Part):
    """
    One CAP `info`, with the hazard and level it was read as and the places of ours it names.

    *warning_level* is the authority's own (its colour); None when it gave none that can be read.
    *targets* are place codes of this district; empty when the warning is for somewhere else.
    """

    language: str = "zh-CN"
    event: str
    event_code: str | None = None
    hazard: Hazard
    warning_level: Level | None = None
    severity: str | None = None
    urgency: str | None = None
    certainty: str | None = None
    headline: str = ""
    description: str = ""
    instruction: str = ""
    sender_name: str = ""
    effective: Instant | None = None
    onset: Instant | None = None
    expires: Instant | None = None
    areas: tuple[Area, ...] = ()
    targets: tuple[str, ...] = ()


class Warning(Event):  # noqa: A001 - the field's own word (design.md section 3)
    """
    A message of a warning authority; CAP 1.2 fields under CAP's names.

    *references* are the identifiers of the messages it updates or cancels. *original* is the
    message as it came, signature and all.
    """

    kind: Literal["Warning"] = "Warning"
    source: str
    identifier: str
    sender: str
    sent: Instant
    msg_type: MsgType
    scope: str = "Public"
    references: tuple[str, ...] = ()
    infos: tuple[WarningInfo, ...] = ()
    signed: bool = False
    original: str = ""


class TipClass(StrEnum):
    """The classes of domain.md D.5: A is immediate danger and counts as evidence."""

    A = "A"
    B = "B"
    C = "C"


class Tip(Event):
    """A report to the 12350 hotline. *caller* is a token; who it stands for is kept elsewhere."""

    kind: Literal["Tip"] = "Tip"
    source: str
    tip_id: str
    text: str
    occurred_at: Instant
    tip_class: TipClass
    hazard: Hazard | None = None
    place: str | None = None
    position: Position | None = None
    caller: str | None = None


class Notice(Event):
    """What a partner district or the city centre tells us about a reach or catchment we share."""

    kind: Literal["Notice"] = "Notice"
    source: str
    notice_id: str
    hazard: Hazard
    place: str
    level: Level
    text: str = ""


class Act(Event):
    """What a person did, with the role and the mandate it was done under."""

    kind: Literal["Act"] = "Act"
    user: str
    role: Role
    mandate: str | None = None
    body: ActBody


class FeedbackKind(StrEnum):
    """What came back from the field."""

    SHARE_ACKNOWLEDGED = "share_acknowledged"


class Feedback(Event):
    """A post's acknowledgement of its share of an order, written by the dispatcher."""

    kind: Literal["Feedback"] = "Feedback"
    feedback: FeedbackKind
    callout_id: str
    order_id: str
    post: str


class PackActivated(Event):
    """
    A district pack comes into force.

    The rules, places and sensors travel with it, so that a log replays alone; people and
    numbers do not.
    """

    kind: Literal["PackActivated"] = "PackActivated"
    pack: RulePack


class Tick(Event):
    """Time passed and nothing else came."""

    kind: Literal["Tick"] = "Tick"


AnyEvent = Annotated[
    Readings | Warning | Tip | Notice | Act | Feedback | PackActivated | Tick,
    Field(discriminator="kind"),
]
EVENT: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)
