"""
The vendor's asynchronous client, made fit for calls that must not ring twice.

Theirs stores a time-out and ignores it, goes to one host only and logs numbers; ours keeps its
time-outs, goes where it is told and logs nothing. It never repeats a request: a repeated POST can
ring a second time, so retries belong to the dispatcher.
"""

import base64
from urllib.parse import urlsplit, urlunsplit

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from services.dispatcher.adapters.twilio.account import TwilioAccount

_CONNECTIONS = 192  # more than the executor has in flight: nothing waits for a connection
_KEEP_ALIVE_S = 75


class ClosedError(RuntimeError):
    """A request after the client was closed."""


class CarrierHttp(AsyncTwilioHttpClient):
    """Carries the vendor client's requests over one session of kept-alive connections."""

    def __init__(self, account: TwilioAccount) -> None:
        super().__init__(pool_connections=False, timeout=account.timeout.total_seconds())
        self.in_flight = 0
        self._base = urlsplit(account.api_base_url.rstrip("/"))
        self._patience = ClientTimeout(
            total=account.timeout.total_seconds(), connect=account.connect_timeout.total_seconds()
        )
        self._kept: ClientSession | None = None
        self._is_closed = False

    async def request(  # type: ignore[override] # as in the vendor's own asynchronous client
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 - the vendor's; ours is the account's
        allow_redirects: bool = False,  # noqa: FBT001, FBT002, ARG002 - a carrier's API never moves
    ) -> Response:
        """Send one request, once. Raises what aiohttp raises."""
        self.in_flight += 1
        try:
            async with self._session().request(
                method.upper(),
                self._rebased(url),
                params=_texts(params),
                data=_texts(data),
                headers={**(headers or {}), **_authorization(auth)},
                allow_redirects=False,
            ) as response:
                return Response(response.status, await response.text(), response.headers)
        finally:
            self.in_flight -= 1

    async def aclose(self) -> None:
        """Close the connections; whatever is under way ends in an error."""
        self._is_closed = True
        if self._kept is not None:
            await self._kept.close()

    async def close(self) -> None:
        """Do as `aclose` does, under the vendor's name."""
        await self.aclose()

    def _session(self) -> ClientSession:
        if self._is_closed:
            raise ClosedError("the carrier's client is closed")
        if self._kept is None:
            # aiohttp sets TCP_NODELAY on each connection itself.
            connector = TCPConnector(limit=_CONNECTIONS, keepalive_timeout=_KEEP_ALIVE_S)
            self._kept = ClientSession(
                connector=connector, timeout=self._patience, cookie_jar=DummyCookieJar()
            )
        return self._kept

    def _rebased(self, url: str) -> str:
        parts = urlsplit(url)
        path = self._base.path + parts.path
        return urlunsplit((self._base.scheme, self._base.netloc, path, parts.query, ""))


def build_client(account: TwilioAccount, http: CarrierHttp) -> Client:
    """Return the vendor's client over *http*, with what it loads late loaded now."""
    client = Client(account.account_sid, account.auth_token, http_client=http)
    _ = client.calls, client.messages  # imports of 100 ms would else delay the first ring
    return client


def _texts(fields: dict[str, object] | None) -> list[tuple[str, str]] | None:
    if fields is None:
        return None
    return [
        (name, _text(value))
        for name, given in fields.items()
        for value in (given if isinstance(given, list) else [given])
    ]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _authorization(auth: tuple[str, str] | None) -> dict[str, str]:
    if auth is None:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(":".join(auth).encode()).decode()}
