"""
The system packages that tests need beside Python, and what is done about a missing one.

As root they are installed. As anybody else the one line to run is printed, and the tests that need
them skip themselves by name; with REQUIRE_SERVERS=1 a missing one is a failure.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SystemPackage:
    """A Debian *package*, a command or path it *brings*, and *what* cannot be tested without it."""

    package: str
    brings: str
    what: str


NEEDED: tuple[SystemPackage, ...] = (
    SystemPackage("chromium", "chromium", "the pages in a real browser"),
    SystemPackage("systemd", "systemd-analyze", "the units in deploy/systemd"),
    SystemPackage("fonts-noto-cjk", "/usr/share/fonts/opentype/noto", "how Chinese text looks"),
    SystemPackage("openjdk-17-jre-headless", "java", "the distributed mode on a real Kafka"),
    SystemPackage("maven", "mvn", "the distributed mode on a real Kafka, whose jars Maven fetches"),
)
"""A row here is all that a new need takes."""


def missing(needed: Sequence[SystemPackage]) -> list[SystemPackage]:
    """Return those of *needed* that are not there."""
    return [one for one in needed if not (shutil.which(one.brings) or Path(one.brings).is_dir())]


def install_line(packages: Sequence[SystemPackage]) -> list[str]:
    """Return the command, as words, that installs *packages* on Debian and Ubuntu."""
    names = sorted({one.package for one in packages})
    return ["apt-get", "install", "--yes", "--no-install-recommends", *names]


def provide(needed: Sequence[SystemPackage], *, is_root: bool, required: bool) -> int:
    """Install what is missing of *needed*, or say so; return the exit code."""
    absent = missing(needed)
    if absent and is_root and shutil.which("apt-get"):
        _run(["apt-get", "update"])
        _run(install_line(absent))
        absent = missing(needed)
    if not absent:
        return 0
    print(f"To test everything, run once: sudo {' '.join(install_line(absent))}")
    for one in absent:
        print(f"without {one.package}: {one.what} {'cannot be' if required else 'is not'} tested")
    return 1 if required else 0


def _run(command: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    sys.exit(
        provide(
            NEEDED,
            is_root=os.geteuid() == 0,
            required=os.environ.get("REQUIRE_SERVERS") == "1",
        )
    )
