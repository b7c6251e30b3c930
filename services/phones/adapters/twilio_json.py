"""
Calls, messages, lists and errors in the carrier's JSON, field for field.
"""

from datetime import datetime
from email.utils import format_datetime
from typing import Any

from services.phones.domain.call import API_VERSION, Call, Direction
from services.phones.domain.errors import RefusedError
from services.phones.domain.message import Message, segments

_CALL_PARTS = (
    "notifications",
    "recordings",
    "payments",
    "events",
    "siprec",
    "streams",
    "transcriptions",
    "user_defined_message_subscriptions",
    "user_defined_messages",
)
_CALL_NULLS = (
    "caller_name",
    "forwarded_from",
    "group_sid",
    "parent_call_sid",
    "phone_number_sid",
    "price",
    "trunk_sid",
)
_ERROR_TEXTS = {30003: "Unreachable destination handset", 30005: "Unknown destination handset"}


def call_json(call: Call) -> dict[str, Any]:
    """Return the Call resource."""
    uri = f"/{API_VERSION}/Accounts/{call.account_sid}/Calls/{call.sid}"
    return dict.fromkeys(_CALL_NULLS) | {
        "account_sid": call.account_sid,
        "answered_by": call.answered_by,
        "api_version": API_VERSION,
        "date_created": _date(call.created_at),
        "date_updated": _date(call.updated_at),
        "direction": call.direction.value,
        "duration": None if call.duration_s is None else str(call.duration_s),
        "end_time": _date(call.ended_at),
        "from": call.from_,
        "from_formatted": call.from_,
        "price_unit": "USD",
        "queue_time": str(round(call.queued_for.total_seconds() * 1000)),
        "sid": call.sid,
        "start_time": _date(call.started_at),
        "status": call.api_status.value,
        "subresource_uris": {part: f"{uri}/{_camel(part)}.json" for part in _CALL_PARTS},
        "to": call.to,
        "to_formatted": call.to,
        "uri": f"{uri}.json",
    }


def message_json(message: Message) -> dict[str, Any]:
    """Return the Message resource."""
    uri = f"/{API_VERSION}/Accounts/{message.account_sid}/Messages/{message.sid}"
    code = message.error_code
    return {
        "account_sid": message.account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": _date(message.created_at),
        "date_sent": _date(
            message.created_at if message.direction is Direction.INBOUND else message.sent_at
        ),
        "date_updated": _date(message.updated_at),
        "direction": message.direction.value,
        "error_code": code,
        "error_message": _ERROR_TEXTS.get(code, "Unknown error") if code else None,
        "from": message.from_ or None,
        "messaging_service_sid": message.messaging_service_sid,
        "num_media": "0",
        "num_segments": str(segments(message.body)),
        "price": None,
        "price_unit": None,
        "sid": message.sid,
        "status": message.status.value,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }


def error_json(error: RefusedError) -> dict[str, Any]:
    """Return the body of a refusal."""
    return {
        "code": error.code,
        "message": error.message,
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }


def _date(instant: datetime | None) -> str | None:
    return None if instant is None else format_datetime(instant.replace(microsecond=0))


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
