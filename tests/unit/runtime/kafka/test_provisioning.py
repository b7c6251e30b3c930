from dataclasses import replace

import pytest

from schemas.topics import TOPICS, Topic
from services.runtime.kafka.provisioning import (
    Change,
    Found,
    Left,
    Plan,
    Refusal,
    Wanted,
    plan,
    wanted_topics,
)
from services.runtime.kafka.settings import KafkaSettings

WANTED = Wanted("events.v1", 6, 3, {"cleanup.policy": "delete", "retention.ms": "-1"})
AS_WANTED = Found(6, 3, {**WANTED.config, "segment.ms": "604800000"}, is_empty=False)


def test_topics_as_they_should_be_need_nothing() -> None:
    assert plan([WANTED], {"events.v1": AS_WANTED}) == Plan([], [])


def test_a_topic_that_is_not_there_is_created() -> None:
    planned = plan([WANTED], {})

    assert [(step.change, step.wanted) for step in planned.steps] == [(Change.CREATE, WANTED)]


def test_an_empty_topic_gets_more_partitions() -> None:
    planned = plan([WANTED], {"events.v1": replace(AS_WANTED, partitions=2, is_empty=True)})

    assert [(step.change, step.before, step.after) for step in planned.steps] == [
        (Change.ADD_PARTITIONS, "2", "6")
    ]


@pytest.mark.parametrize(
    ("there", "refusal"),
    [
        pytest.param(
            replace(AS_WANTED, partitions=12, is_empty=True), Refusal.FEWER_PARTITIONS, id="fewer"
        ),
        pytest.param(replace(AS_WANTED, partitions=2), Refusal.HAS_RECORDS, id="has records"),
    ],
)
def test_partitions_are_left_where_an_order_would_be_lost(there: Found, refusal: Refusal) -> None:
    planned = plan([WANTED], {"events.v1": there})

    assert planned == Plan([], [Left("events.v1", refusal, there.partitions, 6)])


def test_a_number_of_copies_is_left_to_who_runs_the_brokers() -> None:
    planned = plan([WANTED], {"events.v1": replace(AS_WANTED, replication=1)})

    assert planned == Plan([], [Left("events.v1", Refusal.OTHER_REPLICATION, 1, 3)])


def test_only_what_differs_is_configured() -> None:
    there = replace(AS_WANTED, config={"cleanup.policy": "compact", "retention.ms": "-1"})

    (step,) = plan([WANTED], {"events.v1": there}).steps

    assert (step.change, step.before, step.after) == (
        Change.CONFIGURE,
        "cleanup.policy=compact",
        "cleanup.policy=delete",
    )


def test_every_topic_is_wanted_with_its_prefix_and_the_same_partitions() -> None:
    wanted = wanted_topics(KafkaSettings(topic_prefix="test."), 6, 3)

    assert {one.name for one in wanted} == {f"test.{topic}" for topic in TOPICS}
    assert {one.partitions for one in wanted} == {6}


def test_the_ledger_is_kept_for_ever_and_nothing_is_compacted() -> None:
    wanted = {one.name: one.config for one in wanted_topics(KafkaSettings(), 1, 3)}

    assert wanted[Topic.DISPATCH]["retention.ms"] == "-1"
    assert wanted[Topic.EVENTS]["retention.ms"] == str(400 * 86_400_000)
    assert {config["cleanup.policy"] for config in wanted.values()} == {"delete"}
    assert {config["min.insync.replicas"] for config in wanted.values()} == {"2"}
