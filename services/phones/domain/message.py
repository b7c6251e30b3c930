"""
A text message as the carrier knows it: its states, its resource and its webhooks.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.phones.domain.call import API_VERSION, Direction

_GSM_SEGMENT, _GSM_PART = 160, 153
_UCS2_SEGMENT, _UCS2_PART = 70, 67
_LAST_ASCII = 127


class MessageStatus(StrEnum):
    """The carrier's states of a message; `sent` is not `delivered`, and some networks never say."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class Message:
    """One message at one instant; each change makes a new value."""

    sid: str
    account_sid: str
    to: str
    from_: str
    body: str
    direction: Direction
    status: MessageStatus
    created_at: datetime
    updated_at: datetime
    status_callback: str = ""
    sent_at: datetime | None = None
    error_code: int | None = None
    messaging_service_sid: str | None = None

    @property
    def number(self) -> str:
        """The number of the person, whoever wrote."""
        return self.from_ if self.direction is Direction.INBOUND else self.to


def segments(body: str) -> int:
    """Return how many segments are charged: Chinese has 70 signs in one, 67 in each of several."""
    plain = all(ord(sign) <= _LAST_ASCII for sign in body)
    whole, part = (_GSM_SEGMENT, _GSM_PART) if plain else (_UCS2_SEGMENT, _UCS2_PART)
    return 1 if len(body) <= whole else -(-len(body) // part)


def message_form(message: Message) -> dict[str, str]:
    """Return the parameters of a status call-back, or of the webhook for a received message."""
    form = {
        "AccountSid": message.account_sid,
        "ApiVersion": API_VERSION,
        "From": message.from_,
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": message.status.value,
        "To": message.to,
    }
    if message.direction is Direction.INBOUND:
        return form | {
            "Body": message.body,
            "NumMedia": "0",
            "NumSegments": str(segments(message.body)),
            "SmsMessageSid": message.sid,
        }
    form["MessageStatus"] = message.status.value
    if message.error_code is not None:
        form["ErrorCode"] = str(message.error_code)
    return form
