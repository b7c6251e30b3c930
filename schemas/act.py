"""What a person did: the bodies of an `Act`."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.record import Instant, Part
from schemas.role import Role


class OrderIssued(Part):
    """A new order, not proposed by a rule."""

    type: Literal["order_issued"] = "order_issued"
    measure: Measure
    place: str
    hazard: Hazard
    level: Level
    text: str
    executors: tuple[Role, ...]
    starts_at: Instant | None = None
    ends_at: Instant | None = None


class OrderConfirmed(Part):
    """A proposed order put in force by the role it waited for."""

    type: Literal["order_confirmed"] = "order_confirmed"
    order_id: str


class OrderRefused(Part):
    """A proposed order that will not be put in force."""

    type: Literal["order_refused"] = "order_refused"
    order_id: str
    why: str


class OrderLifted(Part):
    """An order in force that has ended."""

    type: Literal["order_lifted"] = "order_lifted"
    order_id: str
    why: str


class LevelRaised(Part):
    """UP10: a response raised, or put in force, by decision of a person."""

    type: Literal["level_raised"] = "level_raised"
    place: str
    hazard: Hazard
    level: Level
    why: str


class LevelLowered(Part):
    """A response lowered one step, or ended with *level* None (II and I: after a consultation)."""

    type: Literal["level_lowered"] = "level_lowered"
    place: str
    hazard: Hazard
    level: Level | None = None
    why: str
    consultation: str | None = None


class LevelConfirmed(Part):
    """A response at II or I confirmed by a person. Calling never waited for it."""

    type: Literal["level_confirmed"] = "level_confirmed"
    place: str
    hazard: Hazard
    level: Level


class ConsultationRecorded(Part):
    """会商研判: the conclusion of a consultation."""

    type: Literal["consultation_recorded"] = "consultation_recorded"
    consultation: str
    place: str
    hazard: Hazard
    conclusion: str


class QuarantineReleased(Part):
    """A quarantined reading found to be real: the fold uses it from now on."""

    type: Literal["quarantine_released"] = "quarantine_released"
    event_id: str
    sensor_id: str
    occurred_at: Instant


class HeardBy(StrEnum):
    """How somebody was heard who could not confirm by his own phone."""

    RADIO = "radio"
    SATELLITE = "satellite"
    LANDLINE = "landline"
    DOOR = "door"


class AckVouched(Part):
    """
    A named user heard the post itself confirm: an acknowledgement of the strength `vouched`.

    *person* is who spoke, where that is known; *heard_at* is when, which may be long before the
    network lets it be recorded.
    """

    type: Literal["ack_vouched"] = "ack_vouched"
    callout_id: str
    post: str
    by: HeardBy
    heard_at: Instant
    person: str | None = None
    note: str = ""


class TaskResult(StrEnum):
    """What somebody who was sent came back with."""

    CONFIRMED = "confirmed"
    """The post was found and knows; that is a vouched acknowledgement."""
    NOBODY_THERE = "nobody_there"
    NOT_REACHED = "not_reached"


class TaskReported(Part):
    """The result of a task: of somebody who went to a door, or called by radio."""

    type: Literal["task_reported"] = "task_reported"
    task_id: str
    result: TaskResult
    note: str = ""


class ChannelReported(Part):
    """Phones are dead in an area, or work again: it is passed over, not counted as no answer."""

    type: Literal["channel_reported"] = "channel_reported"
    place: str
    channels: tuple[Literal["voice", "sms"], ...] = Field(min_length=1)
    works: bool
    why: str


FieldAct = AckVouched | TaskReported | ChannelReported
"""What the dispatcher carries out; the correlator only judges whether the role may."""

ActBody = Annotated[
    OrderIssued
    | OrderConfirmed
    | OrderRefused
    | OrderLifted
    | LevelRaised
    | LevelLowered
    | LevelConfirmed
    | ConsultationRecorded
    | QuarantineReleased
    | AckVouched
    | TaskReported
    | ChannelReported,
    Field(discriminator="type"),
]
