"""
A disk of its own that can be filled to the last byte, and emptied again. Only root may mount one.
"""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_BLOCK = bytes(4096)


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """What is mounted at *folder*."""

    folder: Path

    def fill(self) -> None:
        """Leave no byte for anybody else."""
        with self._ballast.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(_BLOCK)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def empty(self) -> None:
        """Give back what `fill` took."""
        self._ballast.unlink()

    @property
    def _ballast(self) -> Path:
        return self.folder / "filled"


def may_mount() -> bool:
    """Whether this process may mount a file system, as far as it knows without trying."""
    return os.geteuid() == 0


@contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[SmallDisk]:
    """Mount a disk of *mebibytes* at *folder*, which is made."""
    folder.mkdir(parents=True)
    size = f"size={mebibytes}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], check=True)
    try:
        yield SmallDisk(folder)
    finally:
        # Whoever died may still hold a file of it open for a moment: it goes when that ends.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
