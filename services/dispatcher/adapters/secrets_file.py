"""
The secret that codes and signed URLs are made with, kept in a file only its owner can read.

It is made at the first start. Were it lost, codes already spoken would no longer fit and the
call-backs of calls then under way would be refused; nothing else hangs on it.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from services.dispatcher.adapters.private_file import SecretsFileError, read_private

_BYTES = 32


@dataclass(frozen=True, slots=True)
class EdgeSecrets:
    """One key for each purpose, none of which tells anything about the other."""

    codes: bytes = field(repr=False)
    urls: bytes = field(repr=False)

    @classmethod
    def derived_from(cls, root: bytes) -> "EdgeSecrets":
        """Return the keys that *root*, at least 32 bytes that nobody can guess, stands for."""
        if len(root) < _BYTES:
            raise SecretsFileError(f"a secret has at least {_BYTES} bytes")
        return cls(
            codes=hmac.digest(root, b"jiaoying codes", hashlib.sha256),
            urls=hmac.digest(root, b"jiaoying urls", hashlib.sha256),
        )


def load_secrets(path: Path) -> EdgeSecrets:
    """
    Return the secrets of *path*, which is made, with mode 0600, if it is not there.

    Raises SecretsFileError when others could have read it.
    """
    return EdgeSecrets.derived_from(read_private(path, lambda: secrets.token_bytes(_BYTES)))
