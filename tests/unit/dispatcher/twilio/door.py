"""The webhooks as the carrier meets them, without a socket, and a dispatcher that remembers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from urllib.parse import unquote, urlencode, urlsplit

from fastapi import FastAPI
from starlette.types import Message
from twilio.request_validator import RequestValidator

from services.dispatcher.adapters.codes import Codes
from services.dispatcher.adapters.phone_book import PhoneBook
from services.dispatcher.adapters.twilio.signature import SignatureCheck
from services.dispatcher.adapters.twilio.urls import WebhookUrls
from services.dispatcher.adapters.url_mac import UrlMac
from services.dispatcher.domain.inputs import (
    Input,
)
from services.dispatcher.domain.script import Script
from services.dispatcher.entrypoints.twilio_edge import TwilioEdge
from services.dispatcher.entrypoints.twilio_webhooks import build_webhooks
from services.dispatcher.ports import Dispatch
from services.runtime.bus import BusUnavailableError
from services.runtime.clock import SteppingClock

BASE, TOKEN, NUMBER = "https://us.test/behind/proxy", "token-1", "+8613800000001"
CALL = {"CallSid": "CA1", "CallStatus": "in-progress", "From": "+15005550006", "To": NUMBER}
Form = dict[str, str]


@dataclass
class Answered:
    status: int
    headers: dict[str, str]
    body: str


@dataclass
class Desk:
    """A dispatcher that says one script, or nothing, or that it cannot write."""

    script: Script | None = None
    is_full: bool = False
    told: list[Input] = field(default_factory=list)

    async def tell(self, what: Input) -> Script | None:
        if self.is_full:
            raise BusUnavailableError
        self.told.append(what)
        return self.script


class Door:
    def __init__(
        self,
        dispatch: Dispatch | None = None,
        numbers: Mapping[str, str] = MappingProxyType({"c_anna": NUMBER}),
        sms_attempts: Callable[[str], Sequence[str]] = lambda _: ("s_2", "s_1"),
    ) -> None:
        self.clock = SteppingClock(datetime(2026, 7, 8, 16, 0, tzinfo=UTC))
        self.desk = Desk()
        self.codes, mac = Codes(b"codes"), UrlMac(b"urls", self.clock)
        self.urls = WebhookUrls(BASE, mac)
        self.book = PhoneBook(numbers)
        told = dispatch or self.desk
        edge = TwilioEdge(told, self.codes, mac, self.urls, self.book, sms_attempts, "存储故障")
        self.app = FastAPI()
        self.app.include_router(build_webhooks(edge, SignatureCheck(TOKEN), BASE))

    async def post(
        self, url: str, form: Form, *, token: str = TOKEN, signed_as: str | None = None
    ) -> Answered:
        signature = RequestValidator(token).compute_signature(signed_as or url, form)
        headers = {"x-twilio-signature": signature} if token else {}
        return await self.send(url, urlencode(form).encode(), headers)

    async def send(self, url: str, body: bytes, headers: Form) -> Answered:
        parts = urlsplit(url.removeprefix(BASE))
        sent: list[Message] = []
        incoming: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return incoming.pop(0) if incoming else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "server": ("10.0.0.7", 8080),
            "path": unquote(parts.path),
            "raw_path": parts.path.encode("utf-8", "surrogateescape"),
            "query_string": parts.query.encode("utf-8", "surrogateescape"),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        await self.app(scope, receive, send)
        given = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        content = b"".join(message.get("body", b"") for message in sent[1:])
        return Answered(sent[0]["status"], given, content.decode())
