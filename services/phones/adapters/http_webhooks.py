"""
Webhooks over HTTP, signed as the carrier signs them.

The fragment of a URL may override the time-outs and retries for it, as the carrier documents:
`#ct=2000&rt=5000&tt=10000&rc=0` in milliseconds and tries; it is neither sent nor signed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urldefrag, urlencode, urljoin

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout
from twilio.request_validator import RequestValidator
from yarl import URL

from services.phones.domain.effects import Effect, FetchScript, PostCallback
from services.phones.domain.errors import DeliveryError
from services.phones.ports import Fetched

_CONNECT_MS, _READ_MS, _TOTAL_MS, _MAX_RETRIES = 5_000, 15_000, 15_000, 5
_SUCCESS = range(200, 300)


@dataclass(frozen=True, slots=True)
class _Patience:
    timeout: ClientTimeout
    retries: int


class HttpWebhooks:
    """Sends form posts (or gets) to the customer's server; a failed connection is tried again once."""

    def __init__(self, session: ClientSession, auth_token_of: Callable[[str], str]) -> None:
        self._session = session
        self._auth_token_of = auth_token_of

    async def fetch_script(self, effect: FetchScript) -> Fetched:
        """Ask for a script at its URL, relative to the one before."""
        url = urljoin(effect.base_url, effect.url)
        body = await self._send(effect, url)
        return Fetched(urldefrag(url).url, body)

    async def post_callback(self, effect: PostCallback) -> str:
        """Tell of a state or a message."""
        return await self._send(effect, effect.url)

    async def _send(self, effect: Effect, url: str) -> str:
        target, fragment = urldefrag(url)
        patience = _patience(fragment)
        for tries_left in range(patience.retries, -1, -1):
            try:
                return await self._once(effect, target, patience.timeout)
            except ClientConnectorError as exc:
                if not tries_left:
                    raise DeliveryError("not_connected") from exc
            except TimeoutError as exc:
                raise DeliveryError("timed_out") from exc
            except (ClientError, ValueError) as exc:
                raise DeliveryError("no_answer") from exc
        raise AssertionError("the last try returns or raises")

    async def _once(self, effect: Effect, url: str, timeout: ClientTimeout) -> str:  # noqa: ASYNC109 - it is aiohttp's own
        signed_url, signed_form = url, dict(effect.form)
        if effect.method == "GET":
            signed_url, signed_form = _with_query(url, effect.form), {}
        validator = RequestValidator(self._auth_token_of(effect.account_sid))
        headers = {
            "X-Twilio-Signature": validator.compute_signature(signed_url, signed_form),
            "I-Twilio-Idempotency-Token": effect.token,
            "User-Agent": "TwilioProxy/1.1",
        }
        async with self._session.request(
            effect.method,
            URL(signed_url, encoded=True),
            data=None if effect.method == "GET" else signed_form,
            headers=headers,
            timeout=timeout,
            allow_redirects=True,
        ) as response:
            body = await response.text()
            if response.status not in _SUCCESS:
                raise DeliveryError(f"status_{response.status}")
            return body


def _with_query(url: str, form: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(dict(form))}"


def _patience(fragment: str) -> _Patience:
    given = {name: values[0] for name, values in parse_qs(fragment).items()}

    def seconds(name: str, most_ms: int) -> float:
        value = given.get(name, "")
        return min(max(int(value), 100), most_ms) / 1000 if value.isdecimal() else most_ms / 1000

    retries = given.get("rc", "1")
    return _Patience(
        ClientTimeout(
            total=seconds("tt", _TOTAL_MS),
            sock_connect=seconds("ct", _CONNECT_MS),
            sock_read=seconds("rt", _READ_MS),
        ),
        min(int(retries), _MAX_RETRIES) if retries.isdecimal() else 1,
    )
