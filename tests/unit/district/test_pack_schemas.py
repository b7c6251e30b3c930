"""The schemas that editors complete from say what the reader says."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scripts.generate_schemas import FOLDER
from services.district.faults import Faults
from services.district.read_yaml import read_yaml
from tests.unit.district.conftest import DEMO

THREE_TOWNS = Path(__file__).parents[2] / "data" / "three_towns"
FILES = [
    (folder, path.relative_to(folder).as_posix())
    for folder in (DEMO, THREE_TOWNS)
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("rules/*.yaml")])
]


def schema_of(file: str) -> dict[str, Any]:
    name = "rules" if file.startswith("rules/") else file.partition(".")[0]
    if file.startswith("templates.") and file != "templates.zh-CN.yaml":
        name = "translation"
    found: dict[str, Any] = json.loads((FOLDER / "pack" / f"{name}.json").read_text("utf-8"))
    return found


def written(folder: Path, file: str) -> Any:
    """Return what an editor takes the file for: YAML 1.2, in which 22:00 is a text."""
    document = read_yaml(folder, file, Faults())
    assert document is not None
    return as_json(document.data)


def as_json(value: Any) -> Any:
    match value:
        case dict():
            return {key: as_json(inner) for key, inner in value.items()}
        case list():
            return [as_json(inner) for inner in value]
        case Decimal():
            return float(value)
        case _:
            return value


def mistakes(file: str, data: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(schema_of(file)).iter_errors(data)]


@pytest.mark.parametrize(("folder", "file"), FILES, ids=[f"{f.name}/{name}" for f, name in FILES])
def test_each_file_of_the_packs_is_valid_by_its_schema(folder: Path, file: str) -> None:
    assert mistakes(file, written(folder, file)) == []


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("district.yaml", "raise_level: [DL", "raise_level: [DX"),
        ("district.yaml", "lateness: PT30M", "lateness: 30"),
        ("district.yaml", "up4_rain: 100 mm", "up4_rain: 100"),
        ("people.yaml", '"+8610020011490"', '"010-1149"'),
        ("points.yaml", "kind: GAUGE", "kind: GAUGES"),
        ("policies.yaml", "  IV:", "  V:"),
        ("policies.yaml", "called: [DO,", "called: [DX,"),
        ("policies.yaml", "join_within", "jion_within"),
        ("policies.yaml", "FLASH_FLOOD: [PM", "FLASHFLOOD: [PM"),
        ("replay.yaml", "metric: rain", "metric: rian"),
        ("rules/rainstorm.yaml", "level: IV", "level: V"),
        ("rules/rainstorm.yaml", "value: 50", "value: fifty"),
        ("rules/rainstorm.yaml", "metric: rain", "metrik: rain"),
        ("sensors.yaml", "every: PT5M", "every: 5M"),
        ("sources.yaml", "kinds: [readings]", "kinds: [rumours]"),
        ("templates.zh-CN.yaml", "  sms.release:", "  # sms.release:"),
        ("templates.zh-CN.yaml", "role: [PM, RG]", "role: [PM, XX]"),
        ("templates.en.yaml", "  sms.release:", "  sms.releases:"),
        ("approved_texts.yaml", "key: voice.order", "key: voice.odrer"),
        ("users.yaml", "role: COMMANDER", "role: BOSS"),
        ("phones.yaml", "habit: coder", "habit: code_giver"),
    ],
    ids=lambda value: str(value).strip(),
)
def test_a_mistake_is_invalid_by_the_schema(
    tmp_path: Path, file: str, right: str, wrong: str
) -> None:
    text = (DEMO / file).read_text(encoding="utf-8")
    assert right in text
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text.replace(right, wrong, 1), encoding="utf-8")

    assert mistakes(file, written(tmp_path, file)) != []


def test_an_editor_is_offered_the_closed_lists() -> None:
    templates = schema_of("templates.zh-CN.yaml")["properties"]

    assert "voice.confirm" in templates["texts"]["properties"]
    assert set(templates["levels"]["properties"]) == {"IV", "III", "II", "I"}
