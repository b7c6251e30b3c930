"""A started phone server on a standing clock, its customer, and a browser."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from aiohttp import ClientSession, encode_basic_auth, web

from services.phones.domain.account import Account
from services.phones.domain.exchange import Exchange
from services.phones.domain.person import Habit
from services.phones.entrypoints.server import PhoneServer
from services.runtime.clock import SteppingClock
from tests.unit.phones.town import ANNA, ASK_KEY, SID, START, TOKEN, call_form, person

AUTH = {"Authorization": encode_basic_auth(SID, TOKEN)}
CALLS = f"/2010-04-01/Accounts/{SID}/Calls"
MESSAGES = f"/2010-04-01/Accounts/{SID}/Messages"


class Customer:
    """The customer's server: keeps what it is told and answers every question with one script."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, dict[str, str], dict[str, str]]] = []
        self.status = 200
        self.base_url = ""

    async def handle(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        url = f"{self.base_url}{request.path_qs}"
        self.seen.append((request.method, url, form, dict(request.headers)))
        return web.Response(text=ASK_KEY, status=self.status, content_type="text/xml")


class Scene:
    """A started server on a standing clock, its customer, and a browser."""

    def __init__(self, server: PhoneServer, clock: SteppingClock, customer: Customer) -> None:
        self.server, self.clock, self.customer = server, clock, customer
        self.session = ClientSession(server.base_url)

    async def call(self, **fields: str | list[str]) -> dict[str, Any]:
        urls = {
            "Url": f"{self.customer.base_url}/voice",
            "StatusCallback": f"{self.customer.base_url}/status?attempt=7",
        }
        to = str(fields.pop("to", ANNA))
        return await self.post(f"{CALLS}.json", call_form(to, **{**urls, **fields}))

    async def post(self, path: str, form: dict[str, list[str]]) -> dict[str, Any]:
        pairs = [(name, value) for name, values in form.items() for value in values]
        async with self.session.post(path, data=pairs, headers=AUTH) as response:
            return {"http": response.status, **await response.json()}

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        async with self.session.get(path, params=query, headers=AUTH) as response:
            return {"http": response.status, **await response.json()}

    async def live(self, seconds: float) -> None:
        until = self.clock.now() + timedelta(seconds=seconds)
        await self.server.network.settle()
        while (due := self.clock.next_due()) is not None and due <= until:
            self.clock.move_to(due)
            await self.server.network.settle()
        self.clock.move_to(until)
        await self.server.network.settle()


async def open_scene(*habits: Habit) -> tuple[Scene, Callable[[], Awaitable[None]]]:
    customer, clock = Customer(), SteppingClock(START)
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", customer.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    customer.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    exchange = Exchange(
        [Account(SID, TOKEN, starts_per_s=9)],
        seed="scene",
        start=START,
        people=[person(ANNA, *habits, label="村书记")],
    )
    server = PhoneServer(exchange, clock)
    await server.start()
    opened = Scene(server, clock, customer)

    async def close() -> None:
        await opened.session.close()
        await server.stop()
        await runner.cleanup()

    return opened, close
