"""What the documents say is compared with what is there."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "deploy" / "districts" / "demo"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), DEMO / "SOURCES.md"])
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
RULE, LIMITS = (
    yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
)


def read(name: str) -> Any:
    return yaml.safe_load((DEMO / name).read_text(encoding="utf-8"))


def shown(part: Any, whole: Any) -> bool:
    """Whether *part* is in *whole*: a list may be shown with items left out."""
    if isinstance(part, Mapping):
        return part.keys() <= whole.keys() and all(shown(part[key], whole[key]) for key in part)
    if isinstance(part, list):
        return all(any(shown(item, other) for other in whole) for item in part)
    return bool(part == whole)


def test_the_rule_in_the_readme_is_the_demos() -> None:
    assert shown(RULE, read("rules/rainstorm.yaml"))


def test_the_limits_in_the_readme_are_the_demos_at_level_ii() -> None:
    policy = read("policies.yaml")["levels"]["II"]

    assert {"day": policy["day"], "night": policy["night"]} == LIMITS


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]

    assert [target for target in local if not (document.parent / target).exists()] == []


def test_every_folder_in_the_map_is_there() -> None:
    _, after = README.split("## Where things are")
    block = after.split("```")[1]
    names = re.findall(r"^( *)(\S+)", block, re.MULTILINE)
    paths = [f"services/{name}" if indent else name for indent, name in names if name]

    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_make_target_that_is_named_exists(document: Path) -> None:
    named = set(
        re.findall(
            r"(?:^|`)make ([a-z][a-z0-9-]+)", document.read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    explained = set(re.findall(r"^([a-z0-9-]+):.*## ", MAKEFILE, re.MULTILINE))

    assert named - explained == set()
