"""
What a request form asks for, or the carrier's reason to refuse it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from services.phones.domain.call import CallEvent
from services.phones.domain.errors import Code, RefusedError
from services.phones.domain.leg import CallOrder

Form = Mapping[str, Sequence[str]]
"""A form as it was posted: a name may come several times."""

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_URL = re.compile(r"https?://[^\s/]+", re.IGNORECASE)
_DETECTIONS = frozenset({"Enable", "DetectMessageEnd"})
_MAX_TWIML, _MAX_BODY, _MAX_TIMEOUT_S, _MAX_LIMIT_S = 4000, 1600, 600, 86_400


def call_parties(form: Form) -> tuple[str, str]:
    """Return who is to be called, and from which number."""
    to, from_ = one(form, "To"), one(form, "From")
    if not to:
        raise RefusedError(Code.NO_TO, "No 'To' number is specified")
    if not _E164.fullmatch(to):
        raise RefusedError(Code.BAD_TO, "The 'To' number is not a valid phone number")
    if not from_:
        raise RefusedError(Code.NO_FROM, "No 'From' number is specified")
    if not _E164.fullmatch(from_):
        raise RefusedError(Code.BAD_FROM, "The 'From' number is not a valid phone number")
    return to, from_


def call_order(form: Form) -> CallOrder:
    """Return what is to be said in the call and told about it."""
    url, twiml = one(form, "Url"), one(form, "Twiml")
    if not twiml and not _URL.match(url):
        raise RefusedError(Code.BAD_URL, "Url parameter is required and must be a valid URL")
    if len(twiml) > _MAX_TWIML:
        raise RefusedError(Code.BAD_REQUEST, "The Twiml parameter exceeds 4000 characters")
    status_callback = one(form, "StatusCallback")
    if status_callback and not _URL.match(status_callback):
        raise RefusedError(Code.BAD_URL, "StatusCallback is not a valid URL")
    amd_callback = one(form, "AsyncAmdStatusCallback") if one(form, "AsyncAmd") == "true" else ""
    return CallOrder(
        url=url,
        method=_method(form, "Method"),
        twiml=twiml,
        fallback_url=one(form, "FallbackUrl"),
        fallback_method=_method(form, "FallbackMethod"),
        status_callback=status_callback,
        status_callback_method=_method(form, "StatusCallbackMethod"),
        events=_events(form),
        timeout=_span(form, "Timeout", 60, _MAX_TIMEOUT_S),
        time_limit=_span(form, "TimeLimit", 14_400, _MAX_LIMIT_S),
        detects_machines=one(form, "MachineDetection") in _DETECTIONS,
        amd_callback=amd_callback,
    )


def message_fields(form: Form) -> Mapping[str, str]:
    """Return the fields of a message that may be sent."""
    fields = {name: one(form, name) for name in form}
    if not fields.get("To"):
        raise RefusedError(Code.NO_MESSAGE_TO, "A 'To' phone number is required")
    if not _E164.fullmatch(fields["To"]):
        raise RefusedError(Code.BAD_TO, "The 'To' number is not a valid phone number")
    if not (fields.get("From") or fields.get("MessagingServiceSid")):
        raise RefusedError(Code.NO_MESSAGE_FROM, "A 'From' phone number is required")
    if not fields.get("Body"):
        raise RefusedError(Code.NO_BODY, "Message body is required")
    if len(fields["Body"]) > _MAX_BODY:
        raise RefusedError(Code.BODY_TOO_LONG, "The message body exceeds the 1600 character limit")
    return fields


def one(form: Form, name: str) -> str:
    """Return the last value under *name*, or nothing."""
    values = form.get(name)
    return values[-1] if values else ""


def _method(form: Form, name: str) -> str:
    return "GET" if one(form, name).upper() == "GET" else "POST"


def _events(form: Form) -> frozenset[CallEvent]:
    named = " ".join(form.get("StatusCallbackEvent", ())).split()
    known = frozenset(event for event in CallEvent if event.value in named)
    return known or frozenset({CallEvent.COMPLETED})


def _span(form: Form, name: str, default: int, most: int) -> timedelta:
    given = one(form, name)
    if not given:
        return timedelta(seconds=default)
    if not given.isdecimal() or not 1 <= int(given) <= most:
        raise RefusedError(Code.BAD_REQUEST, f"{name} must be between 1 and {most}")
    return timedelta(seconds=int(given))
