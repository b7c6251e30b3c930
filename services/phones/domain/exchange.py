"""
The telephone exchange: a pure, seeded simulation of a carrier and of the people it rings.

Each input takes *now*, first lets everything happen that was due before it, and may leave effects;
`advance` does the same without an input and hands the effects over. The same seed and the same
inputs at the same instants give the same history, call for call and key for key.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from services.phones.domain import twiml
from services.phones.domain.account import Account, Tempo
from services.phones.domain.call import Call, CallStatus
from services.phones.domain.callbacks import Callbacks
from services.phones.domain.crowd import Crowd
from services.phones.domain.detection import Detection
from services.phones.domain.effects import Effect
from services.phones.domain.errors import (
    AnswerLostError,
    Code,
    LostAnswer,
    RefusedError,
    not_found,
)
from services.phones.domain.faults import Faults, Resource
from services.phones.domain.handsets import Handsets
from services.phones.domain.leg import Leg
from services.phones.domain.message import Message
from services.phones.domain.person import Person
from services.phones.domain.playback import Playback
from services.phones.domain.record import Record
from services.phones.domain.request import Form, call_order, call_parties, message_fields, one
from services.phones.domain.state import State
from services.phones.domain.texting import Texting
from services.phones.domain.voice import Voice

R = TypeVar("R")

_STRANGER = Person(number="")


class Exchange:
    """One carrier with its accounts and one town of people."""

    def __init__(
        self,
        accounts: Iterable[Account],
        *,
        seed: str,
        start: datetime,
        people: Iterable[Person] = (),
        default: Person = _STRANGER,
        tempo: Tempo | None = None,
    ) -> None:
        self.people: dict[str, Person] = {person.number: person for person in people}
        self._default = default
        self.seed = seed
        self._accounts = {account.sid: account for account in accounts}
        self._state = State(seed, self._accounts, self.person_of, tempo or Tempo(), start)
        callbacks = Callbacks(self._state)
        self._voice = Voice(self._state, callbacks, self)
        self._texting = Texting(self._state, callbacks)
        self._crowd = Crowd(
            self._state,
            answer=self._voice.answer,
            press=lambda leg, key: self._playback.press(leg, key),  # noqa: PLW0108 - made below
            hang_up=self._voice.hang_up,
            ring_back=lambda leg: self.handsets.ring_back(leg),  # noqa: PLW0108 - made below
            write=self._written,
        )
        self._detection = Detection(self._state, self._voice, callbacks)
        self._playback = Playback(self._state, self._voice, self._crowd)
        self.handsets = Handsets(
            self._state, self._voice, self._playback, self._crowd, self._texting
        )

    @property
    def record(self) -> Record:
        """Everything that happened so far."""
        return self._state.record

    @property
    def faults(self) -> Faults:
        """What goes wrong from now on; change it at will."""
        return self._state.faults

    @property
    def accounts(self) -> Mapping[str, Account]:
        """The accounts by their identifier."""
        return self._accounts

    @property
    def calls(self) -> Mapping[str, Call]:
        """Every call there ever was, oldest first."""
        return self._voice.calls

    @property
    def messages(self) -> Mapping[str, Message]:
        """Every message there ever was, oldest first."""
        return self._texting.messages

    @property
    def everybody_is_manual(self) -> bool:
        """Every call from now on waits for a human at the page."""
        return self._voice.everybody_is_manual

    def point_account(self, sid: str, *, voice_url: str, sms_url: str) -> None:
        """Say where the account is rung and written to, once its server has an address."""
        self._accounts[sid] = replace(self._accounts[sid], voice_url=voice_url, sms_url=sms_url)

    def person_of(self, number: str) -> Person:
        """Return who has *number*; a number that nobody listed has the default person."""
        return self.people.get(number) or replace(self._default, number=number)

    def live_leg(self, number: str) -> Leg | None:
        """Return the call that rings or is talked in at *number*, or None."""
        return self._voice.live_leg(number)

    def next_due(self) -> datetime | None:
        """Return when something happens next by itself, or None while all is at rest."""
        return self._state.agenda.next_due()

    def advance(self, now: datetime) -> list[Effect]:
        """Let everything happen that is due at *now*; return what is to be done outside."""
        self._state.run_to(now)
        effects, self._state.effects = self._state.effects, []
        return effects

    def create_call(self, account_sid: str, form: Form, now: datetime) -> Call:
        """
        Accept a call and return it as queued.

        Raises RefusedError when nothing was done, AnswerLostError when it was and a fault hides it.
        """
        self._state.run_to(now)
        to, from_ = call_parties(form)
        order = call_order(form)
        lost = self.faults.on_create(Resource.CALLS)
        return _unless_lost(self._voice.place(account_sid, to, from_, order), lost)

    def update_call(self, account_sid: str, sid: str, form: Form, now: datetime) -> Call:
        """
        Cancel, complete or redirect a call.

        `canceled` ends what is queued or rings and leaves a conversation alone; `completed` ends both.
        """
        call = self.call(account_sid, sid, now)
        leg = self._voice.legs.get(sid)
        if leg is None:
            raise RefusedError(
                Code.CALL_NOT_IN_PROGRESS, "Call is not in-progress. Cannot redirect."
            )
        wanted, in_progress = one(form, "Status"), call.status is CallStatus.IN_PROGRESS
        if wanted == CallStatus.COMPLETED.value and in_progress:
            self._voice.end(leg)
        elif wanted in (CallStatus.CANCELED.value, CallStatus.COMPLETED.value) and not in_progress:
            self._voice.end(leg, CallStatus.CANCELED)
        elif wanted not in ("", CallStatus.CANCELED.value):
            raise RefusedError(Code.BAD_REQUEST, "Status must be canceled or completed")
        elif not wanted:
            self._redirect(leg, form)
        return self._voice.calls[sid]

    def call(self, account_sid: str, sid: str, now: datetime) -> Call:
        """Return one call as it is at *now*. Raises RefusedError 20404."""
        self._state.run_to(now)
        call = self._voice.calls.get(sid)
        if call is None or call.account_sid != account_sid:
            raise not_found(f"/2010-04-01/Accounts/{account_sid}/Calls/{sid}.json")
        return call

    def list_calls(self, account_sid: str, now: datetime) -> list[Call]:
        """Return the account's calls, newest first, without those the list does not know yet."""
        self._state.run_to(now)
        seen_until = self._state.now - self.faults.list_lag
        return [
            call
            for call in reversed(self._voice.calls.values())
            if call.account_sid == account_sid and call.created_at <= seen_until
        ]

    def create_message(self, account_sid: str, form: Form, now: datetime) -> Message:
        """Accept a message and return it as queued; raises as `create_call` does."""
        self._state.run_to(now)
        fields = message_fields(form)
        lost = self.faults.on_create(Resource.MESSAGES)
        return _unless_lost(self._texting.send(account_sid, fields), lost)

    def update_message(self, account_sid: str, sid: str, form: Form, now: datetime) -> Message:
        """Cancel a message that is still queued, or forget its text (an empty Body)."""
        message = self.message(account_sid, sid, now)
        if one(form, "Status") == "canceled":
            return self._texting.cancel(message)
        return self._texting.redact(message) if "Body" in form else message

    def message(self, account_sid: str, sid: str, now: datetime) -> Message:
        """Return one message as it is at *now*. Raises RefusedError 20404."""
        self._state.run_to(now)
        message = self._texting.messages.get(sid)
        if message is None or message.account_sid != account_sid:
            raise not_found(f"/2010-04-01/Accounts/{account_sid}/Messages/{sid}.json")
        return message

    def list_messages(self, account_sid: str, now: datetime) -> list[Message]:
        """Return the account's messages, newest first, lagging as `list_calls` does."""
        self._state.run_to(now)
        seen_until = self._state.now - self.faults.list_lag
        return [
            message
            for message in reversed(self._texting.messages.values())
            if message.account_sid == account_sid and message.created_at <= seen_until
        ]

    def script_arrived(
        self, call_sid: str, fetch_no: int, url: str, body: str, now: datetime
    ) -> None:
        """The script that was asked for under *fetch_no* is *body*, found at *url*."""
        leg = self._awaiting(call_sid, fetch_no, now)
        if leg is not None:
            self._playback.script_arrived(leg, url, body)

    def script_failed(self, call_sid: str, fetch_no: int, detail: str, now: datetime) -> None:
        """The script that was asked for under *fetch_no* did not come."""
        leg = self._awaiting(call_sid, fetch_no, now)
        if leg is not None:
            self._playback.script_failed(leg, detail)

    def reply_arrived(self, message_sid: str, body: str, now: datetime) -> None:
        """The webhook that was told of a person's message answers with a script."""
        self._state.run_to(now)
        received = self._texting.messages[message_sid]
        try:
            answers = twiml.parse(body).messages
        except twiml.BadScriptError as exc:
            self.record.complain(now, Code.DOCUMENT_PARSE_FAILURE, str(exc), message_sid)
            return
        for answer in answers:
            fields = {"To": received.from_, "From": received.to, "Body": answer}
            self._texting.send(received.account_sid, fields)

    def let_humans_answer(self, *, manual: bool, now: datetime) -> None:
        """Have every further call wait for a human at the page, or people behave again."""
        self._state.run_to(now)
        self._voice.everybody_is_manual = manual

    def rang(self, leg: Leg) -> None:
        """A phone begins to ring: its owner decides."""
        self._crowd.rang(leg)

    def answered(self, leg: Leg) -> None:
        """Somebody picked up: the script begins, unless it already came and led here."""
        self._crowd.answered(leg)
        self._detection.answered(leg)
        if leg.fetch_no == 0:
            self._playback.begin(leg)

    def ended(self, leg: Leg) -> None:
        """A call is over: its owner may ring back."""
        self._crowd.ended(leg)

    def _written(self, leg: Leg, body: str) -> None:
        self._texting.write(leg.call.account_sid, leg.call.number, leg.call.from_, body)

    def _awaiting(self, call_sid: str, fetch_no: int, now: datetime) -> Leg | None:
        self._state.run_to(now)
        leg = self._voice.legs.get(call_sid)
        return leg if leg and leg.is_fetching and leg.fetch_no == fetch_no else None

    def _redirect(self, leg: Leg, form: Form) -> None:
        order = call_order(form)
        if leg.call.status is not CallStatus.IN_PROGRESS:
            leg.order = replace(leg.order, url=order.url, method=order.method, twiml=order.twiml)
        elif order.twiml:
            self._playback.play(leg, order.twiml)
        else:
            self._playback.fetch(leg, order.url, order.method, {})


def _unless_lost(resource: R, lost: LostAnswer | None) -> R:
    if lost is not None:
        raise AnswerLostError(lost)
    return resource
