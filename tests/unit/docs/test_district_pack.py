"""What the document about packs says is what the check and the schemas do."""

import re
from pathlib import Path

import pytest

from scripts.generate_schemas import FOLDER
from services.district.domain.templates import TextKey
from services.district.text_rules import must_say

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "district-pack.md").read_text(encoding="utf-8")
DEMO = ROOT / "deploy" / "districts" / "demo"


def test_every_schema_of_a_pack_is_named() -> None:
    named = set(re.findall(r"`([a-z_]+\.json)`", DOCUMENT))

    assert named == {path.name for path in (FOLDER / "pack").glob("*.json")}


def test_the_line_that_names_a_schema_leads_to_it() -> None:
    (target,) = re.findall(r"yaml-language-server: \$schema=(\S+)", DOCUMENT)

    assert (DEMO / target).resolve().exists()


@pytest.mark.parametrize("key", [key for key in TextKey if must_say(key)])
def test_what_a_text_must_say_is_told(key: TextKey) -> None:
    said = " ".join(f"{{{name}}}" for name in must_say(key))
    after = DOCUMENT.split("texts must say something")[1]

    assert f"`{key.value}`" in after
    assert sorted(said.split()) in _lists(after)


def _lists(text: str) -> list[list[str]]:
    return [sorted(found.split()) for found in re.findall(r"`((?:\{\w+\} ?)+)`", text)]
