"""The sources' keys and their rates. A key is known by its SHA-256 alone."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.district.domain.pack import SourceKey
from services.runtime.clock import Clock

_SCHEME = "bearer "
_LONGEST = 512


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: datetime


class KeyRing:
    """
    `Keys` over those of a district pack. One request takes one token, however long its body.

    The buckets are in memory: a restart fills them, which lets a source say its burst again.
    """

    def __init__(self, keys: Iterable[SourceKey], clock: Clock) -> None:
        self._by_digest = {key.key_sha256.lower(): key for key in keys}
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def holder(self, authorization: str | None) -> SourceKey | None:
        """Return whose key "Bearer KEY" gives, or None."""
        if authorization is None or len(authorization) > _LONGEST:
            return None
        if not authorization.lower().startswith(_SCHEME):
            return None
        key = authorization[len(_SCHEME) :].strip()
        # A look-up by digest tells nothing of a key by the time it takes.
        return self._by_digest.get(hashlib.sha256(key.encode()).hexdigest())

    def wait_s(self, source: SourceKey) -> float | None:
        """Count one request; None when it may go on, else the seconds until it may."""
        now = self._clock.now()
        bucket = self._buckets.setdefault(source.name, _Bucket(float(source.burst), now))
        passed_s = max(0.0, (now - bucket.filled_at).total_seconds())
        bucket.tokens = min(float(source.burst), bucket.tokens + passed_s * source.per_s)
        bucket.filled_at = now
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / source.per_s if source.per_s > 0 else 3600.0
        bucket.tokens -= 1
        return None
