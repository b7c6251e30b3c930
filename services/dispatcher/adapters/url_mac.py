"""
Our own signature in the URLs we give to a carrier.

A leaked carrier token is then not enough to forge an answer: each URL speaks for one attempt, one
step and one kind of answer, and not for long.
"""

import base64
import hashlib
import hmac
from datetime import timedelta
from enum import StrEnum

from services.runtime.clock import Clock

_MAC_BYTES = 16


class UrlKind(StrEnum):
    """What a signed URL is asked for."""

    BEGIN = "begin"
    """The first words of a call."""
    MENU = "menu"
    """One key of the menu, or none."""
    CODE = "code"
    """The digits of a code, or none."""
    STATUS = "status"
    """What became of a call or message."""
    STATION = "station"
    """What became of what a loudspeaker or screen was to say."""


class UrlMac:
    """Seals and checks with one secret and the process's clock."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock

    def seal(
        self, attempt_id: str, step: int, kind: UrlKind, valid_for: timedelta
    ) -> dict[str, str]:
        """Return the query parameters that make a URL ours for *valid_for*."""
        expiry = str(int((self._clock.now() + valid_for).timestamp()))
        return {
            "kind": kind.value,
            "exp": expiry,
            "mac": self._mac(attempt_id, str(step), kind.value, expiry),
        }

    def is_valid(self, attempt_id: str, step: str, kind: str, expiry: str, mac: str) -> bool:
        """Return whether we made *mac* for exactly these, and *expiry* has not come."""
        ours = self._mac(attempt_id, step, kind, expiry)
        is_ours = hmac.compare_digest(ours.encode(), mac.encode())
        return is_ours and self._clock.now().timestamp() < int(expiry)

    def _mac(self, *parts: str) -> str:
        # Lengths in front, so that no two lists of parts spell the same bytes.
        message = "".join(f"{len(part)}:{part}" for part in parts)
        digest = hmac.digest(self._secret, message.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:_MAC_BYTES]).decode().rstrip("=")
