"""What we ask of the carrier: the fields of a call and of a message, under the API's own names."""

from math import ceil

from services.dispatcher.adapters.codes import Codes
from services.dispatcher.adapters.twilio.account import TwilioAccount
from services.dispatcher.adapters.twilio.twiml import ScriptError, speak_along
from services.dispatcher.adapters.twilio.urls import WebhookUrls
from services.dispatcher.adapters.url_mac import UrlKind
from services.dispatcher.domain.commands import PlaceCall, SendMessage

Fields = dict[str, str | int | list[str]]

_EVENTS = ["initiated", "ringing", "answered", "completed"]
_LONGEST_RING_S = 600
_LONGEST_CALL_S = 14_400
_LONGEST_VALIDITY_S = 36_000
FIRST_STEP = 0


def call_fields(
    command: PlaceCall, number: str, account: TwilioAccount, urls: WebhookUrls, codes: Codes
) -> Fields:
    """Return the fields of the request for a call. Raises ScriptError for words that cannot go along."""
    fields: Fields = {
        "To": number,
        "From": account.from_number,
        "Timeout": _bounded(command.ring_timeout.total_seconds(), _LONGEST_RING_S),
        "TimeLimit": _bounded(account.call_limit.total_seconds(), _LONGEST_CALL_S),
    }
    if not account.webhooks:
        if command.script is None:
            raise ScriptError("a call without webhooks says what goes along with it")
        return fields | {"Twiml": speak_along(command.script, command.attempt_id, codes)}
    status_url = urls.status(command.attempt_id)
    fields |= {
        "Url": urls.voice(command.attempt_id, FIRST_STEP, UrlKind.BEGIN),
        "Method": "POST",
        "StatusCallback": status_url,
        "StatusCallbackMethod": "POST",
        "StatusCallbackEvent": _EVENTS,
    }
    if account.fallback_url:
        fields["FallbackUrl"] = account.fallback_url
    if account.machine_detection:
        # Asynchronous: a human must not wait in silence while the carrier makes up its mind.
        fields |= {
            "MachineDetection": "Enable",
            "AsyncAmd": "true",
            "AsyncAmdStatusCallback": status_url,
        }
    return fields


def message_fields(
    command: SendMessage, number: str, account: TwilioAccount, urls: WebhookUrls, codes: Codes
) -> Fields:
    """Return the fields of the request for a message."""
    fields: Fields = {
        "To": number,
        "Body": codes.write_into(command.text, command.attempt_id),
        # A warning that waits longer than its rung would arrive after the next one, or the release.
        "ValidityPeriod": _bounded(command.valid_for.total_seconds(), _LONGEST_VALIDITY_S),
    }
    if account.webhooks:
        fields["StatusCallback"] = urls.status(command.attempt_id)
    if account.messaging_service_sid:
        fields["MessagingServiceSid"] = account.messaging_service_sid
    else:
        fields["From"] = account.from_number
    return fields


def _bounded(seconds: float, most: int) -> int:
    return min(max(ceil(seconds), 1), most)
