"""docs/api/: what other systems build against is what a running system serves."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from schemas.topics import TOPICS
from scripts.generate_api_docs import FOLDER


def document(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return read


def test_the_openapi_document_is_valid() -> None:
    read = document("openapi.json")

    validate(read)

    assert read["openapi"].startswith("3.")


@pytest.mark.parametrize(
    "call",
    [
        "/v1/readings",
        "/v1/warnings",
        "/v1/tips",
        "/v1/acts",
        "/v1/responses",
        "/v1/callouts",
        "/v1/callouts/{callout_id}",
        "/v1/orders",
        "/v1/ledger",
        "/healthz",
        "/readyz",
        "/metrics",
    ],
)
def test_every_call_that_stays_is_in_the_document(call: str) -> None:
    assert call in document("openapi.json")["paths"]


def test_pages_are_not_calls() -> None:
    paths = document("openapi.json")["paths"]

    assert not {"/board", "/login", "/orders", "/demo"} & set(paths)


def test_every_topic_has_its_channel_and_a_sound_schema() -> None:
    channels = document("asyncapi.json")["channels"]

    assert set(channels) == {topic.value for topic in TOPICS}
    for channel in channels.values():
        schema = channel["messages"]["record"]["payload"]["schema"]
        Draft202012Validator.check_schema(schema)
