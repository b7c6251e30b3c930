"""The two doors of the practice network, alike to a scenario."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

from aiohttp import ClientError, encode_basic_auth, web
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from services.phones.domain.effects import Effect, FetchScript
from services.phones.domain.errors import AnswerLostError, RefusedError
from services.phones.domain.exchange import Exchange
from services.phones.entrypoints.in_process import InProcessPhones
from services.phones.entrypoints.server import PhoneServer
from services.phones.pipeline import PhoneNetwork
from services.runtime.clock import SteppingClock
from tests.unit.phones.town import ALL_EVENTS, DESK, SCRIPTS, SID, START, TOKEN


class Lost(Exception):  # noqa: N818 - a fact of the scenario, not an error of ours
    """The answer did not come: nobody knows whether the call exists."""


class Refused(Exception):  # noqa: N818 - as above
    """The carrier said no, with a code."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code


class Door(Protocol):
    """What a scenario needs of a door: identifiers and states, nothing of how they came."""

    exchange: Exchange
    told: list[dict[str, str]]

    @property
    def network(self) -> PhoneNetwork: ...
    async def call(self, to: str, rings_s: int = 30) -> str: ...
    async def end(self, sid: str, status: str) -> str: ...
    async def status(self, sid: str) -> str: ...
    async def calls_to(self, to: str) -> list[str]: ...
    async def text(self, to: str, body: str) -> str: ...
    async def text_status(self, sid: str) -> str: ...


class InProcessDoor:
    """Forms and functions."""

    def __init__(self, exchange: Exchange, clock: SteppingClock) -> None:
        self.exchange = exchange
        self.told: list[dict[str, str]] = []
        self.phones = InProcessPhones(exchange, clock, SID, self._deliver)

    @property
    def network(self) -> PhoneNetwork:
        return self.phones.network

    async def call(self, to: str, rings_s: int = 30) -> str:
        form = {
            "To": to,
            "From": DESK,
            "Url": "http://desk.test/voice",
            "StatusCallback": "http://desk.test/status",
            "StatusCallbackEvent": ALL_EVENTS,
            "Timeout": str(rings_s),
        }
        try:
            return self.phones.create_call(form).sid
        except AnswerLostError as exc:
            raise Lost from exc
        except RefusedError as exc:
            raise Refused(exc.code) from exc

    async def end(self, sid: str, status: str) -> str:
        try:
            return self.phones.update_call(sid, {"Status": status}).api_status.value
        except RefusedError as exc:
            raise Refused(exc.code) from exc

    async def status(self, sid: str) -> str:
        return self.phones.fetch_call(sid).api_status.value

    async def calls_to(self, to: str) -> list[str]:
        return [call.sid for call in self.phones.list_calls() if call.to == to]

    async def text(self, to: str, body: str) -> str:
        form = {
            "To": to,
            "From": DESK,
            "Body": body,
            "StatusCallback": "http://desk.test/status",
        }
        return self.phones.create_message(form).sid

    async def text_status(self, sid: str) -> str:
        return self.phones.fetch_message(sid).status.value

    async def _deliver(self, effect: Effect) -> str | None:
        if isinstance(effect, FetchScript):
            return SCRIPTS.get(urlsplit(effect.url).path)
        self.told.append(dict(effect.form))
        return ""


class SwappedBase(AsyncTwilioHttpClient):
    """The official client, sent to another address."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url

    async def request(  # type: ignore[override] # the client itself renames its base class's uri
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **others: Any,
    ) -> Response:
        # aiohttp deprecates the client's way of authenticating; the header on the wire is the same.
        signed = {**(headers or {}), "Authorization": encode_basic_auth(*(auth or ("", "")))}
        there = url.replace("https://api.twilio.com", self._base_url)
        return await super().request(method, there, headers=signed, **others)


class HttpDoor:
    """The official client against a real server, and a customer who checks every signature."""

    def __init__(self, exchange: Exchange, clock: SteppingClock) -> None:
        self.exchange = exchange
        self.told: list[dict[str, str]] = []
        self.customer = ""
        self.server = PhoneServer(exchange, clock)

    @property
    def network(self) -> PhoneNetwork:
        return self.server.network

    async def open(self) -> Callable[[], Awaitable[None]]:
        app = web.Application()
        app.router.add_post("/{tail:.*}", self._customer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.customer = f"http://127.0.0.1:{runner.addresses[0][1]}"
        for account in list(self.exchange.accounts):
            self.exchange.point_account(
                account, voice_url=f"{self.customer}/voice", sms_url=f"{self.customer}/sms"
            )
        await self.server.start()
        http = SwappedBase(self.server.base_url)
        self.client = Client(SID, TOKEN, http_client=http)

        async def close() -> None:
            await http.close()  # type: ignore[no-untyped-call] # twilio's
            await self.server.stop()
            await runner.cleanup()

        return close

    async def call(self, to: str, rings_s: int = 30) -> str:
        try:
            call = await self.client.calls.create_async(
                to=to,
                from_=DESK,
                url=f"{self.customer}/voice",
                status_callback=f"{self.customer}/status",
                status_callback_event=list(ALL_EVENTS),
                timeout=rings_s,
            )
        except ClientError as exc:
            raise Lost from exc
        except TwilioRestException as exc:
            if exc.status == 500:
                raise Lost from exc
            raise Refused(exc.code) from exc
        assert call.date_created == START.replace(microsecond=0)
        return str(call.sid)

    async def end(self, sid: str, status: str) -> str:
        try:
            return str((await self.client.calls(sid).update_async(status=status)).status)
        except TwilioRestException as exc:
            raise Refused(exc.code) from exc

    async def status(self, sid: str) -> str:
        return str((await self.client.calls(sid).fetch_async()).status)

    async def calls_to(self, to: str) -> list[str]:
        since = START - timedelta(minutes=1)
        found = await self.client.calls.list_async(to=to, start_time_after=since, page_size=1)
        return [str(call.sid) for call in found]

    async def text(self, to: str, body: str) -> str:
        message = await self.client.messages.create_async(
            to=to, from_=DESK, body=body, status_callback=f"{self.customer}/status"
        )
        return str(message.sid)

    async def text_status(self, sid: str) -> str:
        return str((await self.client.messages(sid).fetch_async()).status)

    async def _customer(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        signature = request.headers["X-Twilio-Signature"]
        if not RequestValidator(TOKEN).validate(
            f"{self.customer}{request.path_qs}", form, signature
        ):
            return web.Response(status=403)
        if request.path in SCRIPTS:
            return web.Response(text=SCRIPTS[request.path], content_type="text/xml")
        self.told.append(form)
        return web.Response()
