"""
Prometheus Alertmanager, the reference: from a Debian package in a cache folder, never installed.

It is not clustered, waits for nothing before the first notification of a group, and stores nothing
of an alert before it notifies.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.children import BenchError, free_port, running
from deploy.local.debian_package import unpacked
from deploy.local.missing import MissingServerError

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
    try:
        home = unpacked(_PACKAGE, _PACKED)
    except MissingServerError as error:
        raise BenchError(
            f"the reference, {_PACKAGE}, cannot be had; if the package lists are old or missing, "
            f"run 'apt-get update' once as root. {error}"
        ) from error
    binary = home / _BINARY
    if not binary.exists():
        draft = home / f"{_BINARY}.draft"
        draft.write_bytes((home / _PACKED).read_bytes().replace(_TEMPLATES, _TEMPLATES_HERE))
        draft.chmod(0o755)
        draft.rename(binary)
    return binary


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
