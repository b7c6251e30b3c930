"""What the first release wrote, read by the code of today."""

from typing import Any

import orjson
import pytest

from schemas.decision import DECISION
from schemas.dispatch import Fact
from schemas.event import EVENT
from schemas.topics import Topic
from schemas.wire import decode, encode
from services.correlator.entrypoints.replay import replay
from services.dispatcher.domain.record.proving import prove
from services.dispatcher.domain.record.recorded_input import INPUT_FACTS, input_of
from tests.unit.schemas.first_release import records

DISTRICT = "500108"
KINDS = {
    Topic.EVENTS: {
        *("Readings", "Warning", "Tip", "Notice", "Act", "Feedback", "PackActivated", "Tick")
    },
    Topic.DECISIONS: {
        *("ResponseChanged", "RaiseApplied", "OrderProposed", "OrderChanged"),
        *("ActAnswered", "ReadingQuarantined", "SourceSilent"),
    },
    Topic.DISPATCH: {"LedgerRecord"},
    Topic.DEAD_LETTERS: {"DeadLetter"},
}
"""What kinds of record the first release had."""


def still_says(recorded: Any, today: Any) -> bool:
    """Whether *today* says all that *recorded* said; it may say more, in fields that are new."""
    if isinstance(recorded, dict):
        return isinstance(today, dict) and all(
            key in today and still_says(value, today[key]) for key, value in recorded.items()
        )
    if isinstance(recorded, list):
        return (
            isinstance(today, list)
            and len(recorded) == len(today)
            and all(map(still_says, recorded, today))
        )
    return bool(recorded == today)


@pytest.mark.parametrize("topic", list(KINDS))
def test_every_kind_of_record_of_the_first_release_is_there(topic: Topic) -> None:
    assert {orjson.loads(data)["kind"] for data in records(topic)} == KINDS[topic]


@pytest.mark.parametrize("topic", list(KINDS))
def test_a_record_of_the_first_release_is_read_and_keeps_its_bytes(topic: Topic) -> None:
    for data in records(topic):
        assert encode(decode(topic, data)) == data


def test_the_first_release_had_these_kinds_and_the_union_still_names_them() -> None:
    for topic, adapter in ((Topic.EVENTS, EVENT), (Topic.DECISIONS, DECISION)):
        mapping = adapter.json_schema()["discriminator"]["mapping"]
        assert KINDS[topic] <= mapping.keys()


def test_the_events_of_the_first_release_are_decided_as_they_were() -> None:
    today = [orjson.loads(data) for data in replay(records(Topic.EVENTS), DISTRICT)]
    recorded = [orjson.loads(data) for data in records(Topic.DECISIONS)]

    assert len(today) == len(recorded)
    for was, is_now in zip(recorded, today, strict=True):
        assert still_says(was, is_now)


def test_the_ledger_of_the_first_release_is_whole() -> None:
    proof = prove(records(Topic.DISPATCH))

    assert proof.findings == []
    assert proof.records == len(records(Topic.DISPATCH))


def test_the_inputs_in_the_ledger_of_the_first_release_are_read() -> None:
    bodies = [orjson.loads(data) for data in records(Topic.DISPATCH)]
    inputs = [
        input_of(Fact(body["fact"]), body["detail"])
        for body in bodies
        if Fact(body["fact"]) in INPUT_FACTS
    ]

    assert len(inputs) > 100
