"""What the page on operations says of settings, queries, alerts and files is what is there."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from pydantic_settings import BaseSettings
from typer.core import TyperGroup
from typer.main import get_command

from deploy.local.cluster import CONSOLE, CORRELATORS, DISPATCHERS, INGEST, PHONES
from deploy.local.prometheus import PORT
from services.cli import app
from services.commands.carriers import ANCHOR_TOKEN, TOKEN
from services.ingest.settings import IngestSettings
from services.runtime.kafka.settings import KafkaSettings
from services.runtime.redis.settings import RedisSettings
from services.runtime.traces import Step
from services.runtime.traces_setting import TracesSettings
from tests.unit.deploy.test_monitoring import EXPORTED, asked

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
CODE = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "services").rglob("*.py"))
)
NAMED = set(re.findall(r"`([^`\n]+)`", PAGE))
ROWS = dict(re.findall(r"^\| `(JIAOYING_[A-Z_]+)` \| ([^|]*) \|", PAGE, re.MULTILINE))
WHOLE: tuple[type[BaseSettings], ...] = (KafkaSettings, RedisSettings, TracesSettings)
"""Of these every variable is told; of ingest's only what somebody who runs it may want to set."""


def variables(settings: type[BaseSettings]) -> Iterator[tuple[str, object]]:
    prefix = str(settings.model_config["env_prefix"])
    for name, field in settings.model_fields.items():
        yield f"{prefix}{name}".upper(), field.default


_ALL: tuple[type[BaseSettings], ...] = (*WHOLE, IngestSettings)
KNOWN = {name: default for settings in _ALL for name, default in variables(settings)}
TOKENS = {TOKEN, f"{TOKEN}_FILE", f"{TOKEN}_", ANCHOR_TOKEN, f"{ANCHOR_TOKEN}_FILE"}
_AFTER, _BEFORE = "**See what happened.**", "The log of the one"
QUERIES = re.findall(r"^\| `([^`]+)` \|", PAGE.split(_AFTER)[1].split(_BEFORE)[0], re.MULTILINE)


def test_every_variable_of_how_servers_are_reached_is_told() -> None:
    wanted = {name for settings in WHOLE for name, _ in variables(settings)}

    assert wanted <= NAMED


@pytest.mark.parametrize("name", sorted(n for n in NAMED if re.fullmatch(r"JIAOYING_[A-Z_]+", n)))
def test_a_variable_that_is_told_is_read(name: str) -> None:
    assert name in KNOWN.keys() | TOKENS


@pytest.mark.parametrize("name", sorted(ROWS.keys() & KNOWN.keys()))
def test_a_default_that_is_told_is_the_one(name: str) -> None:
    default, told = KNOWN[name], re.findall(r"^`([^`]*)`", ROWS[name])

    if told:
        shown = (
            TypeAdapter(timedelta).dump_python(default, mode="json")
            if isinstance(default, timedelta)
            else str(default)
        )
        assert told == [shown]
    elif name == "JIAOYING_INGEST_SPOOL_BYTES":
        assert ROWS[name] == f"{int(str(default)) >> 20} MiB"
    else:
        assert default in {None, ""}


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_that_is_told_asks_for_what_is_there(query: str) -> None:
    assert asked(query) - EXPORTED.keys() <= {"ALERTS"}


def test_the_doors_are_where_the_cluster_has_them() -> None:
    for port in (INGEST, CONSOLE, PHONES, PORT, *DISPATCHERS, *CORRELATORS):
        assert re.search(rf"\b{port}\b", PAGE)


@pytest.mark.parametrize("step", [step.value for step in Step])
def test_every_span_is_told(step: str) -> None:
    assert f"`{step}`" in PAGE


@pytest.mark.parametrize(
    "event", ["district_taken", "index_caught_up", "district_served", "fold_resumed"]
)
def test_a_log_event_that_is_told_is_written(event: str) -> None:
    assert f"`{event}`" in PAGE
    assert f'"{event}"' in CODE


@pytest.mark.parametrize(
    "command", sorted({name for name in NAMED if name.startswith("jiaoying ")})
)
def test_a_command_that_is_told_exists(command: str) -> None:
    first, second, *_ = [*command.split()[1:], ""]
    found = get_command(app)

    assert isinstance(found, TyperGroup)
    inner = found.commands[first]
    assert not isinstance(inner, TyperGroup) or second in inner.commands


@pytest.mark.parametrize("option", sorted(set(re.findall(r"`(--[a-z-]+)`", PAGE))))
def test_an_option_that_is_told_is_one(option: str) -> None:
    found = get_command(app)
    assert isinstance(found, TyperGroup)
    serve = found.commands["serve"]
    assert isinstance(serve, TyperGroup)
    options = {name for param in serve.commands["dispatcher"].params for name in param.opts}

    assert option in options
