"""A town of practice phones that is reached in process or over HTTP, and a dispatcher that asks."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import uvicorn
from fastapi import FastAPI

from services.dispatcher.adapters.codes import Codes
from services.dispatcher.adapters.phone_book import PhoneBook
from services.dispatcher.adapters.twilio.account import TwilioAccount
from services.dispatcher.adapters.twilio.signature import SignatureCheck
from services.dispatcher.adapters.twilio.telephony import TwilioTelephony
from services.dispatcher.adapters.twilio.urls import WebhookUrls
from services.dispatcher.adapters.url_mac import UrlMac
from services.dispatcher.domain.calls.call_state import Progress
from services.dispatcher.domain.commands import PlaceCall, SendMessage
from services.dispatcher.domain.inputs import (
    AttemptSeen,
    CalledBack,
    CallHeard,
    Heard,
    Input,
)
from services.dispatcher.domain.script import Await, Script
from services.dispatcher.entrypoints.twilio_edge import TwilioEdge
from services.dispatcher.entrypoints.twilio_webhooks import build_webhooks
from services.dispatcher.ports import Telephony
from services.phones.domain.account import Account
from services.phones.domain.exchange import Exchange
from services.phones.domain.person import Delivery, Habit, Person, Reply
from services.phones.entrypoints.server import PhoneServer
from services.runtime.clock import SteppingClock
from services.runtime.rest import AtRest, drive
from tests.fakes.telephony import FakeTelephony

SID, TOKEN, DESK = "AC" + "0123456789abcdef" * 2, "practice-token", "+8619900009999"
START = datetime(2026, 7, 8, 16, 0, tzinfo=UTC)
CODER, NEVER, OFF, BACK, WRITER, DEAF = "coder", "never", "off", "back", "writer", "deaf"
MACHINE, TINNY = "machine", "tinny"
NUMBERS = {
    name: f"+861990000023{digit}"
    for digit, name in enumerate((CODER, NEVER, OFF, BACK, WRITER, DEAF, MACHINE, TINNY))
}
PEOPLE = [
    Person(NUMBERS[CODER]),
    Person(NUMBERS[NEVER], habits=(Habit.NEVER,)),
    Person(NUMBERS[OFF], habits=(Habit.OFF,)),
    Person(NUMBERS[BACK], habits=(Habit.RINGS_BACK,)),
    Person(NUMBERS[WRITER], reply=Reply.CODE, delivery=Delivery.DELIVERED),
    Person(NUMBERS[DEAF], refuses_texts_with=21610),
    Person(NUMBERS[MACHINE], habits=(Habit.HANGS_UP,), sounds_like_a_machine=True),
    Person(NUMBERS[TINNY], sounds_like_a_machine=True),
]


MENU = ("暴雨红色预警。", "收到请按 1。")


class Asker:
    """A dispatcher that asks for a key, then a code, and remembers all it was told."""

    def __init__(self) -> None:
        self.told: list[Input] = []

    async def tell(self, what: Input) -> Script | None:
        self.told.append(what)
        match what:
            case CalledBack():
                return Script(1, MENU, Await.MENU_KEY)
            case CallHeard(heard=Heard.ANSWERED, step=step):
                return Script(step + 1, MENU, Await.MENU_KEY)
            case CallHeard(heard=Heard.CONFIRM, step=step):
                return Script(step + 1, ("请输入确认码：{code}。",), Await.CODE)
            case CallHeard(step=step):
                return Script(step + 1, ("已记录，再见。",), Await.NOTHING)
            case _:
                return None

    def heard(self, attempt_id: str) -> list[Heard]:
        calls = [one for one in self.told if isinstance(one, CallHeard)]
        return [one.heard for one in calls if one.attempt_id == attempt_id]

    def seen(self, attempt_id: str) -> list[AttemptSeen]:
        seen = [one for one in self.told if isinstance(one, AttemptSeen)]
        return [one for one in seen if one.attempt_id == attempt_id]

    def has_ended(self, attempt_id: str) -> bool:
        return any(one.progress is Progress.ENDED for one in self.seen(attempt_id))


@dataclass
class Town:
    telephony: Telephony
    exchange: Exchange
    clock: SteppingClock
    asker: Asker
    codes: Codes
    parts: list[AtRest]
    sms_sent: list[str] = field(default_factory=list)

    async def call(self, contact: str, attempt_id: str = "a_1") -> str:
        return await self.telephony.place_call(
            PlaceCall(attempt_id, contact, timedelta(seconds=30))
        )

    async def text(self, contact: str, attempt_id: str = "s_1", text: str = "收到请回 1") -> str:
        self.sms_sent.insert(0, attempt_id)
        return await self.telephony.send_message(
            SendMessage(attempt_id, contact, text, timedelta(minutes=15))
        )

    async def live_until(self, is_so: Callable[[], bool]) -> None:
        assert await drive(self.clock, self.parts, is_so), "it came to rest before that"

    async def live(self, seconds: float) -> None:
        until = self.clock.now() + timedelta(seconds=seconds)
        await drive(self.clock, self.parts, lambda: (self.clock.next_due() or until) >= until)


def settings(
    webhooks_base_url: str, api_base_url: str = "http://carrier.test", *, webhooks: bool = True
) -> TwilioAccount:
    return TwilioAccount(
        SID,
        TOKEN,
        DESK,
        webhooks_base_url=webhooks_base_url,
        api_base_url=api_base_url,
        webhooks=webhooks,
        machine_detection=True,
    )


class _Web(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(app: FastAPI, listener: socket.socket) -> AsyncIterator[None]:
    server = _Web(uvicorn.Config(app, lifespan="off", log_config=None, ws="none"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


class _HttpRest:
    def __init__(self, telephony: TwilioTelephony) -> None:
        self._telephony = telephony

    @property
    def at_rest(self) -> bool:
        return self._telephony.in_flight == 0


@contextlib.asynccontextmanager
async def open_town(*, http: bool, webhooks: bool = True) -> AsyncIterator[Town]:
    clock, asker, book = SteppingClock(START), Asker(), PhoneBook(NUMBERS)
    codes, mac = Codes(b"c" * 32), UrlMac(b"u" * 32, clock)
    listener = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    urls = WebhookUrls(base, mac)
    account = Account(SID, TOKEN, starts_per_s=9)
    exchange = Exchange([account], seed="telephony", start=START, people=PEOPLE)
    if webhooks:
        exchange.point_account(
            SID, voice_url=f"{base}/twilio/voice/inbound", sms_url=f"{base}/twilio/sms"
        )
    sent: list[str] = []
    edge = TwilioEdge(asker, codes, mac, urls, book, lambda _contact: sent, "存储故障")
    async with contextlib.AsyncExitStack() as stack:
        if not http:
            listener.close()
            fake = FakeTelephony(
                exchange, clock, settings(base, webhooks=webhooks), book, urls, codes
            )
            fake.edge = edge
            stack.push_async_callback(fake.phones.stop)
            await fake.phones.start()
            yield Town(fake, exchange, clock, asker, codes, [fake.phones.network], sent)
        else:
            app = FastAPI()
            app.include_router(build_webhooks(edge, SignatureCheck(TOKEN), base))
            await stack.enter_async_context(serving(app, listener))
            server = PhoneServer(exchange, clock)
            stack.push_async_callback(server.stop)
            await server.start()
            real = TwilioTelephony(
                settings(base, server.base_url, webhooks=webhooks), book, urls, codes
            )
            stack.push_async_callback(real.aclose)
            parts: list[AtRest] = [server.network, _HttpRest(real)]
            yield Town(real, exchange, clock, asker, codes, parts, sent)
