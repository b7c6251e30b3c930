"""
The practice telephone network without sockets, behind the dispatcher's `Telephony`.

It passes the contract tests of the adapter that speaks HTTP. Call-backs go straight to the
dispatcher's edge, with the same URLs and forms.
"""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from twilio.base.exceptions import TwilioRestException

from services.dispatcher.adapters.codes import Codes
from services.dispatcher.adapters.phone_book import PhoneBook
from services.dispatcher.adapters.twilio.account import TwilioAccount
from services.dispatcher.adapters.twilio.error_table import NO_NUMBER, remedies_for
from services.dispatcher.adapters.twilio.errors import ALREADY_OVER, refused, translate
from services.dispatcher.adapters.twilio.fields import Fields, call_fields, message_fields
from services.dispatcher.adapters.twilio.status import call_state, is_machine, message_state
from services.dispatcher.adapters.twilio.telephony import CLOCKS_DIFFER_BY
from services.dispatcher.adapters.twilio.urls import WebhookUrls
from services.dispatcher.domain.commands import PlaceCall, SendMessage
from services.dispatcher.entrypoints.twilio_edge import Answer, TwilioEdge
from services.dispatcher.ports import AnswerLostError, Seen, Text
from services.phones.domain.call import Call, CallStatus, Direction
from services.phones.domain.effects import Effect, FetchScript
from services.phones.domain.errors import AnswerLostError as PhonesAnswerLostError
from services.phones.domain.errors import RefusedError
from services.phones.domain.exchange import Exchange
from services.phones.domain.message import Message
from services.phones.entrypoints.in_process import InProcessPhones
from services.runtime.bus import BusUnavailableError
from services.runtime.clock import Clock

_FAILED = 300


class FakeTelephony:
    """Start it with `phones.start()`, and give it an edge before anything rings."""

    def __init__(
        self,
        exchange: Exchange,
        clock: Clock,
        account: TwilioAccount,
        phone_book: PhoneBook,
        urls: WebhookUrls,
        codes: Codes,
    ) -> None:
        self.phones = InProcessPhones(exchange, clock, account.account_sid, self._deliver)
        self.edge: TwilioEdge | None = None
        self._account = account
        self._phone_book = phone_book
        self._urls = urls
        self._codes = codes

    async def place_call(self, command: PlaceCall) -> str:
        number = self._number_of(command.contact)
        fields = call_fields(command, number, self._account, self._urls, self._codes)
        try:
            return self.phones.create_call(_form(fields)).sid
        except RefusedError as exc:
            raise _refusal(exc) from None
        except PhonesAnswerLostError:
            raise AnswerLostError("lost") from None

    async def send_message(self, command: SendMessage) -> str:
        number = self._number_of(command.contact)
        fields = message_fields(command, number, self._account, self._urls, self._codes)
        try:
            return self.phones.create_message(_form(fields)).sid
        except RefusedError as exc:
            raise _refusal(exc) from None
        except PhonesAnswerLostError:
            raise AnswerLostError("lost") from None

    async def end_call(self, provider_id: str, *, answered: bool) -> None:
        for status in ("completed", "canceled") if answered else ("canceled", "completed"):
            try:
                call = self.phones.update_call(provider_id, {"Status": status})
            except RefusedError as exc:
                if str(exc.code) not in ALREADY_OVER:
                    raise _refusal(exc) from None
            else:
                if call.status is not CallStatus.IN_PROGRESS:
                    return

    async def cancel_message(self, provider_id: str) -> None:
        try:
            self.phones.update_message(provider_id, {"Status": "canceled"})
        except RefusedError as exc:
            if str(exc.code) not in ALREADY_OVER:
                raise _refusal(exc) from None

    async def fetch(self, provider_id: str, *, voice: bool) -> Seen:
        try:
            if voice:
                return _seen_call(self.phones.fetch_call(provider_id))
            return _seen_message(self.phones.fetch_message(provider_id))
        except RefusedError as exc:
            raise _refusal(exc) from None

    async def list_to(
        self, contact: str, since: datetime, *, voice: bool, coded_for: str | None = None
    ) -> Sequence[Seen]:
        number = self._number_of(contact)
        earliest = since - CLOCKS_DIFFER_BY
        if voice:
            calls = [
                call
                for call in self.phones.list_calls()
                if call.to == number and call.created_at >= earliest
            ]
            return [_seen_call(call) for call in reversed(calls)]
        messages = [
            message
            for message in self.phones.list_messages()
            if message.to == number
            and message.created_at >= earliest
            and (coded_for is None or self._codes.is_in(message.body, coded_for))
        ]
        return [_seen_message(message) for message in reversed(messages)]

    async def calls_since(self, since: datetime, most: int) -> Sequence[Seen]:
        earliest = since - CLOCKS_DIFFER_BY
        calls = [call for call in self.phones.list_calls() if call.direction is Direction.OUTBOUND]
        return [_seen_call(call) for call in calls[:most] if call.created_at >= earliest]

    async def messages_since(self, since: datetime, most: int) -> Sequence[Seen]:
        earliest = since - CLOCKS_DIFFER_BY
        sent = [one for one in self.phones.list_messages() if one.direction is Direction.OUTBOUND]
        return [_seen_message(one) for one in sent[:most] if one.created_at >= earliest]

    async def texts_since(self, since: datetime, most: int) -> Sequence[Text]:
        earliest = since - CLOCKS_DIFFER_BY
        written = [one for one in self.phones.list_messages() if one.direction is Direction.INBOUND]
        recent = [one for one in written[:most] if one.created_at >= earliest]
        return [Text(one.sid, one.from_, one.body) for one in reversed(recent)]

    def _number_of(self, contact: str) -> str:
        number = self._phone_book.number_of(contact)
        if number is None:
            raise refused(NO_NUMBER)
        return number

    async def _deliver(self, effect: Effect) -> str | None:
        url = (
            urljoin(effect.base_url, effect.url) if isinstance(effect, FetchScript) else effect.url
        )
        try:
            answer = await self._ask(url, effect)
        except BusUnavailableError:
            return None
        return answer.script if answer.status < _FAILED else None

    async def _ask(self, url: str, effect: Effect) -> Answer:
        if self.edge is None:
            raise RuntimeError("the fake network has no edge to tell")
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        form = {name: [value] for name, value in effect.form.items()}
        match [unquote(part) for part in parts.path.split("/")[1:]]:
            case ["twilio", "voice", "inbound"]:
                return await self.edge.called_back(form)
            case ["twilio", "voice", attempt_id, step]:
                return await self.edge.voice(attempt_id, step, query, form)
            case ["twilio", "status", attempt_id]:
                return await self.edge.status(attempt_id, query, form)
            case ["twilio", "sms"]:
                return await self.edge.sms(form)
            case _:
                raise AssertionError(f"no such webhook: {parts.path}")


def _form(fields: Fields) -> dict[str, str | list[str]]:
    return {
        name: value if isinstance(value, list) else str(value) for name, value in fields.items()
    }


def _refusal(exc: RefusedError) -> Exception:
    return translate(TwilioRestException(exc.status, "", "", exc.code))


def _seen_call(call: Call) -> Seen:
    progress, outcome = call_state(call.status.value)
    return Seen(call.sid, progress, outcome, machine=is_machine(call.answered_by or ""))


def _seen_message(message: Message) -> Seen:
    progress, outcome = message_state(message.status.value)
    code = str(message.error_code) if message.error_code is not None else None
    return Seen(message.sid, progress, outcome, code, remedies_for(code))
