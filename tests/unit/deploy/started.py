"""What the files in deploy/ start, and with which environment: found in all of them alike."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
BASE = DEPLOY / "k8s" / "base"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
MANIFESTS = sorted([*BASE.glob("*.yaml"), *(DEPLOY / "k8s" / "topics").glob("*.yaml")])
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
IMAGE = "jiaoying"


@dataclass(frozen=True, slots=True)
class Started:
    """The words after `jiaoying` that *where* starts a process with."""

    where: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return self.where


def documents() -> Iterator[dict[str, Any]]:
    """Yield every object of the manifests, kustomizations left out."""
    for path in MANIFESTS:
        if path.name != "kustomization.yaml":
            yield from yaml.safe_load_all(path.read_text(encoding="utf-8"))


def containers(kind: str = "containers") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the containers of the manifests, each with what it belongs to."""
    for body in documents():
        pod = body.get("spec", {}).get("template", {}).get("spec", {})
        for container in pod.get(kind, ()):
            yield f"{body['kind']} {body['metadata']['name']}", container


def services() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the services of the compose file that run our image."""
    for name, service in COMPOSE["services"].items():
        if str(service["image"]).startswith(f"{IMAGE}:"):
            yield name, service


def unit(path: Path) -> dict[str, list[str]]:
    """Return the settings of a unit by their names."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, is_setting, value = line.partition("=")
        if is_setting and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def started() -> list[Started]:
    """Return every command of ours that is started anywhere."""
    found = [Started(f"compose {name}", tuple(one["command"])) for name, one in services()]
    found += [Started(where, tuple(map(str, one["args"]))) for where, one in containers()]
    for path in UNITS:
        [line] = unit(path)["ExecStart"]
        program, *words = shlex.split(line)
        assert program.endswith("/bin/jiaoying")
        found.append(Started(path.name, tuple(words)))
    return found


def environment() -> dict[str, set[str]]:
    """Return each variable of ours that is set anywhere, with where."""
    found: dict[str, set[str]] = {}
    for path in sorted(DEPLOY.rglob("*")):
        if path.suffix in {".yaml", ".service", ".example"} and "districts" not in path.parts:
            for name in re.findall(r"JIAOYING_[A-Z_]+", path.read_text(encoding="utf-8")):
                found.setdefault(name, set()).add(str(path.relative_to(ROOT)))
    return found
