"""
Ballast: a file that is thrown overboard when the disk is full, so that what runs can go on.

Its space is for chains that are already ringing; whoever takes in new work looks at `is_freed`
and refuses while it is.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

_CHUNK = 1 << 20


class Ballast:
    """*size* bytes in *path*, written out in full: a hole in a file keeps no space."""

    def __init__(
        self, path: Path, size: int, free_bytes: Callable[[Path], int] | None = None
    ) -> None:
        self._path = path
        self._size = size
        self._free_bytes = free_bytes or _free_bytes
        self._times_freed = 0
        self._is_freed = not path.exists() or path.stat().st_size < size

    @property
    def is_freed(self) -> bool:
        """Whether the space of the ballast is in use, or was never to be had."""
        return self._is_freed

    def free(self) -> None:
        """Give the space back to the disk; nothing when that was done before."""
        self._times_freed += 1
        self._path.unlink(missing_ok=True)
        self._is_freed = True

    def restore(self) -> None:
        """
        Take the space again if the disk has twice as much left.

        With less, the ballast itself would be what fills the disk. It blocks while it writes, so
        it may run in another thread than `free`.
        """
        times_freed = self._times_freed
        if not self._is_freed or self._free_bytes(self._path.parent) < 2 * self._size:
            return
        try:
            with self._path.open("wb") as file:
                for begin in range(0, self._size, _CHUNK):
                    file.write(bytes(min(_CHUNK, self._size - begin)))
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            self._path.unlink(missing_ok=True)
            return
        self._is_freed = self._times_freed != times_freed


def _free_bytes(directory: Path) -> int:
    return shutil.disk_usage(directory).free
