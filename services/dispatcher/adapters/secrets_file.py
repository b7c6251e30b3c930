"""
The secret that codes and signed URLs are made with, kept in a file only its owner can read.

It is made at the first start. Were it lost, codes already spoken would no longer fit and the
call-backs of calls then under way would be refused; nothing else hangs on it.
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

_BYTES = 32
_OTHERS = 0o077


class SecretsFileError(Exception):
    """The file is not a secret: others can read it, or it is damaged."""


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
    if not path.exists():
        _make(path)
    if path.stat().st_mode & _OTHERS:
        raise SecretsFileError(f"{path.name} can be read by others: chmod 600")
    return EdgeSecrets.derived_from(path.read_bytes())


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secrets.token_bytes(_BYTES))
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        # A link, unlike a rename, never replaces a secret that another process has just made.
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
