"""
Writes the JSON Schema of every topic's records, of the rule pack, and (in `pack/`) of every file of
a district pack, to `schemas/json/`.

With --check nothing is written: the exit code is 1 when a file there is not what it would be.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from schemas.deadletter import DeadLetter
from schemas.decision import DECISION
from schemas.dispatch import LedgerRecord
from schemas.event import EVENT
from schemas.rulepack import RulePack
from schemas.topics import TOPICS, Topic
from scripts.pack_schemas import pack_schemas

FOLDER = Path(__file__).parents[1] / "schemas" / "json"

_RECORDS: dict[Topic, TypeAdapter[Any]] = {
    Topic.EVENTS: EVENT,
    Topic.DECISIONS: DECISION,
    Topic.DISPATCH: TypeAdapter(LedgerRecord),
    Topic.DEAD_LETTERS: TypeAdapter(DeadLetter),
}
_MODE: JsonSchemaMode = "validation"  # what a reader must accept: a writer leaves absent values out


def documents() -> dict[str, str]:
    """Return the text of each file in `schemas/json/`, by its name."""
    schemas = {
        f"{topic.value}.json": _schema(
            adapter, topic.value, f"A record of {topic.value} ({TOPICS[topic].holds})."
        )
        for topic, adapter in _RECORDS.items()
    }
    schemas["rulepack.json"] = _schema(
        TypeAdapter(RulePack), "rulepack", "The rule pack that PackActivated carries in events.v1."
    )
    schemas |= {f"pack/{name}.json": schema for name, schema in pack_schemas().items()}
    return {
        name: json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        for name, schema in schemas.items()
    }


def stale(folder: Path = FOLDER) -> list[str]:
    """Return the names of the files in *folder* that are missing, out of date or left over."""
    wanted = documents()
    there = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*.json")
    }
    return sorted(
        name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name)
    )


def _schema(adapter: TypeAdapter[Any], name: str, about: str) -> dict[str, Any]:
    body = adapter.json_schema(mode=_MODE)
    return {
        **_with_keys_as_text(body, body["$defs"]),
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"urn:jiaoying:{name}",
        "title": name,
        "description": about,
    }


def _with_keys_as_text(node: Any, definitions: dict[str, Any]) -> Any:
    """
    Return *node* with the names of properties told as text.

    The keys of an object are text in JSON also where they are numbers here (a Level), which
    pydantic does not say.
    """
    if isinstance(node, list):
        return [_with_keys_as_text(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _names(value, definitions)
        if key == "propertyNames"
        else _with_keys_as_text(value, definitions)
        for key, value in node.items()
    }


def _names(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    named = definitions.get(schema.get("$ref", "").removeprefix("#/$defs/"), schema)
    if named.get("type") != "integer":
        return schema
    return {"enum": [str(value) for value in named["enum"]]}


def _write(folder: Path = FOLDER) -> None:
    wanted = documents()
    for name in stale(folder):
        if name in wanted:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(wanted[name], encoding="utf-8")
        else:
            (folder / name).unlink()
        print(f"schemas/json/{name}")


def main(arguments: list[str]) -> int:
    """Write the files, or with --check tell which of them are out of date."""
    if "--check" not in arguments:
        _write()
        return 0
    names = stale()
    for name in names:
        print(f"schemas/json/{name} is not what the records say: run 'make schemas'")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
