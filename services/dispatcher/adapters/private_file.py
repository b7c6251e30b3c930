"""A secret in a file that only its owner can read, made when it is first asked for."""

import os
from collections.abc import Callable
from pathlib import Path

_OTHERS = 0o077


class SecretsFileError(Exception):
    """The file is not a secret: others can read it, or it is damaged."""


def read_private(path: Path, make: Callable[[], bytes]) -> bytes:
    """
    Return what is in *path*, which is made of what *make* returns, with mode 0600, if not there.

    Raises SecretsFileError when others could have read it.
    """
    if not path.exists():
        _write(path, make())
    if path.stat().st_mode & _OTHERS:
        raise SecretsFileError(f"{path.name} can be read by others: chmod 600")
    return path.read_bytes()


def _write(path: Path, secret: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secret)
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
