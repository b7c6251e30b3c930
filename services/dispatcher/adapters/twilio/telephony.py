"""The telephone network behind the vendor's API: contacts become numbers here and nowhere else."""

import re
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from twilio.base import values
from twilio.rest.api.v2010.account.call import CallInstance
from twilio.rest.api.v2010.account.message import MessageInstance

from services.dispatcher.adapters.codes import Codes
from services.dispatcher.adapters.phone_book import PhoneBook
from services.dispatcher.adapters.twilio.account import TwilioAccount
from services.dispatcher.adapters.twilio.client import CarrierHttp, build_client
from services.dispatcher.adapters.twilio.error_table import NO_NUMBER, remedies_for
from services.dispatcher.adapters.twilio.errors import ALREADY_OVER, refused, translate
from services.dispatcher.adapters.twilio.fields import Fields, call_fields, message_fields
from services.dispatcher.adapters.twilio.status import call_state, is_machine, message_state
from services.dispatcher.adapters.twilio.urls import WebhookUrls
from services.dispatcher.domain.commands import PlaceCall, SendMessage
from services.dispatcher.ports import AnswerLostError, CarrierRefusedError, Seen, Text

T = TypeVar("T")

CLOCKS_DIFFER_BY = timedelta(minutes=5)
"""
The carrier's times are whole seconds of its own clock, and ours may have been set meanwhile: to
miss a call that it took would ring somebody twice, while one that is known is never taken for it.
"""
_NEWEST = 50  # one page; a contact is not tried as often as that within a reconcile window
_IN_PROGRESS = "in-progress"


class TwilioTelephony:
    """Implements `Telephony` over HTTP; `aclose` it when no more requests will come."""

    def __init__(
        self, account: TwilioAccount, phone_book: PhoneBook, urls: WebhookUrls, codes: Codes
    ) -> None:
        self._account = account
        self._phone_book = phone_book
        self._urls = urls
        self._codes = codes
        self._http = CarrierHttp(account)
        self._client = build_client(account, self._http)

    @property
    def in_flight(self) -> int:
        """How many requests are under way."""
        return self._http.in_flight

    async def aclose(self) -> None:
        """Close the connections to the carrier."""
        await self._http.aclose()

    async def place_call(self, command: PlaceCall) -> str:
        """Ask for the call and return its id."""
        number = self._number_of(command.contact)
        fields = call_fields(command, number, self._account, self._urls, self._codes)
        created: CallInstance = await _ask(self._client.calls.create_async(**_keywords(fields)))
        return _id_of(created)

    async def send_message(self, command: SendMessage) -> str:
        """Ask for the message, the code written into it, and return its id."""
        number = self._number_of(command.contact)
        fields = message_fields(command, number, self._account, self._urls, self._codes)
        create = self._client.messages.create_async(**_keywords(fields))
        created: MessageInstance = await _ask(create)
        return _id_of(created)

    async def end_call(self, provider_id: str, *, answered: bool) -> None:
        """
        Cancel a call that nobody has answered, complete one that somebody has.

        We may be behind the carrier: what proves to be the wrong one is followed by the other.
        """
        for status in ("completed", "canceled") if answered else ("canceled", "completed"):
            try:
                call = await _ask(self._client.calls(provider_id).update_async(status=status))
            except CarrierRefusedError as exc:
                if exc.code not in ALREADY_OVER:
                    raise
            else:
                # The carrier takes `canceled` for a call in progress, and leaves it alone.
                if str(call.status) != _IN_PROGRESS:
                    return

    async def cancel_message(self, provider_id: str) -> None:
        """Cancel a message that has not left the carrier."""
        try:
            await _ask(self._client.messages(provider_id).update_async(status="canceled"))
        except CarrierRefusedError as exc:
            if exc.code not in ALREADY_OVER:
                raise

    async def fetch(self, provider_id: str, *, voice: bool) -> Seen:
        """Return how the call or message stands."""
        if voice:
            return _seen_call(await _ask(self._client.calls(provider_id).fetch_async()))
        return _seen_message(await _ask(self._client.messages(provider_id).fetch_async()))

    async def list_to(
        self, contact: str, since: datetime, *, voice: bool, coded_for: str | None = None
    ) -> Sequence[Seen]:
        """
        Return what went to *contact* since *since*, oldest first.

        The list is filtered here: asked by start time, the carrier leaves out what is still queued.
        """
        number = self._number_of(contact)
        earliest = since - CLOCKS_DIFFER_BY
        if voice:
            calls = await _ask(
                self._client.calls.list_async(
                    to=number, from_=self._account.from_number, limit=_NEWEST
                )
            )
            recent = [call for call in calls if _is_after(call.date_created, earliest)]
            return [_seen_call(call) for call in reversed(recent)]
        messages = await _ask(self._client.messages.list_async(to=number, limit=_NEWEST))
        sent = [
            one
            for one in messages
            if _is_after(one.date_created, earliest)
            and (coded_for is None or self._codes.is_in(one.body or "", coded_for))
        ]
        return [_seen_message(message) for message in reversed(sent)]

    async def calls_since(self, since: datetime, most: int) -> Sequence[Seen]:
        """Return the newest of our calls since *since*, *most* at most."""
        calls = await _ask(
            self._client.calls.list_async(from_=self._account.from_number, limit=most)
        )
        earliest = since - CLOCKS_DIFFER_BY
        return [_seen_call(call) for call in calls if _is_after(call.date_created, earliest)]

    async def messages_since(self, since: datetime, most: int) -> Sequence[Seen]:
        """Return the newest messages we sent since *since*, *most* at most."""
        messages = await _ask(self._client.messages.list_async(from_=self._ours, limit=most))
        earliest = since - CLOCKS_DIFFER_BY
        return [
            _seen_message(one)
            for one in messages
            if not _is_inbound(one) and _is_after(one.date_created, earliest)
        ]

    async def texts_since(self, since: datetime, most: int) -> Sequence[Text]:
        """Return the newest texts that people sent us since *since*, *most* at most, oldest first."""
        messages = await _ask(
            self._client.messages.list_async(
                to=self._ours, date_sent_after=since - CLOCKS_DIFFER_BY, limit=most
            )
        )
        return [
            Text(str(one.sid), str(one.from_), str(one.body))
            for one in reversed(messages)
            if _is_inbound(one)
        ]

    @property
    def _ours(self) -> str | object:
        # A messaging service sends from, and is written to, whichever of its numbers it likes.
        return values.unset if self._account.messaging_service_sid else self._account.from_number

    def _number_of(self, contact: str) -> str:
        number = self._phone_book.number_of(contact)
        if number is None:
            raise refused(NO_NUMBER)
        return number


async def _ask(work: Coroutine[Any, Any, T]) -> T:
    try:
        return await work
    except Exception as exc:  # noqa: BLE001 - whatever broke after sending, the phone may ring
        error = translate(exc)
    # Outside of the handler, so that no traceback carries the vendor's text, which names numbers.
    raise error


def _keywords(fields: Fields) -> dict[str, Any]:
    return {_keyword(name): value for name, value in fields.items()}


def _keyword(name: str) -> str:
    # The vendor's client writes StatusCallback as status_callback, and From as from_.
    return "from_" if name == "From" else re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _id_of(created: CallInstance | MessageInstance) -> str:
    if not created.sid:
        raise AnswerLostError("the carrier's answer has no id")
    return created.sid


def _seen_call(call: CallInstance) -> Seen:
    progress, outcome = call_state(str(call.status))
    machine = is_machine(call.answered_by or "")
    return Seen(str(call.sid), progress, outcome, machine=machine)


def _seen_message(message: MessageInstance) -> Seen:
    progress, outcome = message_state(str(message.status))
    code = str(message.error_code) if message.error_code else None
    return Seen(str(message.sid), progress, outcome, code, remedies_for(code))


def _is_inbound(message: MessageInstance) -> bool:
    return str(message.direction) == "inbound"


def _is_after(created_at: object, earliest: datetime) -> bool:
    if not isinstance(created_at, datetime):
        return True  # so fresh that the carrier has not dated it
    aware = created_at if created_at.tzinfo else created_at.replace(tzinfo=UTC)
    return aware >= earliest
