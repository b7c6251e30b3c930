"""Anchors by HTTP to a second host, which keeps each body it is sent."""

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar

from services.dispatcher.ports import AnchorNotKeptError

_PATIENCE_S = 10.0
_OK, _MOVED = 200, 300
_HEADERS = {"Content-Type": "application/json"}


class AnchorPost:
    """
    An `AnchorPlace`: POSTs the line of JSON to *url*; any 2xx means that it is kept there.

    The same anchor may come twice, when an answer was lost.
    """

    name = "url"

    def __init__(self, url: str, token: str = "") -> None:
        self._url = url
        self._headers = _HEADERS | ({"Authorization": f"Bearer {token}"} if token else {})
        self._session: ClientSession | None = None

    async def keep(self, anchor: bytes) -> None:
        """Return once the host has it. AnchorNotKeptError, without the address, when it does not."""
        if self._session is None:
            patience = ClientTimeout(total=_PATIENCE_S)
            self._session = ClientSession(timeout=patience, cookie_jar=DummyCookieJar())
        try:
            async with self._session.post(
                self._url, data=anchor, headers=self._headers, allow_redirects=False
            ) as answer:
                status = answer.status
        except (ClientError, TimeoutError, ValueError) as error:
            raise AnchorNotKeptError(type(error).__name__) from error
        if not _OK <= status < _MOVED:
            raise AnchorNotKeptError(f"HTTP {status}")

    async def aclose(self) -> None:
        """Close the connection."""
        if self._session is not None:
            await self._session.close()
