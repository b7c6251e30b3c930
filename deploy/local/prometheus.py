"""Prometheus beside the services, with our own rules: what `make cluster` shows a night's metrics with."""

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.local.debian_package import unpacked
from deploy.local.server_process import ServerProcess

PORT = 9090
RULES = Path(__file__).parents[1] / "monitoring" / "rules.yml"
_PACKAGE, _PACKED = "prometheus", Path("usr/bin/prometheus")
_WITHIN_S = 1.0


class Prometheus:
    """It scrapes *doors*, ports of loopback. MissingServerError when the program cannot be had."""

    def __init__(
        self, folder: Path, doors: Sequence[int], say: Callable[[str], None] = lambda _: None
    ) -> None:
        found = shutil.which(_PACKAGE)
        program = Path(found) if found else unpacked(_PACKAGE, _PACKED) / _PACKED
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "prometheus.yml"
        targets = [f"127.0.0.1:{port}" for port in doors]
        content = {
            "global": {"scrape_interval": "2s", "evaluation_interval": "2s"},
            "rule_files": [str(RULES)] if RULES.exists() else [],
            "scrape_configs": [{"job_name": "jiaoying", "static_configs": [{"targets": targets}]}],
        }
        # JSON is YAML too, and needs no thought about quotes.
        config.write_text(json.dumps(content, indent=1), encoding="utf-8")
        command = [
            str(program),
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{PORT}",
            "--log.level=warn",
        ]
        self._say = say
        self.process = ServerProcess(command, folder, self._answers)

    def start(self) -> None:
        """Start it, and return once it answers."""
        self._say(f"Prometheus: starting at http://127.0.0.1:{PORT}/graph")
        self.process.launch()
        self.process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/-/ready", timeout=_WITHIN_S):
                return True
        except (urllib.error.URLError, OSError):
            return False
