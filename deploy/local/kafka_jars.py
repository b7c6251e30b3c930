"""
Apache Kafka's jars: fetched once by Maven into a cache outside the checkout, and checked by hash.

`jars.sha256` names every jar that may be run; what does not match is not used.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.local.missing import MissingServerError

HERE = Path(__file__).parent
SUMS = HERE / "jars.sha256"
_SHOWN = 2_000


def kafka_jars(say: Callable[[str], None] = lambda _: None) -> Path:
    """Return the folder with the checked jars; MissingServerError when they cannot be had."""
    sums = _read_sums()
    for command in ("java",) if (home := _home(sums)).is_dir() else ("java", "mvn"):
        if shutil.which(command) is None:
            raise MissingServerError(
                f"no {command}: a Kafka here takes openjdk-17-jre-headless, and maven the first "
                "time; or name a running one in KAFKA_BOOTSTRAP_SERVERS"
            )
    if not home.is_dir():
        say(f"Kafka: Maven fetches {len(sums)} jars into {home}, once")
        _fetch(home, sums)
    _check(home, sums)
    return home


def _home(sums: Mapping[str, str]) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    server = next(name for name in sums if name.startswith("kafka_2.13-"))
    version = server.removeprefix("kafka_2.13-").removesuffix(".jar")
    return cache / "jiaoying" / f"kafka-{version}"


def _read_sums() -> dict[str, str]:
    lines = SUMS.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def _fetch(home: Path, sums: Mapping[str, str]) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    # Two processes may fetch at once: each fills a folder of its own, and the first one counts.
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=f"{home.name}.") as draft:
        jars = Path(draft) / "jars"
        command = [
            "mvn",
            *("--quiet", "--batch-mode", "--file", str(HERE / "pom.xml")),
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
            f"-DoutputDirectory={jars}",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise MissingServerError(f"Maven could not fetch Kafka\n{done.stdout[-_SHOWN:]}")
        _check(jars, sums)
        if not home.is_dir():
            jars.replace(home)


def _check(jars: Path, sums: Mapping[str, str]) -> None:
    found = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in jars.iterdir()}
    if found != sums:
        wrong = sorted({name for name, _ in found.items() ^ sums.items()})
        raise MissingServerError(f"{jars}: not what jars.sha256 says: {', '.join(wrong)}")
