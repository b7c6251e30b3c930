"""
A call as the carrier knows it: its states, its resource and the facts every webhook about it carries.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from math import ceil

API_VERSION = "2010-04-01"


class CallStatus(StrEnum):
    """
    The carrier's states of a call.

    `completed` only says that the line was closed after somebody, or something, had answered.
    """

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        """Nothing follows this state."""
        return self in _FINAL

    @property
    def event(self) -> "CallEvent":
        """The name under which `StatusCallbackEvent` asks for this state."""
        return _EVENTS.get(self, CallEvent.COMPLETED)


class CallEvent(StrEnum):
    """What `StatusCallbackEvent` may name; every final state comes as `completed`."""

    INITIATED = "initiated"
    RINGING = "ringing"
    ANSWERED = "answered"
    COMPLETED = "completed"


_FINAL = frozenset(
    {
        CallStatus.COMPLETED,
        CallStatus.BUSY,
        CallStatus.FAILED,
        CallStatus.NO_ANSWER,
        CallStatus.CANCELED,
    }
)
_EVENTS = {
    CallStatus.INITIATED: CallEvent.INITIATED,
    CallStatus.RINGING: CallEvent.RINGING,
    CallStatus.IN_PROGRESS: CallEvent.ANSWERED,
}


class Direction(StrEnum):
    """Who rang whom, as the carrier says it."""

    OUTBOUND = "outbound-api"
    INBOUND = "inbound"


@dataclass(frozen=True, slots=True)
class Call:
    """One call at one instant; each change makes a new value."""

    sid: str
    account_sid: str
    to: str
    from_: str
    direction: Direction
    status: CallStatus
    created_at: datetime
    updated_at: datetime
    status_callback: str = ""
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    error_code: int | None = None
    sip_code: int | None = None
    answered_by: str | None = None

    @property
    def number(self) -> str:
        """The number of the person, whoever rang."""
        return self.from_ if self.direction is Direction.INBOUND else self.to

    @property
    def api_status(self) -> CallStatus:
        """The state as the API tells it, which has no word for `initiated`."""
        return CallStatus.QUEUED if self.status is CallStatus.INITIATED else self.status

    @property
    def duration_s(self) -> int | None:
        """Started seconds between answer and end; None while it lasts or if nobody answered."""
        if self.ended_at is None or self.answered_at is None:
            return None
        return ceil((self.ended_at - self.answered_at).total_seconds())

    @property
    def queued_for(self) -> timedelta:
        """How long the carrier kept it waiting for a line or a start."""
        return (self.started_at or self.updated_at) - self.created_at


def webhook_form(call: Call) -> dict[str, str]:
    """Return the parameters that every request about *call* carries."""
    return {
        "AccountSid": call.account_sid,
        "ApiVersion": API_VERSION,
        "CallSid": call.sid,
        "CallStatus": call.status.value,
        "Called": call.to,
        "Caller": call.from_,
        "Direction": call.direction.value,
        "From": call.from_,
        "To": call.to,
    }


def status_form(call: Call, sequence: int, now: datetime) -> dict[str, str]:
    """Return the parameters of a status call-back; *sequence* grows with each one of a call."""
    form = webhook_form(call) | {
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence),
        "Timestamp": format_datetime(now.replace(microsecond=0)),
    }
    if call.status.is_final:
        seconds = call.duration_s or 0
        form["CallDuration"] = str(seconds)
        form["Duration"] = str(ceil(seconds / 60))
    if call.sip_code is not None:
        form["SipResponseCode"] = str(call.sip_code)
    if call.error_code is not None:
        form["ErrorCode"] = str(call.error_code)
    return form
