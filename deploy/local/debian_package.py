"""A program of a Debian package, unpacked into a cache folder and never installed."""

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
    draft = CACHE / f"{package}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    _run(["apt-get", "download", package], draft)
    fetched = next(iter(draft.glob("*.deb")), None)
    if fetched is None:
        raise MissingServerError(f"apt-get download brought no {package}")
    _run(["dpkg-deb", "-x", fetched.name, "."], draft)
    fetched.unlink()
    shutil.rmtree(home, ignore_errors=True)
    draft.rename(home)
    return home


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise MissingServerError(
            f"{command[0]} is not on this machine; that takes Debian or Ubuntu"
        ) from None
    if done.returncode:
        raise MissingServerError(f"{' '.join(command)}: {done.stderr.strip()[-500:]}")
