"""
Loudspeakers and screens behind a signed webhook: POST of one JSON object, any 2xx means accepted.

    {"id", "station", "text", "language", "status", "valid_until", "call_back"}

*id* is the attempt's. The same may come twice, when an answer was lost: whoever receives it drops an
id that he knows, so that nothing is said twice. What *valid_until* has passed for is not said any
more. *status* is CAP's: a system for exercises keeps the two apart. *call_back* may be told how it
went (`entrypoints/station_webhooks.py`).
"""

from collections.abc import Callable, Mapping

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar

from services.dispatcher.adapters.station_signature import signed_headers
from services.dispatcher.domain.commands import Broadcast
from services.dispatcher.ports import AnswerLostError, CarrierRefusedError
from services.runtime.clock import Clock

NO_SECRET = "no_secret"  # noqa: S105 - our code for a station that we were given no secret for
NO_STATION = "no_station"
LANGUAGE = "zh-CN"
_PATIENCE = ClientTimeout(total=5, sock_connect=3)
_OK, _MOVED, _BROKEN = 200, 300, 500
_TOO_EARLY = frozenset({408, 425, 429})
"""Refusals that say: not now."""


class StationWebhook:
    """
    The `Stations` of a pack. *urls* and *secrets* go by station; *call_back* makes the address at
    which one attempt's end is told.
    """

    def __init__(
        self,
        urls: Mapping[str, str],
        secrets: Mapping[str, bytes],
        call_back: Callable[[str], str],
        clock: Clock,
    ) -> None:
        self._urls = urls
        self._secrets = secrets
        self._call_back = call_back
        self._clock = clock
        self._session: ClientSession | None = None

    async def speak(self, command: Broadcast) -> None:
        """Return once the station has taken it; see the port."""
        url, secret = self._urls.get(command.station), self._secrets.get(command.station)
        if url is None or secret is None:
            raise CarrierRefusedError(NO_STATION if url is None else NO_SECRET, retry=False)
        now = self._clock.now()
        body = orjson.dumps(
            {
                "id": command.attempt_id,
                "station": command.station,
                "text": command.text,
                "language": LANGUAGE,
                "status": command.status.value,
                "valid_until": (now + command.valid_for).isoformat(timespec="seconds"),
                "call_back": self._call_back(command.attempt_id),
            }
        )
        headers = {"Content-Type": "application/json", **signed_headers(secret, body, now)}
        status = await self._post(url, body, headers)
        if _OK <= status < _MOVED:
            return
        if status in _TOO_EARLY or status >= _BROKEN:
            raise AnswerLostError(f"HTTP {status}")
        raise CarrierRefusedError(f"http_{status}", retry=False)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        if self._session is None:
            self._session = ClientSession(timeout=_PATIENCE, cookie_jar=DummyCookieJar())
        try:
            # A redirect is refused: what is signed for one host is sent to no other.
            async with self._session.post(
                url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return answer.status
        except (ClientError, TimeoutError, OSError) as error:
            raise AnswerLostError(type(error).__name__) from error
