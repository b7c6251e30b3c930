"""
Prometheus Alertmanager, the reference: from a Debian package in a cache folder, never installed.

It is not clustered, waits for nothing before the first notification of a group, and stores nothing
of an alert before it notifies.
"""

import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.children import BenchError, free_port, running

CACHE = Path.home() / ".cache" / "jiaoying" / "bench"
_PACKAGE = "prometheus-alertmanager"
_PACKED = Path("usr/bin/prometheus-alertmanager")
_BINARY = "alertmanager"
# Debian's program reads its templates from this path alone. The same bytes with the slash at the
# other end name a folder below the working directory, and nothing has to be installed.
_TEMPLATES, _TEMPLATES_HERE = (
    b"/usr/share/prometheus/alertmanager",
    b"usr/share/prometheus/alertmanager/",
)


def alertmanager_binary() -> Path:
    """Return the program, downloaded if it is not in the cache; BenchError when it cannot be had."""
    home = CACHE / _PACKAGE
    if (home / _BINARY).exists():
        return home / _BINARY
    draft = CACHE / f"{_PACKAGE}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    _run(["apt-get", "download", _PACKAGE], draft)
    package = next(iter(draft.glob("*.deb")), None)
    if package is None:
        raise BenchError(f"apt-get download brought no {_PACKAGE}")
    _run(["dpkg-deb", "-x", package.name, "."], draft)
    package.unlink()
    program = (draft / _PACKED).read_bytes()
    (draft / _BINARY).write_bytes(program.replace(_TEMPLATES, _TEMPLATES_HERE))
    (draft / _BINARY).chmod(0o755)
    shutil.rmtree(home, ignore_errors=True)
    draft.rename(home)
    return home / _BINARY


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise BenchError(
            f"{command[0]} is not on this machine: the reference, {_PACKAGE}, comes as a Debian "
            "package, so that this benchmark needs Debian or Ubuntu"
        ) from None
    if done.returncode:
        raise BenchError(
            f"{' '.join(command)} failed. The package lists may be old or missing: run "
            f"'apt-get update' once as root, then try again.\n{done.stderr.strip()}"
        )


@asynccontextmanager
async def alertmanager(binary: Path, folder: Path, webhook: str) -> AsyncIterator[str]:
    """Run Alertmanager with its state in *folder*, notifying *webhook*; yield its alerts' URL."""
    config = _write_config(folder, webhook)
    base = f"http://127.0.0.1:{free_port()}"
    command = [
        str(binary),
        f"--config.file={config}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address={base.removeprefix('http://')}",
        "--cluster.listen-address=",
        "--log.level=warn",
    ]
    async with running(command, f"{base}/-/ready", folder / "log", binary.parent):
        yield f"{base}/api/v2/alerts"


def alert(identity: str) -> bytes:
    """Return the body of one alert, in a group of its own."""
    return json.dumps(
        [
            {
                "labels": {"alertname": f"rain {identity}", "id": identity, "severity": "critical"},
                "annotations": {"summary": "45 mm in an hour"},
            }
        ]
    ).encode()


def _write_config(folder: Path, webhook: str) -> Path:
    folder.mkdir()
    path = folder / "alertmanager.yml"
    content = {
        "route": {
            "receiver": "hook",
            "group_by": ["alertname"],
            "group_wait": "0s",
            "group_interval": "5m",
            "repeat_interval": "4h",
        },
        "receivers": [
            {"name": "hook", "webhook_configs": [{"url": webhook, "send_resolved": False}]}
        ],
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
