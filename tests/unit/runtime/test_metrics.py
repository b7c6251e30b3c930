from prometheus_client import CollectorRegistry, generate_latest

from schemas.topics import Topic
from services.runtime.metrics import Metrics


def test_two_processes_worth_of_metrics_do_not_mix() -> None:
    one, two = Metrics(CollectorRegistry()), Metrics(CollectorRegistry())

    one.events_accepted.labels("Tip").inc()

    assert one.registry.get_sample_value("events_accepted_total", {"kind": "Tip"}) == 1
    assert two.registry.get_sample_value("events_accepted_total", {"kind": "Tip"}) == 0


def test_a_commit_counts_its_time_and_its_handlers() -> None:
    metrics = Metrics(CollectorRegistry())

    metrics.observe_commit(0.0003, 12)

    assert metrics.registry.get_sample_value("commit_seconds_sum") == 0.0003
    assert metrics.registry.get_sample_value("group_size_sum") == 12


def test_a_lag_is_asked_for_when_it_is_scraped() -> None:
    metrics = Metrics(CollectorRegistry())
    lag = 0
    metrics.watch_lag(Topic.EVENTS, lambda: lag)

    lag = 7

    assert b'consumer_lag{reader="correlator",topic="events.v1"} 7.0' in generate_latest(
        metrics.registry
    )


def test_a_district_that_nobody_owns_can_be_seen() -> None:
    registry = CollectorRegistry()
    owned = {"500108"}
    Metrics(registry).watch_districts(3, lambda: len(owned))

    assert registry.get_sample_value("districts_known") == 3
    assert registry.get_sample_value("districts_owned") == 1
    owned.clear()
    assert registry.get_sample_value("districts_owned") == 0


def test_a_process_that_is_of_no_use_can_be_seen() -> None:
    registry, failing = CollectorRegistry(), list[str]()
    Metrics(registry).watch_ready(lambda: not failing)

    assert registry.get_sample_value("ready") == 1
    failing.append("disk")
    assert registry.get_sample_value("ready") == 0
