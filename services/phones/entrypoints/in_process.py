"""
The door without HTTP: the same exchange and the same forms, webhooks carried by a function.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import urldefrag, urljoin

from services.phones.domain.call import Call
from services.phones.domain.effects import Effect, FetchScript, PostCallback
from services.phones.domain.errors import DeliveryError
from services.phones.domain.exchange import Exchange
from services.phones.domain.message import Message
from services.phones.domain.request import Form
from services.phones.pipeline import PhoneNetwork
from services.phones.ports import Fetched
from services.runtime.clock import Clock

Deliver = Callable[[Effect], Awaitable[str | None]]
"""Carries one effect; the body of the answer, or None when it could not be delivered."""

Fields = Mapping[str, str | Sequence[str]]


class InProcessPhones:
    """
    The carrier's API as calls of one account.

    Each raises RefusedError when nothing was done and AnswerLostError when it was and the answer
    is lost, where HTTP has a 4xx, a 5xx or a cut connection.
    """

    def __init__(
        self, exchange: Exchange, clock: Clock, account_sid: str, deliver: Deliver
    ) -> None:
        self.exchange = exchange
        self.network = PhoneNetwork(exchange, clock, _FunctionWebhooks(deliver))
        self._account_sid = account_sid

    async def start(self) -> None:
        """Begin to follow the clock."""
        await self.network.start()

    async def stop(self) -> None:
        """Stop, whatever rings."""
        await self.network.stop()

    def create_call(self, form: Fields) -> Call:
        """Ask for a call."""
        return self.network.input(
            lambda now: self.exchange.create_call(self._account_sid, _form(form), now)
        )

    def update_call(self, sid: str, form: Fields) -> Call:
        """Cancel, complete or redirect a call."""
        return self.network.input(
            lambda now: self.exchange.update_call(self._account_sid, sid, _form(form), now)
        )

    def fetch_call(self, sid: str) -> Call:
        """Return one call as it is now."""
        return self.network.input(lambda now: self.exchange.call(self._account_sid, sid, now))

    def list_calls(self) -> list[Call]:
        """Return the account's calls, newest first."""
        return self.network.input(lambda now: self.exchange.list_calls(self._account_sid, now))

    def create_message(self, form: Fields) -> Message:
        """Ask for a text message."""
        return self.network.input(
            lambda now: self.exchange.create_message(self._account_sid, _form(form), now)
        )

    def update_message(self, sid: str, form: Fields) -> Message:
        """Cancel or redact a message."""
        return self.network.input(
            lambda now: self.exchange.update_message(self._account_sid, sid, _form(form), now)
        )

    def fetch_message(self, sid: str) -> Message:
        """Return one message as it is now."""
        return self.network.input(lambda now: self.exchange.message(self._account_sid, sid, now))

    def list_messages(self) -> list[Message]:
        """Return the account's messages, newest first."""
        return self.network.input(lambda now: self.exchange.list_messages(self._account_sid, now))


class _FunctionWebhooks:
    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver

    async def fetch_script(self, effect: FetchScript) -> Fetched:
        body = await self._answered(effect)
        return Fetched(urldefrag(urljoin(effect.base_url, effect.url)).url, body)

    async def post_callback(self, effect: PostCallback) -> str:
        return await self._answered(effect)

    async def _answered(self, effect: Effect) -> str:
        body = await self._deliver(effect)
        if body is None:
            raise DeliveryError("not_delivered")
        return body


def _form(fields: Fields) -> Form:
    return {
        name: [value] if isinstance(value, str) else list(value) for name, value in fields.items()
    }
