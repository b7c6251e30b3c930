"""Provisioning against real brokers."""

import secrets
from dataclasses import replace
from datetime import timedelta

import pytest

from services.runtime.bus import BusUnavailableError
from services.runtime.kafka.provisioning import Change, Plan, Step, plan, wanted_topics
from services.runtime.kafka.settings import KafkaSettings
from services.runtime.kafka.topics_admin import TopicsAdmin, topics_admin

pytestmark = pytest.mark.servers


@pytest.fixture
def settings(kafka: str) -> KafkaSettings:
    return KafkaSettings(bootstrap_servers=kafka, topic_prefix=f"{secrets.token_hex(6)}.")


def planned(settings: KafkaSettings, admin: TopicsAdmin, partitions: int) -> Plan:
    wanted = wanted_topics(settings, partitions, 1)
    return plan(wanted, admin.found([one.name for one in wanted]))


def test_a_plan_that_is_carried_out_leaves_nothing_to_do(settings: KafkaSettings) -> None:
    with topics_admin(settings) as admin:
        first = planned(settings, admin, 2)
        for step in first.steps:
            admin.apply(step)

        again = planned(settings, admin, 2)

    assert {step.change for step in first.steps} == {Change.CREATE}
    assert again == Plan([], [])


def test_empty_topics_get_more_partitions_and_another_configuration(
    settings: KafkaSettings,
) -> None:
    with topics_admin(settings) as admin:
        for step in planned(settings, admin, 1).steps:
            admin.apply(step)
        (one, *_) = wanted_topics(settings, 1, 1)
        shorter = replace(one, config={"retention.ms": "1000"})
        admin.apply(Step(Change.CONFIGURE, shorter, "", ""))

        second = planned(settings, admin, 3)
        for step in second.steps:
            admin.apply(step)

        assert [step.change for step in second.steps].count(Change.ADD_PARTITIONS) == 4
        assert [step.change for step in second.steps].count(Change.CONFIGURE) == 1
        assert planned(settings, admin, 3) == Plan([], [])


def test_brokers_that_are_away_are_named_as_such() -> None:
    nowhere = KafkaSettings(
        bootstrap_servers="127.0.0.1:9", answer_within=timedelta(milliseconds=100)
    )

    with pytest.raises(BusUnavailableError, match="brokers"), topics_admin(nowhere):
        pytest.fail("nobody answers there")
