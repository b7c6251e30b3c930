"""
Ids of things that happen once, in the order of their time.

What must be the same in a replay takes `schemas.ids.hash_id` instead.
"""

import base64
import secrets
from typing import Protocol

from services.runtime.clock import Clock

_RANDOM_BYTES = 10  # with 6 bytes of milliseconds: 128 bits, as a UUIDv7 has


class IdFactory(Protocol):
    """What a pipeline needs of ids."""

    def new(self, prefix: str) -> str:
        """Return an id never given before, *prefix* and an underscore first."""
        ...


class RandomIds:
    """Ids that sort by the millisecond they were made in and cannot be guessed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def new(self, prefix: str) -> str:
        """Return the milliseconds and 80 random bits, in the base32 whose letters sort as bytes."""
        milliseconds = int(self._clock.now().timestamp() * 1000).to_bytes(6, "big")
        code = base64.b32hexencode(milliseconds + secrets.token_bytes(_RANDOM_BYTES))
        return f"{prefix}_{code.decode().rstrip('=').lower()}"
