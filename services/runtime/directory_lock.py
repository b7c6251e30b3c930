"""One process to a data directory: two writers would give the same offset twice."""

import fcntl
import os
from pathlib import Path

from services.runtime.bus import BusInUseError


class DirectoryLock:
    """Held from the moment it is made until `release`, or until the process ends in any way."""

    def __init__(self, directory: Path) -> None:
        """Take the lock of *directory*; BusInUseError when another process holds it."""
        self._file = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise BusInUseError(
                f"{directory} is in use by another process; stop that one or choose another --data"
            ) from error

    def release(self) -> None:
        """Let another process have the directory."""
        os.close(self._file)
