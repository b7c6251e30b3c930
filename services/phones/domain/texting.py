"""
Text messages: queued, sent, delivered or not; and what people write back.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.phones.domain.call import Direction
from services.phones.domain.callbacks import Callbacks
from services.phones.domain.draw import opaque_id
from services.phones.domain.ear import code_in
from services.phones.domain.effects import PostCallback
from services.phones.domain.errors import Code, RefusedError
from services.phones.domain.message import Message, MessageStatus, message_form
from services.phones.domain.person import Delivery, Reply
from services.phones.domain.record import What
from services.phones.domain.state import State

_REFUSALS = {
    Code.OPTED_OUT: "Attempt to send to unsubscribed recipient",
    Code.NOT_A_MOBILE: "'To' number is not a valid mobile number",
}
_ENDS = {
    Delivery.DELIVERED: (MessageStatus.DELIVERED, None),
    Delivery.UNDELIVERED: (MessageStatus.UNDELIVERED, Code.HANDSET_UNREACHABLE),
    Delivery.FAILED: (MessageStatus.FAILED, Code.UNKNOWN_HANDSET),
}


class Texting:
    """All messages of all accounts."""

    def __init__(self, state: State, callbacks: Callbacks) -> None:
        self.messages: dict[str, Message] = {}
        self.by_number: dict[str, list[str]] = {}
        self._state = state
        self._callbacks = callbacks

    def send(self, account_sid: str, form: Mapping[str, str]) -> Message:
        """Queue the message that *form*, already checked, asks for. Returns it as queued."""
        person = self._state.person_of(form["To"])
        if person.refuses_texts_with is not None:
            code = person.refuses_texts_with
            known = next((text for known, text in _REFUSALS.items() if known == code), "Refused")
            raise RefusedError(code, known)
        message = self._new(
            account_sid,
            to=form["To"],
            from_=form.get("From", ""),
            body=form["Body"],
            status=MessageStatus.QUEUED,
            direction=Direction.OUTBOUND,
            status_callback=form.get("StatusCallback", ""),
            messaging_service_sid=form.get("MessagingServiceSid"),
        )
        self._tell(message)
        delay = self._state.drawn(self._state.tempo.text_sent_after, message.sid, "sent")
        self._state.after(message.sid, "sent", delay, lambda: self._sent(message.sid))
        return message

    def cancel(self, message: Message) -> Message:
        """Cancel a message that is still queued; any other stays as it is."""
        if message.status is not MessageStatus.QUEUED:
            return message
        self._state.agenda.drop_all(message.sid)
        return self._turn(message.sid, MessageStatus.CANCELED)

    def redact(self, message: Message) -> Message:
        """Forget the text of *message*."""
        self.messages[message.sid] = replace(message, body="", updated_at=self._state.now)
        return self.messages[message.sid]

    def write(self, account_sid: str, number: str, to: str, body: str) -> Message:
        """A person writes *body* to the account; its webhook hears of it if there is one."""
        message = self._new(
            account_sid,
            to=to,
            from_=number,
            body=body,
            status=MessageStatus.RECEIVED,
            direction=Direction.INBOUND,
        )
        self._state.record.note(self._state.now, number, What.TEXT_SENT, body, message.sid)
        url = self._state.accounts[account_sid].sms_url
        if url:
            token = opaque_id("", self._state.seed, "written", message.sid)
            form = message_form(message)
            self._state.effects.append(
                PostCallback(account_sid, message.sid, url, "POST", form, token, wants_reply=True)
            )
        return message

    def last_writer_to(self, number: str) -> Message | None:
        """Return the last message that reached *number*, to which a reply would go."""
        received = (self.messages[sid] for sid in reversed(self.by_number.get(number, [])))
        return next((one for one in received if one.direction is Direction.OUTBOUND), None)

    def _sent(self, sid: str) -> None:
        self._turn(sid, MessageStatus.SENT, sent_at=self._state.now)
        ends = self._state.person_of(self.messages[sid].to).texts_end
        if ends is Delivery.UNREPORTED:
            self._arrive(sid)
            return
        delay = self._state.drawn(self._state.tempo.text_ends_after, sid, "ends")
        self._state.after(sid, "ends", delay, lambda: self._end(sid, ends))

    def _end(self, sid: str, ends: Delivery) -> None:
        status, code = _ENDS[ends]
        self._turn(sid, status, error_code=code)
        if ends is Delivery.DELIVERED:
            self._arrive(sid)

    def _arrive(self, sid: str) -> None:
        message = self.messages[sid]
        self._state.record.note(self._state.now, message.to, What.TEXT_RECEIVED, message.body, sid)
        person = self._state.person_of(message.to)
        reply = _written(person.answers_texts_with, message.body)
        if reply:
            delay = self._state.drawn(person.replies_after, sid, "replies")
            self._state.after(
                sid,
                "reply",
                delay,
                lambda: self._reply(message, reply),
            )

    def _reply(self, message: Message, body: str) -> None:
        self.write(message.account_sid, message.to, message.from_, body)

    def _turn(self, sid: str, status: MessageStatus, **changes: Any) -> Message:
        message = replace(self.messages[sid], status=status, updated_at=self._state.now, **changes)
        self.messages[sid] = message
        self._tell(message)
        return message

    def _tell(self, message: Message) -> None:
        if message.status_callback:
            self._callbacks.emit(
                message.account_sid,
                message.sid,
                message.status_callback,
                "POST",
                message_form(message),
            )

    def _new(
        self,
        account_sid: str,
        *,
        to: str,
        from_: str,
        body: str,
        status: MessageStatus,
        direction: Direction,
        status_callback: str = "",
        messaging_service_sid: str | None = None,
    ) -> Message:
        message = Message(
            sid=self._state.new_id("SM"),
            account_sid=account_sid,
            to=to,
            from_=from_,
            body=body,
            direction=direction,
            status=status,
            created_at=self._state.now,
            updated_at=self._state.now,
            status_callback=status_callback,
            messaging_service_sid=messaging_service_sid,
        )
        self.messages[message.sid] = message
        self.by_number.setdefault(message.number, []).append(message.sid)
        return message


def _written(reply: Reply, text: str) -> str:
    match reply:
        case Reply.NONE:
            return ""
        case Reply.ONE:
            return "1"
        case Reply.RECEIVED:
            return "收到"
        case Reply.CODE:
            return code_in(text)
