"""
The webhooks of every district at any worker: `/districts/{code}/…`, handed to whoever serves it.

The carrier signs the whole address, the district in it; who checks that is the owner. While a
district passes from one worker to the next a request waits for it: behind it somebody may be
pressing a key, and what a carrier was refused it does not bring again.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import unquote

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar
from fastapi import APIRouter, Response
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from yarl import URL

from services.dispatcher.adapters.station_signature import SIGNATURE, TIMESTAMP
from services.dispatcher.entrypoints.ownership import Leases
from services.runtime.bus import BusUnavailableError
from services.runtime.clock import Clock

PREFIX = "/districts"
_MOST_BYTES: Final = 65_536
_ANSWERS_WITHIN_S = 3.0
_WAITS_FOR = timedelta(seconds=8)
"""A takeover takes about as long; a carrier waits 15 s for what to say."""
_LOOK_AGAIN = timedelta(milliseconds=250)
_NOT_FOUND, _TOO_LARGE, _UNAVAILABLE = 404, 413, 503
_FORWARDED = "X-Jiaoying-Forwarded"
_BROUGHT = (
    "Content-Type",
    "X-Twilio-Signature",
    "I-Twilio-Idempotency-Token",
    TIMESTAMP,
    SIGNATURE,
)
_TAKEN_BACK = ("Content-Type", "Retry-After")
_log = structlog.get_logger(__name__)


def base_url_of(public_url: str, district: str) -> str:
    """Return what the addresses of *district*'s webhooks begin with."""
    return f"{public_url.rstrip('/')}{PREFIX}/{district}"


@dataclass(frozen=True, slots=True)
class _Brought:
    """A request as it came: *target* is its path and query, *inner* its path within the district."""

    target: str
    inner: bytes
    headers: Mapping[str, str]
    body: bytes


class DistrictDoor:
    """
    An ASGI endpoint. *app_of* returns what serves a district in this process, None when nothing
    does; *leases* knows who else may.
    """

    def __init__(
        self,
        districts: Collection[str],
        app_of: Callable[[str], ASGIApp | None],
        leases: Leases,
        clock: Clock,
    ) -> None:
        self._districts = frozenset(districts)
        self._app_of = app_of
        self._leases = leases
        self._clock = clock
        self._session: ClientSession | None = None
        self.router = APIRouter()
        path = PREFIX + "/{district}/{rest:path}"
        self.router.routes.append(Route(path, self, methods=["POST"], include_in_schema=False))

    async def aclose(self) -> None:
        """Close the connections to the other workers."""
        if self._session is not None:
            await self._session.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        district: str = request.path_params["district"]
        prefix = f"{PREFIX}/{district}".encode()
        raw_path: bytes = scope["raw_path"]
        if district not in self._districts or not raw_path.startswith(prefix + b"/"):
            await Response(status_code=_NOT_FOUND)(scope, receive, send)
            return
        try:
            body = await _body(request)
        except ClientDisconnect:
            return
        if body is None:
            await Response(status_code=_TOO_LARGE)(scope, receive, send)
            return
        query: bytes = scope["query_string"]
        target = (raw_path + b"?" + query if query else raw_path).decode("latin-1")
        headers = {name: request.headers[name] for name in _BROUGHT if name in request.headers}
        brought = _Brought(target, raw_path.removeprefix(prefix), headers, body)
        is_forwarded = _FORWARDED in request.headers
        answer = await self._answered(district, brought, scope, is_forwarded=is_forwarded)
        await answer(scope, receive, send)

    async def _answered(
        self, district: str, brought: _Brought, scope: Scope, *, is_forwarded: bool
    ) -> ASGIApp:
        until = self._clock.now() + _WAITS_FOR
        while True:
            app = self._app_of(district)
            if app is not None:
                return _within(app, scope, brought)
            # Who brought it from another worker waits there, and looks again for the owner.
            answer = None if is_forwarded else await self._from_owner(district, brought)
            if answer is not None:
                return answer
            if is_forwarded or self._clock.now() >= until:
                _log.warning("webhook_without_owner", district=district)
                return Response(status_code=_UNAVAILABLE, headers={"Retry-After": "1"})
            await self._clock.sleep_until(self._clock.now() + _LOOK_AGAIN)

    async def _from_owner(self, district: str, brought: _Brought) -> Response | None:
        """Return the owner's answer, or None when there is none, or it cannot be had."""
        try:
            holder = await self._leases.holder(district)
            if holder is None:
                return None
            answer = await self._ask(holder.url, brought)
        except (BusUnavailableError, ClientError, TimeoutError, ValueError):
            return None  # asked again, until it is refused
        return None if answer.status_code == _UNAVAILABLE else answer

    async def _ask(self, url: str, brought: _Brought) -> Response:
        if self._session is None:
            patience = ClientTimeout(total=_ANSWERS_WITHIN_S)
            self._session = ClientSession(timeout=patience, cookie_jar=DummyCookieJar())
        async with self._session.post(
            URL(url.rstrip("/") + brought.target, encoded=True),
            data=brought.body,
            headers={**brought.headers, _FORWARDED: "1"},
            allow_redirects=False,
        ) as answer:
            taken = {name: answer.headers[name] for name in _TAKEN_BACK if name in answer.headers}
            return Response(await answer.read(), status_code=answer.status, headers=taken)


async def _body(request: Request) -> bytes | None:
    """Return the body, or None when it is longer than any call-back is."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            return None
    return bytes(body)


def _within(app: ASGIApp, scope: Scope, brought: _Brought) -> ASGIApp:
    """Return *app* as it answers the request at its path within the district."""

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        inner = {
            key: scope[key]
            for key in ("type", "asgi", "http_version", "method", "scheme", "client", "server")
            if key in scope
        }
        inner |= {
            "path": unquote(brought.inner.decode("latin-1")),
            "raw_path": brought.inner,
            "query_string": scope["query_string"],
            "headers": scope["headers"],
            "root_path": "",
            "state": {},
        }
        await app(inner, _once(brought.body), send)

    return answer


def _once(body: bytes) -> Receive:
    messages: list[Message] = [
        {"type": "http.disconnect"},
        {"type": "http.request", "body": body, "more_body": False},
    ]

    async def receive() -> Message:
        return messages.pop() if len(messages) > 1 else messages[0]

    return receive
