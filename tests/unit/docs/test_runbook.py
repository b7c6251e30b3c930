"""Whatever the runbook names exists: nobody looks at night for a metric that is not there."""

import re
from enum import Enum
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from typer.core import TyperGroup
from typer.main import get_command

from schemas.deadletter import RefusalReason
from schemas.dispatch import Fact
from schemas.topics import Topic
from services.cli import app
from services.dispatcher.adapters.desk_gauges import DeskGauges
from services.dispatcher.adapters.summing_up import summed_up
from services.dispatcher.adapters.witness import Witness
from services.dispatcher.domain.asks.callout import CalloutEnd
from services.dispatcher.domain.asks.chain import ChainState, Strength
from services.dispatcher.domain.asks.rung import RungKind
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.desk.desk import Desk
from services.ingest.domain.errors import Admission
from services.runtime.metrics import LOGINS, Metrics
from tests.districts import pack

ROOT = Path(__file__).parents[3]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
CODE = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "services").rglob("*.py"))
)
NAMED = set(re.findall(r"`([^`\n]+)`", RUNBOOK))
WORDS = {name for name in NAMED if re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", name)}
SELECTORS = {name for name in NAMED if re.fullmatch(r"[a-z_]*\{.*\}", name)}
COMMANDS = {name for name in NAMED if name.startswith("jiaoying ")}
PATHS = {name.removeprefix("GET ") for name in NAMED if name.removeprefix("GET ").startswith("/")}
FILES = {name for name in NAMED if name.endswith((".yaml", ".sqlite3"))}

CLOSED_LISTS: tuple[type[Enum], ...] = (
    RefusalReason,
    Fact,
    Outcome,
    CalloutEnd,
    ChainState,
    RungKind,
    Strength,
    Admission,
)


def metrics() -> dict[str, dict[str, set[str]]]:
    """Return each metric with its labels and the values they have."""
    registry = CollectorRegistry()
    made = Metrics(registry)
    Witness(made).watch(lambda: Desk(pack()))
    for topic in Topic:
        made.watch_lag(topic, lambda: 0)
    found: dict[str, dict[str, set[str]]] = {}
    for family in registry.collect():
        for sample in family.samples:
            name = f"{family.name}_total" if family.type == "counter" else family.name
            labels = found.setdefault(name, {})
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
    return found


METRICS = metrics()
LOG_EVENTS = {fact.value for fact in Fact} | set(
    re.findall(r"log\.(?:debug|info|warning|error|exception|critical)\(\s*\"([a-z_]+)\"", CODE)
)
MEMBERS = {str(member.value) for members in CLOSED_LISTS for member in members} | {
    *(progress.name.lower() for progress in Progress),
    *LOGINS,
    *(value for labels in METRICS.values() for values in labels.values() for value in values),
}
# Words of a log line: every one of them is a keyword or a key somewhere in the code.
FIELDS = {name for name in WORDS if re.search(rf"\b{name}=|\"{name}\"|\b{name}:", CODE)}


def test_the_runbook_names_metrics_and_log_events() -> None:
    assert len(WORDS & METRICS.keys()) > 10
    assert len(WORDS & LOG_EVENTS) > 15


@pytest.mark.parametrize("name", sorted(WORDS))
def test_every_word_of_the_code_that_is_named_is_one(name: str) -> None:
    assert name in METRICS.keys() | LOG_EVENTS | MEMBERS | FIELDS


@pytest.mark.parametrize("name", sorted(name for name in WORDS if name.endswith("_total")))
def test_every_counter_that_is_named_is_counted(name: str) -> None:
    assert name in METRICS


@pytest.mark.parametrize("selector", sorted(SELECTORS))
def test_every_label_that_is_named_has_that_value(selector: str) -> None:
    name, _, rest = selector.partition("{")
    for label, value in re.findall(r"([a-z_]+)=\"([^\"]+)\"", rest):
        known = [METRICS[name]] if name else list(METRICS.values())

        assert any(value in labels.get(label, ()) for labels in known), selector


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_that_is_named_exists(command: str) -> None:
    first, second, *_ = [*command.split()[1:], ""]
    found = get_command(app)

    assert isinstance(found, TyperGroup)
    inner = found.commands[first]
    assert not isinstance(inner, TyperGroup) or second in inner.commands


@pytest.mark.parametrize("path", sorted(PATHS))
def test_every_address_that_is_named_exists(path: str) -> None:
    assert f'"{path}"' in CODE or f"href={path}" in CODE or path in {"/roster", "/callouts"}


@pytest.mark.parametrize("file", sorted(FILES))
def test_every_file_that_is_named_exists(file: str) -> None:
    assert file in CODE


def test_every_topic_that_is_named_is_one() -> None:
    named = set(re.findall(r"[a-z-]+\.v\d", RUNBOOK))

    assert named == {topic.value for topic in Topic}


def test_what_a_callout_is_summed_up_with_is_explained() -> None:
    assert summed_up.__doc__ is not None
    for key in ("posts", "acknowledged", "not_woken", "attempts", "first_ring_s", "last_ack_s"):
        assert f"`{key}`" in RUNBOOK
    assert DeskGauges.__name__ in CODE


@pytest.mark.parametrize(
    "fault",
    ["没有事件", "落后", "死信", "运营商", "班表缺口", "磁盘满", "页面是旧的", "登录不了"],
)
def test_each_fault_says_what_to_do_and_what_not(fault: str) -> None:
    part = next(part for part in RUNBOOK.split("\n## ")[1:] if fault in part.splitlines()[0])

    assert "**看**" in part
    assert "**做**" in part
    assert "**不要**" in part
