import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from schemas.event import PackActivated
from schemas.record import Record
from schemas.topics import Topic
from schemas.wire import encode
from scripts.generate_schemas import FOLDER, documents, main, stale
from services.district.load import load_pack
from tests.unit.schemas.records import PLACED


def validator(name: str) -> Draft202012Validator:
    schema: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)


DEMO = Path(__file__).parents[3] / "deploy" / "districts" / "demo"
VALIDATORS = {topic: validator(topic.value) for topic in Topic}


@pytest.fixture(scope="module")
def activated() -> dict[str, Any]:
    """The demo pack's activation, as it is written."""
    event = PackActivated(
        district="500108",
        event_id="p1",
        accepted_at=datetime(2026, 7, 1, tzinfo=UTC),
        pack=load_pack(DEMO).rules,
    )
    written: dict[str, Any] = json.loads(encode(event))
    return written


def test_the_committed_schemas_are_those_of_the_records() -> None:
    assert stale() == []


def test_there_is_a_schema_for_every_topic_and_for_the_rule_pack() -> None:
    of_records = {name for name in documents() if not name.startswith("pack/")}

    assert of_records == {*(f"{topic.value}.json" for topic in Topic), "rulepack.json"}


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.json")), ids=lambda path: path.name)
def test_each_file_is_a_json_schema(path: Path) -> None:
    Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


@given(PLACED)
def test_what_is_written_is_valid_by_its_schema(placed: tuple[Topic, Record]) -> None:
    """A reader that is not ours can rely on the published schema."""
    topic, record = placed

    assert list(VALIDATORS[topic].iter_errors(json.loads(encode(record)))) == []


def test_an_activated_pack_is_valid_by_both_of_its_schemas(activated: dict[str, Any]) -> None:
    assert list(VALIDATORS[Topic.EVENTS].iter_errors(activated)) == []
    assert list(validator("rulepack").iter_errors(activated["pack"])) == []


def test_a_field_that_is_not_known_is_invalid_by_the_schema(activated: dict[str, Any]) -> None:
    assert list(VALIDATORS[Topic.EVENTS].iter_errors(activated | {"extra": 1})) != []


@pytest.mark.parametrize("spoil", ["changed", "missing", "left over"])
def test_a_file_that_is_not_current_is_named(spoil: str, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    for name, text in documents().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    spoilt = tmp_path / ("old.json" if spoil == "left over" else "events.v1.json")
    if spoil == "missing":
        spoilt.unlink()
    else:
        spoilt.write_text("{}", encoding="utf-8")

    assert stale(tmp_path) == [spoilt.name]


def test_the_check_passes_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == ""
