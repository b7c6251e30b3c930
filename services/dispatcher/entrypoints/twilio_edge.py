"""
What the carrier asks and tells, judged and handed to the dispatcher; and the words to answer with.

Nothing here knows HTTP: the webhooks call it, and so does a test's network without sockets.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import structlog

from services.dispatcher.adapters.codes import Codes
from services.dispatcher.adapters.phone_book import PhoneBook
from services.dispatcher.adapters.store_alarm import PREFIX as FAULT
from services.dispatcher.adapters.twilio.error_table import remedies_for
from services.dispatcher.adapters.twilio.status import call_state, is_machine, message_state
from services.dispatcher.adapters.twilio.twiml import TwimlWriter, speak
from services.dispatcher.adapters.twilio.urls import WebhookUrls
from services.dispatcher.adapters.url_mac import UrlKind, UrlMac
from services.dispatcher.domain.calls.call_state import Progress
from services.dispatcher.domain.inputs import (
    AttemptSeen,
    CalledBack,
    CallHeard,
    Heard,
    SmsReceived,
)
from services.dispatcher.entrypoints.answers import heard_code, heard_key, read_sms
from services.dispatcher.entrypoints.twilio_forms import Form, one
from services.dispatcher.ports import Dispatch, Text
from services.district.domain.policy import MAIN

Query = Mapping[str, str]
NO_CONTENT: Final = 204
FORBIDDEN: Final = 403
BAD_REQUEST: Final = 400
_NO_REPLY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_STRANGER = "您好，这里是应急叫应系统。您的号码不在责任人名单中。报告险情请拨打一二三五零。再见。"
_NOTHING_OPEN = "您好，本次叫应已经结束，目前没有需要您确认的事项。再见。"
_STATUS_STEP = "0"
_MOST_DIGITS = 9
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the carrier gets: an HTTP status and, where it asked for words, a script."""

    status: int
    script: str = ""


def inbound_attempt_id(provider_id: str) -> str:
    """
    Return the attempt id of the incoming call *provider_id*.

    It hangs on nothing else, so that the same call told twice is one call.
    """
    return f"in_{hashlib.sha256(provider_id.encode()).hexdigest()[:26]}"


class TwilioEdge:
    """
    Answers the carrier. Raises BusUnavailableError when what it told could not be kept.

    *sms_attempts* names the SMS attempts a contact was recently sent, newest first; *store_fault* is
    what the duty officer hears when nothing can be stored; *accounts* are the names of our accounts
    by the carrier's ids for them.
    """

    def __init__(
        self,
        dispatch: Dispatch,
        codes: Codes,
        mac: UrlMac,
        urls: WebhookUrls,
        phone_book: PhoneBook,
        sms_attempts: Callable[[str], Sequence[str]],
        store_fault: str,
        accounts: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._dispatch = dispatch
        self._codes = codes
        self._mac = mac
        self._writer = TwimlWriter(urls, codes)
        self._phone_book = phone_book
        self._sms_attempts = sms_attempts
        self._store_fault = store_fault
        self._accounts = accounts

    async def voice(self, attempt_id: str, step: str, query: Query, form: Form) -> Answer:
        """The call of *attempt_id* asks what to say, or brings what was pressed at *step*."""
        kind = query.get("kind", "")
        if kind == UrlKind.STATUS or not self._is_ours(attempt_id, step, query):
            return _refused("voice")
        if attempt_id.startswith(FAULT):
            return Answer(200, speak(self._store_fault))  # nothing can be stored: nothing is asked
        heard = self._heard(attempt_id, UrlKind(kind), one(form, "Digits"))
        told = CallHeard(attempt_id, int(step), heard, one(form, "CallSid") or None)
        script = await self._dispatch.tell(told)
        if script is None:
            return Answer(200, speak(_NOTHING_OPEN))
        return Answer(200, self._writer.write(script, attempt_id))

    async def status(self, attempt_id: str, query: Query, form: Form) -> Answer:
        """The carrier tells how the call or message of *attempt_id* stands."""
        is_status = query.get("kind") == UrlKind.STATUS
        if not is_status or not self._is_ours(attempt_id, _STATUS_STEP, query):
            return _refused("status")
        seen = _seen(attempt_id, form)
        if seen is None:
            return Answer(BAD_REQUEST)
        await self._dispatch.tell(seen)
        return Answer(NO_CONTENT)

    async def sms(self, form: Form) -> Answer:
        """Somebody wrote to us."""
        provider_id = one(form, "MessageSid") or one(form, "SmsSid")
        if not provider_id:
            return Answer(BAD_REQUEST)
        await self.text(Text(provider_id, one(form, "From"), one(form, "Body")))
        return Answer(200, _NO_REPLY)

    async def text(self, text: Text) -> None:
        """Judge what somebody wrote, and tell it; the code in it goes no further."""
        contact = self._phone_book.contact_of(text.number)
        if contact is None:
            _log.info("sms_from_stranger", provider_id=text.provider_id)
            return
        attempt_ids = self._sms_attempts(contact)
        answer, attempt_id = read_sms(text.body, self._codes, attempt_ids)
        await self._dispatch.tell(SmsReceived(contact, answer, text.provider_id, attempt_id))

    async def called_back(self, form: Form) -> Answer:
        """Somebody rings us."""
        contact = self._phone_book.contact_of(one(form, "From"))
        provider_id = one(form, "CallSid")
        if not provider_id:
            return Answer(BAD_REQUEST)
        if contact is None:
            _log.info("call_from_stranger", provider_id=provider_id)
            return Answer(200, speak(_STRANGER))
        attempt_id = inbound_attempt_id(provider_id)
        account = self._accounts.get(one(form, "AccountSid"), MAIN)
        script = await self._dispatch.tell(CalledBack(contact, provider_id, attempt_id, account))
        if script is None:
            return Answer(200, speak(_NOTHING_OPEN))
        return Answer(200, self._writer.write(script, attempt_id))

    def _is_ours(self, attempt_id: str, step: str, query: Query) -> bool:
        return self._mac.is_valid(
            attempt_id, step, query.get("kind", ""), query.get("exp", ""), query.get("mac", "")
        )

    def _heard(self, attempt_id: str, kind: UrlKind, digits: str) -> Heard:
        if kind is UrlKind.MENU:
            return heard_key(digits)
        if kind is UrlKind.CODE:
            return heard_code(self._codes, attempt_id, digits)
        return Heard.ANSWERED


def _seen(attempt_id: str, form: Form) -> AttemptSeen | None:
    call_sid = one(form, "CallSid")
    provider_id = call_sid or one(form, "MessageSid") or one(form, "SmsSid")
    status = one(form, "CallStatus" if call_sid else "MessageStatus")
    answered_by = one(form, "AnsweredBy")
    if call_sid and status:
        progress, outcome = call_state(status)
    elif call_sid and answered_by:
        # The machine detection's own call-back carries no state: it says only who answered.
        progress, outcome = Progress.ANSWERED, None
    elif provider_id and status:
        progress, outcome = message_state(status)
    else:
        return None
    sequence = one(form, "SequenceNumber")
    code = one(form, "ErrorCode")
    return AttemptSeen(
        attempt_id,
        provider_id,
        progress,
        outcome,
        sequence=int(sequence) if sequence.isdecimal() and len(sequence) <= _MOST_DIGITS else None,
        code=code or None,
        answered_by_machine=is_machine(answered_by),
        remedies=remedies_for(code, one(form, "SipResponseCode")),
    )


def _refused(where: str) -> Answer:
    _log.warning("webhook_refused", where=where, reason="url_not_ours")
    return Answer(FORBIDDEN)
