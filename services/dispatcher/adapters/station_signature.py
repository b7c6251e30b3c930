"""
How we and a station sign what we post to one another: HMAC-SHA256 with the secret of that station,
over the time and the body, so that neither can be changed nor kept for another day.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

TIMESTAMP = "X-Jiaoying-Timestamp"
SIGNATURE = "X-Jiaoying-Signature"
FRESH_FOR = timedelta(minutes=5)
"""How far the two clocks may be apart, and how long a request may be under way."""
_VERSION = "v1="


def signed_headers(secret: bytes, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers that go with *body*."""
    timestamp = str(int(now.timestamp()))
    return {TIMESTAMP: timestamp, SIGNATURE: _VERSION + _mac(secret, timestamp, body)}


def is_signed(secret: bytes, timestamp: str, signature: str, body: bytes, now: datetime) -> bool:
    """Return whether *signature* was made over *timestamp* and *body*, and not long ago."""
    ours = _VERSION + _mac(secret, timestamp, body)
    fits = hmac.compare_digest(ours.encode(), signature.encode())
    if not (fits and timestamp.isascii() and timestamp.isdecimal()):
        return False
    return abs(now.timestamp() - int(timestamp)) <= FRESH_FOR.total_seconds()


def _mac(secret: bytes, timestamp: str, body: bytes) -> str:
    return hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
