"""
The HTTP door: a real server with Twilio's paths and the practice page, beside its exchange.
"""

from collections.abc import Callable, Iterable

from aiohttp import ClientSession
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.phones.adapters.http_webhooks import HttpWebhooks
from services.phones.adapters.twilio_json import error_json
from services.phones.domain.errors import AnswerLostError, RefusedError, not_found
from services.phones.domain.exchange import Exchange
from services.phones.domain.loudspeaker import PracticeStation
from services.phones.entrypoints.page import Page
from services.phones.entrypoints.stations import StationDoor
from services.phones.entrypoints.twilio_api import TwilioApi, answer_lost, refused
from services.phones.pipeline import PhoneNetwork
from services.runtime.clock import Clock
from services.runtime.http_server import HttpServer

_NOT_FOUND = 404


def build_app(
    network: PhoneNetwork, stations: StationDoor, faster: Callable[[], None] | None = None
) -> FastAPI:
    """Return the application; *faster*, if given, is what the page's button for it calls."""
    app = FastAPI(title="practice telephone network", openapi_url=None)
    app.include_router(TwilioApi(network).router)
    app.include_router(Page(network, faster, stations.speakers).router)
    app.include_router(stations.router)
    app.add_exception_handler(RefusedError, refused)
    app.add_exception_handler(AnswerLostError, answer_lost)
    app.add_exception_handler(HTTPException, _http_error)
    return app


class PhoneServer:
    """
    One practice network on one port; 0 takes a free one.

    `base_url` is known once `start` has returned, and connections are taken from then on.
    """

    def __init__(
        self,
        exchange: Exchange,
        clock: Clock,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        faster: Callable[[], None] | None = None,
        stations: Iterable[PracticeStation] = (),
    ) -> None:
        self.exchange = exchange
        self.base_url = ""
        self._clock = clock
        self._address = (host, port)
        self._faster = faster
        self.stations = StationDoor(stations, clock, self._touched)
        self._network: PhoneNetwork | None = None
        self._session: ClientSession | None = None
        self._server: HttpServer | None = None

    @property
    def network(self) -> PhoneNetwork:
        """The running network. Only after `start`."""
        if self._network is None:
            raise RuntimeError("the phone server has not been started")
        return self._network

    @property
    def at_rest(self) -> bool:
        """Whether nothing is under way in the network."""
        return self.network.at_rest and self.stations.at_rest

    async def start(self) -> None:
        """Listen, then follow the clock. Raises OSError when the port is taken."""
        self._server = HttpServer(*self._address)
        self.base_url = self._server.base_url
        self._session = ClientSession()
        accounts = self.exchange.accounts
        webhooks = HttpWebhooks(self._session, lambda sid: accounts[sid].auth_token)
        self._network = PhoneNetwork(self.exchange, self._clock, webhooks)
        await self._network.start()
        await self._server.serve(
            build_app(self._network, self.stations, self._faster), _DroppableProtocol
        )

    async def stop(self) -> None:
        """Let the page's streams go, close the port, drop what rings."""
        try:
            await self.stations.stop()
            if self._network is not None:
                await self._network.stop()
        finally:
            if self._server is not None:
                await self._server.stop()
            if self._session is not None:
                await self._session.close()

    def _touched(self, key: str) -> None:
        self.network.input(lambda _now: self.exchange.record.touch(key))


class _DroppableProtocol(HttpToolsProtocol):
    """Lets the application cut a connection without an answer, as a failing network does."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {"drop_connection": {"transport": self.transport}}


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == _NOT_FOUND:
        return JSONResponse(error_json(not_found(request.url.path)), _NOT_FOUND)
    return JSONResponse({"status": error.status_code}, error.status_code)
