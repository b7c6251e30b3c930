"""
The topics as the brokers should have them, and the steps that are left to it.

A plan is made from what there is and shown before anything changes. It never deletes a topic and
never lowers a number of partitions; and it raises one only while the topic is empty, since a
district's records would be looked for in another partition from then on, and its one order be lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from schemas.topics import TOPICS, Topic
from services.runtime.kafka.settings import KafkaSettings

LARGEST_RECORD = 8 << 20
"""Bytes: a body of readings, as one record, is at most about so long."""


class Change(StrEnum):
    """What a step does."""

    CREATE = "create"
    ADD_PARTITIONS = "add_partitions"
    CONFIGURE = "configure"


class Refusal(StrEnum):
    """Why a difference is left as it is."""

    FEWER_PARTITIONS = "fewer_partitions"
    HAS_RECORDS = "has_records"
    OTHER_REPLICATION = "other_replication"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A topic as it should be."""

    name: str
    partitions: int
    replication: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A topic as it is; *config* has at least what `Wanted` names."""

    partitions: int
    replication: int
    config: Mapping[str, str]
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One change: *before* and *after* say of what."""

    change: Change
    wanted: Wanted
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Left:
    """A difference that nobody may mend by a command, and why."""

    topic: str
    refusal: Refusal
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done, and what would not."""

    steps: Sequence[Step]
    left: Sequence[Left]


def wanted_topics(settings: KafkaSettings, partitions: int, replication: int) -> list[Wanted]:
    """Return every topic of the system, all of them with the same number of partitions."""
    return [
        Wanted(settings.topic(topic), partitions, replication, _config(topic, replication))
        for topic in TOPICS
    ]


def _config(topic: Topic, replication: int) -> dict[str, str]:
    kept = TOPICS[topic].retention
    return {
        # Never compacted: the key is a district, and the newest record does not stand for the rest.
        "cleanup.policy": "delete",
        "max.message.bytes": str(LARGEST_RECORD),
        "min.insync.replicas": str(replication // 2 + 1),
        "retention.bytes": "-1",
        "retention.ms": "-1" if kept is None else str(int(kept.total_seconds() * 1000)),
        "unclean.leader.election.enable": "false",
    }


def plan(wanted: Sequence[Wanted], found: Mapping[str, Found]) -> Plan:
    """Return the steps from *found* to *wanted*."""
    steps: list[Step] = []
    left: list[Left] = []
    for one in wanted:
        there = found.get(one.name)
        if there is None:
            after = f"{one.partitions} partitions, {one.replication} replicas"
            steps.append(Step(Change.CREATE, one, "nothing", after))
            continue
        if there.partitions != one.partitions:
            refusal = _refusal(there, one)
            if refusal is None:
                before, after = str(there.partitions), str(one.partitions)
                steps.append(Step(Change.ADD_PARTITIONS, one, before, after))
            else:
                left.append(Left(one.name, refusal, there.partitions, one.partitions))
        if there.replication != one.replication:
            refusal = Refusal.OTHER_REPLICATION
            left.append(Left(one.name, refusal, there.replication, one.replication))
        other = {key: there.config.get(key, "") for key in one.config} != dict(one.config)
        if other:
            steps.append(_configure(one, there))
    return Plan(steps, left)


def _refusal(there: Found, wanted: Wanted) -> Refusal | None:
    if there.partitions > wanted.partitions:
        return Refusal.FEWER_PARTITIONS
    return None if there.is_empty else Refusal.HAS_RECORDS


def _configure(wanted: Wanted, there: Found) -> Step:
    differing = sorted(
        key for key, value in wanted.config.items() if there.config.get(key) != value
    )
    return Step(
        Change.CONFIGURE,
        wanted,
        ", ".join(f"{key}={there.config.get(key, '')}" for key in differing),
        ", ".join(f"{key}={wanted.config[key]}" for key in differing),
    )
