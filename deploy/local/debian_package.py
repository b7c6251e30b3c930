"""A program of a Debian package, unpacked into a cache folder and never installed."""

import os
import shutil
import subprocess
from pathlib import Path

from deploy.local.missing import MissingServerError

CACHE = Path.home() / ".cache" / "jiaoying" / "debian"


def unpacked(package: str, has: Path) -> Path:
    """
    Return the folder in which *package* lies unpacked, with the file *has* in it, fetched if it is
    not in the cache. MissingServerError when it cannot be had.
    """
    home = CACHE / package
    if (home / has).exists():
        return home
    CACHE.mkdir(parents=True, exist_ok=True)
    # Another process may be fetching the same: whoever is first has it.
    draft = CACHE / f"{package}.{os.getpid()}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    _download(package, draft)
    fetched = next(iter(draft.glob("*.deb")), None)
    if fetched is None:
        raise MissingServerError(f"apt-get download brought no {package}")
    _run(["dpkg-deb", "-x", fetched.name, "."], draft)
    fetched.unlink()
    if not (home / has).exists():
        shutil.rmtree(home, ignore_errors=True)
    try:
        draft.rename(home)
    except OSError:
        if not (home / has).exists():
            raise
        shutil.rmtree(draft)
    return home


def _download(package: str, folder: Path) -> None:
    command = ["apt-get", "download", package]
    try:
        _run(command, folder)
    except MissingServerError:
        if os.geteuid() != 0:
            raise
        # A machine that is new has no list of packages yet.
        _run(["apt-get", "update"], folder)
        _run(command, folder)


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise MissingServerError(
            f"{command[0]} is not on this machine; that takes Debian or Ubuntu"
        ) from None
    if done.returncode:
        raise MissingServerError(f"{' '.join(command)}: {done.stderr.strip()[-500:]}")
