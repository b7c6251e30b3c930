"""Which district pack a stretch of the ledger was decided with, in a few digits."""

import hashlib
from collections.abc import Set as AbstractSet
from datetime import timedelta

import orjson
from pydantic import TypeAdapter

from services.district.domain.pack import Pack

_PACK = TypeAdapter(Pack)
_HEX_SHOWN = 16
_OPTIONS = orjson.OPT_NON_STR_KEYS


def pack_digest(pack: Pack) -> str:
    """
    Return the first digits of the SHA-256 over everything in *pack* that the dispatcher decides by.

    Numbers, addresses, keys and users are left out: they change no decision, and a digest of a number could
    be guessed.
    """
    said = _PACK.dump_python(
        pack,
        exclude={
            "numbers": True,
            "users": True,
            "demo": True,
            "sources": {"__all__": {"key_sha256"}},
            "stations": {"__all__": {"url"}},
        },
    )
    content = orjson.dumps(said, default=_plain, option=_OPTIONS)
    return hashlib.sha256(content).hexdigest()[:_HEX_SHOWN]


def _plain(value: object) -> object:
    if isinstance(value, AbstractSet):
        return sorted(value)  # a set has another order in every process
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{type(value).__name__} has no place in a digest")
