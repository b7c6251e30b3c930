"""
The JSON Schema of each file of a district pack, for editors: made from the classes that read them.

They are narrower than the reader in nothing; what refers to another file is judged by
`jiaoying check` alone.
"""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from schemas.level import Level
from scripts.phones_schema import PHONES
from services.district.pack_files import (
    DistrictFile,
    PeopleFile,
    PointsFile,
    PostsFile,
    SensorsFile,
    ShiftsFile,
    SourcesFile,
    StationsFile,
    UsersFile,
)
from services.district.policy_files import PoliciesFile
from services.district.replay_files import ReplayFile
from services.district.rule_files import RulesFile
from services.district.template_files import ApprovedTextsFile, TemplatesFile, TranslationFile

_FILES: dict[str, tuple[type[BaseModel], str]] = {
    "approved_texts": (ApprovedTextsFile, "approved_texts.yaml: the texts the carrier approved"),
    "district": (DistrictFile, "district.yaml: code, night, families, conventions, mandates"),
    "people": (PeopleFile, "people.yaml: people and their numbers"),
    "points": (PointsFile, "points.yaml: registered points and their marks"),
    "policies": (PoliciesFile, "policies.yaml: who is called at which level within which limits"),
    "posts": (PostsFile, "posts.yaml: responsibilities, and the post above"),
    "replay": (ReplayFile, "replay.yaml: a script for a demonstration"),
    "rules": (RulesFile, "rules/*.yaml: the graded rules of a hazard"),
    "sensors": (SensorsFile, "sensors.yaml: instruments"),
    "shifts": (ShiftsFile, "shifts.yaml: who holds which post, since when, until when"),
    "sources": (SourcesFile, "sources.yaml: who may report what"),
    "stations": (StationsFile, "stations.yaml: loudspeakers and screens, and where they listen"),
    "templates": (TemplatesFile, "templates.zh-CN.yaml: what is said and sent, and names"),
    "translation": (TranslationFile, "templates.*.yaml: the same in another language"),
    "users": (UsersFile, "users.yaml: who acts in the system"),
}
_EVERY_KEY = {
    "templates": ("texts", "hazards", "levels", "measures", "metrics"),
    "policies": ("levels",),
}
"""What must say something about each member of its closed list."""


class _AsWritten(GenerateJsonSchema):
    """Codes need no quotes: a number may stand where a text is wanted (see `file_types.Entry`)."""

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        """Return the schema of a text; one that begins with a plus is no number."""
        found = super().str_schema(schema)
        if str(found.get("pattern", "")).startswith(r"^\+"):
            return found
        return {**found, "type": ["string", "number"]}

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """Return the schema of an exact number, which is written without quotes."""
        bounds = {"gt": "exclusiveMinimum", "ge": "minimum"}
        return {
            "type": "number",
            **{name: float(schema[key]) for key, name in bounds.items() if key in schema},  # type: ignore[literal-required]
        }


def pack_schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of each file of a pack, by the file's name without its ending."""
    schemas = {name: _schema(name, model, about) for name, (model, about) in _FILES.items()}
    schemas["phones"] = _headed(
        "phones", "phones.yaml: how people behave on practice phones", PHONES
    )
    return schemas


def _schema(name: str, model: type[BaseModel], about: str) -> dict[str, Any]:
    body = model.model_json_schema(mode="validation", schema_generator=_AsWritten)
    definitions = body.get("$defs", {})
    if "Level" in definitions:
        definitions["Level"] = {"enum": [level.name for level in sorted(Level, reverse=True)]}
    body = _with_keys_spelled_out(body, definitions)
    for part in _EVERY_KEY.get(name, ()):
        found = body["properties"][part]
        found["required"] = sorted(found["properties"])
    return _headed(name, about, body)


def _headed(name: str, about: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        **body,
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"urn:jiaoying:pack:{name}",
        "title": name,
        "description": about,
    }


def _with_keys_spelled_out(node: Any, definitions: dict[str, Any]) -> Any:
    """Return *node* with each key of a closed list as a property: editors complete properties."""
    if isinstance(node, list):
        return [_with_keys_spelled_out(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    told = {key: _with_keys_spelled_out(value, definitions) for key, value in node.items()}
    names = told.get("propertyNames", {})
    named = definitions.get(str(names.get("$ref", "")).removeprefix("#/$defs/"), names)
    if "enum" not in named or "additionalProperties" not in told:
        return told
    del told["propertyNames"]
    value = told.pop("additionalProperties")
    keys = [str(key) for key in named["enum"]]
    return {**told, "properties": dict.fromkeys(keys, value), "additionalProperties": False}
