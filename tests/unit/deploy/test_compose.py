"""
deploy/compose.yaml, by the schema of the Compose Specification. No container is started here, so
that whether the images exist, and what they make of their environment, is not tested.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.unit.deploy.started import COMPOSE, DEPLOY, ROOT

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "data" / "compose_spec" / "compose-spec-2.16.2.json").read_text(
        encoding="utf-8"
    )
)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def faults(compose: dict[str, Any]) -> list[str]:
    return sorted(error.json_path for error in Draft202012Validator(SCHEMA).iter_errors(compose))


def test_it_is_what_the_specification_says() -> None:
    assert faults(COMPOSE) == []


def test_a_mistake_would_be_found() -> None:
    wrong = json.loads(json.dumps(COMPOSE))
    wrong["services"]["ingest"]["restarts"] = "always"
    wrong["services"]["console"]["cap_drop"] = "ALL"

    assert {"$.services.console.cap_drop", "$.services.ingest"} <= set(faults(wrong))


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_has_a_whole_version(name: str) -> None:
    assert re.search(r":v?\d+\.\d+\.\d+(-\w+)?$", SERVICES[name]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_looked_after_and_started_again(name: str) -> None:
    if name == "topics":
        assert SERVICES[name]["restart"] == "on-failure"
        return
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", SERVICES)
def test_only_loopback_reaches_what_is_published(name: str) -> None:
    for published in SERVICES[name].get("ports", ()):
        assert published.startswith("127.0.0.1:")


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_mounted_or_waited_for_is_there(name: str) -> None:
    service = SERVICES[name]
    for mounted in service.get("volumes", ()):
        source = mounted.rsplit(":/", 1)[0]
        if source.startswith("./"):
            assert (DEPLOY / source).exists()
        elif not source.startswith("${"):
            assert source in COMPOSE["volumes"]
    assert set(service.get("depends_on", ())) <= SERVICES.keys()
    assert set(service.get("secrets", ())) <= COMPOSE["secrets"].keys()


def test_the_brokers_are_of_the_version_that_tests_run_on() -> None:
    pom = (ROOT / "deploy" / "local" / "pom.xml").read_text(encoding="utf-8")
    tested = re.search(r"<version>([\d.]+)</version>", pom)

    assert tested is not None
    assert SERVICES["kafka-1"]["image"] == f"apache/kafka:{tested[1]}"


def test_two_of_three_brokers_must_have_a_record() -> None:
    for name in ("kafka-1", "kafka-2", "kafka-3"):
        environment = SERVICES[name]["environment"]
        assert environment["KAFKA_MIN_INSYNC_REPLICAS"] == "2"
        assert environment["KAFKA_DEFAULT_REPLICATION_FACTOR"] == "3"
        assert environment["KAFKA_ADVERTISED_LISTENERS"] == f"PLAINTEXT://{name}:9092"
        assert environment["KAFKA_NODE_ID"] == name[-1]


def test_redis_writes_before_it_answers() -> None:
    said = " ".join(SERVICES["redis"]["entrypoint"])

    assert "appendonly yes" in said
    assert "appendfsync always" in said
    assert "noeviction" in said
