"""Ids that follow from what they name, so that a replay gives the same ones."""

import base64
import hashlib
from collections.abc import Sequence
from typing import TypeAlias

import orjson

IdPart: TypeAlias = str | int | Sequence["IdPart"] | None
"""What an id may be made of. No floats and no times: their text is not one and the same."""

_BYTES = 16


def hash_id(prefix: str, *parts: IdPart) -> str:
    """
    Return *prefix*, an underscore and 128 bits of the SHA-256 of the canonical JSON of *parts*.

    The bits are written as 26 letters and digits of base32 in lower case. The parts keep their
    borders: ("ab", "c") and ("a", "bc") are different ids.
    """
    digest = hashlib.sha256(orjson.dumps(parts)).digest()[:_BYTES]
    return f"{prefix}_{base64.b32encode(digest).decode().rstrip('=').lower()}"
