"""Which district pack a stretch of the ledger was decided with, in a few digits."""

import hashlib

import orjson
from pydantic import TypeAdapter

from services.district.domain.pack import Pack

_PACK = TypeAdapter(Pack)
_HEX_SHOWN = 16


def pack_digest(pack: Pack) -> str:
    """
    Return the first digits of the SHA-256 over everything in *pack* that the dispatcher decides by.

    Numbers, keys and users are left out: they change no decision, and a digest of a number could
    be guessed.
    """
    said = _PACK.dump_python(
        pack,
        mode="json",
        exclude={"numbers": True, "users": True, "demo": True, "sources": {"__all__": _SECRET}},
    )
    return hashlib.sha256(orjson.dumps(said)).hexdigest()[:_HEX_SHOWN]


_SECRET = {"key_sha256"}
