"""What the files in deploy/ start exists, with the options and the settings that they give it."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic_settings import BaseSettings
from typer.core import TyperGroup, TyperOption
from typer.main import get_command

from services.cli import app
from services.commands.carriers import ANCHOR_TOKEN, TOKEN
from services.ingest.settings import IngestSettings
from services.runtime.kafka.settings import KafkaSettings
from services.runtime.redis.settings import RedisSettings
from services.runtime.traces_setting import TracesSettings
from tests.unit.deploy.started import COMPOSE, Started, containers, environment, services, started

SETTINGS: tuple[type[BaseSettings], ...] = (
    IngestSettings,
    KafkaSettings,
    RedisSettings,
    TracesSettings,
)
TOKENS = {TOKEN, ANCHOR_TOKEN}
FOR_SERVICES = {"ingest", "correlator", "dispatcher", "console"}


def known() -> Iterator[str]:
    """Yield the variables of the environment that the code reads."""
    for settings in SETTINGS:
        prefix = settings.model_config["env_prefix"]
        yield from (f"{prefix}{name}".upper() for name in settings.model_fields)
    for token in TOKENS:
        yield from (token, f"{token}_FILE")


def resolved(words: tuple[str, ...]) -> tuple[Any, list[str]]:
    """Return the command that *words* name, and the rest of them."""
    command: Any = get_command(app)
    rest = list(words)
    while isinstance(command, TyperGroup):
        command = command.commands[rest.pop(0)]
    return command, rest


@pytest.mark.parametrize("one", started(), ids=str)
def test_a_command_that_is_started_exists_with_its_options(one: Started) -> None:
    command, rest = resolved(one.words)
    options: dict[str, Any] = {
        name: option
        for option in command.params
        if isinstance(option, TyperOption)
        for name in (*option.opts, *option.secondary_opts)
    }
    given = [word for word in rest if word.startswith("--")]

    assert set(given) <= options.keys()
    required = {name for name, option in options.items() if option.required}
    assert required <= set(given)
    # Behind each option that takes a value stands one, and nothing else stands anywhere.
    expected = sum(1 if options[name].is_flag else 2 for name in given)
    assert len(rest) == expected


def test_each_service_is_started_in_each_way() -> None:
    ways = {"compose": set[str](), "k8s": set[str](), "systemd": set[str]()}
    for one in started():
        way = next(
            (name for name in ("compose",) if one.where.startswith(name)),
            "systemd" if one.where.endswith(".service") else "k8s",
        )
        if one.words[0] == "serve":
            ways[way].add(one.words[1])

    assert ways == dict.fromkeys(ways, FOR_SERVICES)


@pytest.mark.parametrize("name", sorted(environment()))
def test_a_variable_that_is_set_is_read(name: str) -> None:
    assert name in set(known())


def test_whoever_listens_in_a_container_listens_where_the_probes_ask() -> None:
    for _, container in containers():
        args = container["args"]
        if args[0] != "topics":
            assert args[args.index("--port") + 1] == "8080"
            assert args[args.index("--host") + 1] == "0.0.0.0"
            assert container["ports"] == [{"name": "http", "containerPort": 8080}]
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                assert container[probe]["httpGet"]["port"] == "http"
            assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
            assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    for name, service in services():
        if name != "topics":
            command = service["command"]
            assert command[command.index("--port") + 1] == "8080"
            assert "127.0.0.1:8080/readyz" in service["healthcheck"]["test"][-1]


def test_nothing_secret_stands_in_the_files() -> None:
    for _, container in containers():
        for variable in container.get("env", ()):
            if "TOKEN" in variable["name"] or "PASSWORD" in variable["name"]:
                assert variable["name"].endswith("_FILE")
                assert variable["value"].startswith("/run/secrets/")
    for service in COMPOSE["services"].values():
        for name, value in service.get("environment", {}).items():
            if "TOKEN" in name or "PASSWORD" in name:
                assert name.endswith("_FILE")
                assert value.startswith("/run/secrets/")
