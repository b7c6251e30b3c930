"""
Whether a request was signed by the carrier with our account's token.

HMAC-SHA1 over the exact public URL and the sorted form parameters; the recipe is the vendor's.
There is no other way in: no account id, address or user agent is ever compared instead.
"""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import SplitResult, urlsplit

from twilio.request_validator import RequestValidator

_DEFAULT_PORTS = {"https": 443, "http": 80}


class SignatureCheck:
    """Knows the primary token and, while tokens are being rotated, the alternate one."""

    def __init__(self, *tokens: str) -> None:
        if not any(tokens):
            raise ValueError("a signature needs a token")
        self._validators = [RequestValidator(token) for token in tokens if token]

    def is_valid(self, url: str, form: Mapping[str, Sequence[str]], signature: str) -> bool:
        """
        Return whether *signature* is the carrier's for *form* posted to the public *url*.

        Every candidate is computed and compared in constant time, whichever fits.
        """
        given = signature.encode()
        params = _Params(form)
        fits = [
            hmac.compare_digest(validator.compute_signature(spelt, params).encode(), given)
            for validator in self._validators
            for spelt in _spellings(url)
        ]
        return any(fits)


def _spellings(url: str) -> list[str]:
    # The carrier signs the URL with its port or without; the vendor's own check tries both.
    parts = urlsplit(url)
    host = parts.hostname or ""
    bare = f"[{host}]" if ":" in host else host
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 80)
    spelt = {url, _with_netloc(url, parts, bare), _with_netloc(url, parts, f"{bare}:{port}")}
    return sorted(spelt)


def _with_netloc(url: str, parts: SplitResult, netloc: str) -> str:
    start = len(parts.scheme) + len("://")
    return f"{url[:start]}{netloc}{url[start + len(parts.netloc) :]}"


class _Params:
    """A form whose names may come several times, as the vendor's validator wants it."""

    def __init__(self, form: Mapping[str, Sequence[str]]) -> None:
        self._form = form

    def __iter__(self) -> Iterator[str]:
        return iter(self._form)

    def __len__(self) -> int:
        return len(self._form)

    def getlist(self, name: str) -> Sequence[str]:
        return self._form[name]
