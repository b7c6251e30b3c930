"""Alerts on ourselves, and the dashboard: what they ask for is there, and each fault is told."""

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from schemas.topics import Topic
from services.dispatcher.adapters.witness import Witness
from services.dispatcher.domain.desk.desk import Desk
from services.runtime.metrics import Metrics
from tests.districts import pack
from tests.unit.deploy.promtool import promtool

ROOT = Path(__file__).parents[3]
MONITORING = ROOT / "deploy" / "monitoring"
RULES = [
    rule
    for group in yaml.safe_load((MONITORING / "rules.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads(
    (MONITORING / "grafana" / "dashboards" / "jiaoying.json").read_text(encoding="utf-8")
)
_NOT_METRICS = {
    *("sum", "max", "min", "count", "rate", "increase", "histogram_quantile", "absent"),
    *("min_over_time", "by", "without", "and", "or", "unless", "on"),
}
_OF_PROMETHEUS = {"up", "ALERTS"}


class _Spool:
    records, size, age, is_impaired, set_aside = 0, 0, timedelta(0), False, 0


def exported() -> dict[str, dict[str, set[str]]]:
    """Return the samples that our processes have, each with its labels and their known values."""
    registry = CollectorRegistry()
    made = Metrics(registry)
    Witness(made).watch(lambda: Desk(pack()))
    made.watch_ready(lambda: True)
    made.watch_spool(_Spool())
    made.watch_districts(1, lambda: 1)
    for place in ("file", "url"):
        made.watch_anchors(place, lambda: 0)
    for topic in Topic:
        made.watch_lag(topic, lambda: 0)
        made.watch_lag(topic, lambda: 0, reader="console")
    found: dict[str, dict[str, set[str]]] = {}
    for family in registry.collect():
        names = [sample.name for sample in family.samples] or [f"{family.name}_total"]
        for name in names:
            found.setdefault(name, {})
        for sample in family.samples:
            for label, value in sample.labels.items():
                found[sample.name].setdefault(label, set()).add(value)
    return found


EXPORTED = exported()


def asked(expression: str) -> set[str]:
    """Return the metrics that a PromQL *expression* asks for."""
    bare = re.sub(r"\"[^\"]*\"", "", expression)
    bare = re.sub(r"\b(?:by|without|on)\s*\([^)]*\)", "", bare)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", bare)
    return set(re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*", bare)) - _NOT_METRICS


def selections(expression: str) -> Iterator[tuple[str, str, str]]:
    """Yield (metric, label, value) of everything that *expression* selects by a label."""
    for name, inner in re.findall(r"([a-z_]+)\{([^}]*)\}", expression):
        for label, _, values in re.findall(r"([a-z_]+)(=~?|!=)\"([^\"]*)\"", inner):
            for value in values.split("|"):
                yield name, label, value


def slug(heading: str) -> str:
    """Return the anchor that a heading of Markdown has."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


HEADINGS = {
    slug(line.removeprefix("## "))
    for line in (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("## ")
}
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUERIES = [
    *(pytest.param(rule["expr"], id=rule["alert"]) for rule in RULES),
    *(
        pytest.param(target["expr"], id=f"{panel['id']}{target['refId']}")
        for panel in PANELS
        for target in panel["targets"]
    ),
]


@pytest.mark.parametrize("expression", QUERIES)
def test_a_query_asks_for_what_our_processes_have(expression: str) -> None:
    names = asked(expression)

    assert names
    assert names - EXPORTED.keys() - _OF_PROMETHEUS == set()


@pytest.mark.parametrize("expression", QUERIES)
def test_a_query_selects_by_labels_that_are_there(expression: str) -> None:
    for name, label, value in selections(expression):
        if label == "job":
            assert value == "jiaoying"
        elif name not in _OF_PROMETHEUS:
            assert label in EXPORTED[name]
            assert value in EXPORTED[name][label]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_in_two_languages_what_it_is_and_where_to_read_on(
    rule: dict[str, Any],
) -> None:
    said, url = rule["annotations"]["summary"], rule["annotations"]["runbook_url"]
    file, _, anchor = url.partition("#")

    assert re.match(r"\W*(?:[A-Za-z]+ )?[\u4e00-\u9fff{]", said)
    assert " · " in said
    assert (file, anchor in HEADINGS) == ("docs/runbook.md", True)
    assert rule["labels"]["severity"] in {"critical", "warning"}


def test_no_two_alerts_have_one_name() -> None:
    names = [rule["alert"] for rule in RULES]

    assert len(names) == len(set(names))


def test_the_dashboards_panels_lie_beside_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))


_SOUND = {
    'up{job="jiaoying",instance="a"}': "1x80",
    'up{job="jiaoying",instance="b"}': "1x80",
    'ready{instance="a"}': "1x80",
    'events_accepted_total{job="jiaoying",kind="Tick"}': "0+15x80",
    'inputs_accepted_total{job="jiaoying",kind="readings"}': "0+10x80",
    'heartbeats_total{result="sent"}': "0+1x80",
    'heartbeats_total{result="unwell"}': "0x80",
    'heartbeats_total{result="failed"}': "0x80",
    'consumer_lag{reader="correlator",topic="events.v1"}': "1x80",
    'consumer_lag{reader="console",topic="events.v1"}': "3x80",
    'commit_seconds_bucket{le="0.001",instance="a"}': "0+90x80",
    'commit_seconds_bucket{le="0.25",instance="a"}': "0+100x80",
    'commit_seconds_bucket{le="1.0",instance="a"}': "0+100x80",
    'commit_seconds_bucket{le="+Inf",instance="a"}': "0+100x80",
    'first_ring_seconds_bucket{le="0.05"}': "0+1x80",
    'first_ring_seconds_bucket{le="30.0"}': "0+1x80",
    'first_ring_seconds_bucket{le="60.0"}': "0+1x80",
    'first_ring_seconds_bucket{le="+Inf"}': "0+1x80",
    'account_down{account="main"}': "0x80",
    "attempts_unknown_total": "0x80",
    'facts_total{fact="carrier_silent"}': "0x80",
    'chains_neglected_total{reason="forgotten"}': "0x80",
    'starts_waiting{channel="voice"}': "4x80",
    'calls_live{progress="ringing"}': "20x80",
    "call_lines": "120x80",
    'not_woken_total{reason="ack_limit"}': "0x80",
    'roster_faults_total{reason="no_holder"}': "0x80",
    'disk_reserve_used{instance="a"}': "0x80",
    'anchors_waiting{place="file"}': "1x80",
    'anchors_late_total{place="file"}': "0x80",
    'dead_letters_total{stage="correlator",reason="handler_failed"}': "0x80",
    'dead_letters_total{stage="tips",reason="not_json"}': "0x80",
    'events_refused_total{kind="readings",reason="not_durable"}': "0x80",
    'brokers_away{instance="a"}': "0x80",
    'spool_bytes{instance="a"}': "0x80",
    'records_set_aside{instance="a"}': "0x80",
    'districts_owned{instance="a"}': "1x80",
    'districts_owned{instance="b"}': "1x80",
    'districts_known{instance="a"}': "2x80",
    'districts_known{instance="b"}': "2x80",
    'takeovers_total{instance="a"}': "1x80",
    'takeovers_total{instance="b"}': "1x80",
}
"""What a sound night's metrics are, at one sample in 15 s."""
_BURST = "0x70 0+5x10"
_NOTHING = None
FAULTS: dict[str, dict[str, str | None]] = {
    "ProcessDown": {'up{job="jiaoying",instance="b"}': "1x70 0x10"},
    "NotReady": {'ready{instance="a"}': "1x70 0x10"},
    "NothingIsScraped": {
        'up{job="jiaoying",instance="a"}': _NOTHING,
        'up{job="jiaoying",instance="b"}': _NOTHING,
    },
    "HeartbeatWithheld": {'heartbeats_total{result="unwell"}': _BURST},
    "TimeStandsStill": {'events_accepted_total{job="jiaoying",kind="Tick"}': "0+15x70 1050x10"},
    "NoReadings": {'inputs_accepted_total{job="jiaoying",kind="readings"}': "7x80"},
    "NotDurable": {'events_refused_total{kind="readings",reason="not_durable"}': _BURST},
    "DeadLetters": {'dead_letters_total{stage="tips",reason="not_json"}': _BURST},
    "OurOwnFault": {'dead_letters_total{stage="correlator",reason="handler_failed"}': _BURST},
    "Lag": {'consumer_lag{reader="correlator",topic="events.v1"}': "0x70 500x10"},
    "ConsoleStale": {'consumer_lag{reader="console",topic="events.v1"}': "0x70 500x10"},
    "SlowCommits": {'commit_seconds_bucket{le="0.25",instance="a"}': "0+95x80"},
    "SlowFirstRing": {
        'first_ring_seconds_bucket{le="0.05"}': "0x80",
        'first_ring_seconds_bucket{le="30.0"}': "0x80",
    },
    "CarrierDown": {'account_down{account="main"}': "0x70 1x10"},
    "AnswersLost": {"attempts_unknown_total": _BURST},
    "CallBacksSilent": {'facts_total{fact="carrier_silent"}': _BURST},
    "ChainNeglected": {'chains_neglected_total{reason="forgotten"}': _BURST},
    "LinesFull": {'calls_live{progress="ringing"}': "120x80"},
    "NotWoken": {'not_woken_total{reason="ack_limit"}': _BURST},
    "RosterGap": {'roster_faults_total{reason="no_holder"}': _BURST},
    "BallastFreed": {'disk_reserve_used{instance="a"}': "0x70 1x10"},
    "AnchorsLate": {'anchors_late_total{place="file"}': _BURST},
    "BrokersAway": {'brokers_away{instance="a"}': "0x70 1x10"},
    "SpoolFilling": {'spool_bytes{instance="a"}': "0x70 200000000x10"},
    "RecordsSetAside": {'records_set_aside{instance="a"}': "0x70 1x10"},
    "DistrictWithoutOwner": {'districts_owned{instance="b"}': "1x70 0x10"},
    "Takeover": {
        'takeovers_total{instance="a"}': "1x74 2x6",
        'districts_owned{instance="a"}': "1x74 2x6",
        'districts_owned{instance="b"}': "1x70 _x10",
        'up{job="jiaoying",instance="b"}': "1x70 0x2 1x8",
    },
}
_ALSO = {"OurOwnFault": {"DeadLetters"}}
"""A letter of our own making is a letter too."""


def test_every_alert_has_its_fault() -> None:
    assert FAULTS.keys() == {rule["alert"] for rule in RULES}


@pytest.mark.servers
def test_each_fault_is_told_and_a_sound_night_is_quiet(tmp_path: Path) -> None:
    tool = promtool()
    (tmp_path / "rules.yml").write_bytes((MONITORING / "rules.yml").read_bytes())
    nights: dict[str, dict[str, str | None]] = {"": {}, **FAULTS}
    (tmp_path / "faults.yml").write_text(
        json.dumps(
            {
                "rule_files": ["rules.yml"],
                "evaluation_interval": "15s",
                "tests": [
                    {
                        "name": name or "a sound night",
                        "interval": "15s",
                        "input_series": [
                            {"series": series, "values": values}
                            for series, values in {**_SOUND, **changed}.items()
                            if values is not None
                        ],
                        "promql_expr_test": [
                            {
                                "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                                "eval_time": "20m",
                                "exp_samples": [
                                    {"labels": f'{{alertname="{alert}"}}', "value": 1}
                                    for alert in sorted({name, *_ALSO.get(name, ())} - {""})
                                ],
                            }
                        ],
                    }
                    for name, changed in nights.items()
                ],
            }
        ),
        encoding="utf-8",
    )

    done = subprocess.run(
        [tool, "test", "rules", "faults.yml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.servers
def test_the_rules_and_the_configuration_are_prometheus_s_own_language(tmp_path: Path) -> None:
    tool = promtool()
    rules = MONITORING / "rules.yml"
    config = (MONITORING / "prometheus.yml").read_text(encoding="utf-8")
    (tmp_path / "prometheus.yml").write_text(
        config.replace("/etc/prometheus/rules.yml", str(rules)), encoding="utf-8"
    )

    for what in (["rules", str(rules)], ["config", str(tmp_path / "prometheus.yml")]):
        done = subprocess.run([tool, "check", *what], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
