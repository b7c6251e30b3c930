"""
The code of an attempt: spoken in that call or sent in that SMS, typed back as proof of listening.

It is computed, never stored, and known to this module alone: topics, ledger and logs hold only
whether what came back was right.
"""

import hashlib
import hmac
import re

from services.dispatcher.domain.script import CODE_DIGITS, CODE_HERE
from services.district.domain.spoken import Voice

_RUNS = re.compile(rf"(?<!\d)\d{{{CODE_DIGITS}}}(?!\d)", re.ASCII)


class Codes:
    """Makes and judges codes with one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def judge(self, attempt_id: str, digits: str) -> bool:
        """Return whether *digits* are the code of *attempt_id*, in constant time."""
        return hmac.compare_digest(self._code(attempt_id).encode(), digits.encode())

    def is_in(self, body: str, attempt_id: str) -> bool:
        """Return whether the sent text *body* holds the code of *attempt_id*."""
        return any([self.judge(attempt_id, run) for run in _RUNS.findall(body)])  # noqa: C419 - all

    def write_into(self, text: str, attempt_id: str) -> str:
        """Return *text* with the code where it belongs, to be read."""
        return text.replace(CODE_HERE, self._code(attempt_id))

    def speak_into(self, text: str, attempt_id: str, voice: Voice) -> str:
        """Return *text* with the code where it belongs, to be heard as *voice* says digits."""
        return text.replace(CODE_HERE, voice.code(self._code(attempt_id)))

    def _code(self, attempt_id: str) -> str:
        digest = hmac.digest(self._secret, attempt_id.encode(), hashlib.sha256)
        # 64 bits modulo 10,000: no code is likelier than another by more than 10^-15.
        number = int.from_bytes(digest[:8], "big") % 10**CODE_DIGITS
        return f"{number:0{CODE_DIGITS}}"
