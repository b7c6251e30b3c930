"""Records of other versions than today's: more fields are passed over, another version is not."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from schemas.act import LevelRaised
from schemas.deadletter import DeadLetter
from schemas.dispatch import Fact
from schemas.event import Tick
from schemas.record import Record
from schemas.topics import Topic
from schemas.wire import VERSION, SchemaError, decode, encode
from services.correlator.entrypoints.replay import replay
from services.correlator.pipeline import CorrelatorPipeline
from services.dispatcher.adapters.failures import DeadLetterFailures
from services.dispatcher.domain.record.recorded_input import INPUT_FACTS, input_of
from services.dispatcher.entrypoints.decisions import Decisions
from services.runtime.bus import Outgoing
from services.runtime.clock import SteppingClock
from tests.districts import DISTRICT
from tests.unit.dispatcher.night import MIDNIGHT
from tests.unit.dispatcher.test_pipeline import FailingBus, Office
from tests.unit.schemas.first_release import records
from tests.unit.schemas.records import PLACED

NEW = {"of_a_later_version": {"a": [1, None]}}


def grown(record: object, plain: Any) -> Any:
    """Return *plain*, the JSON of *record*, with a new field in it and in every part of it."""
    if isinstance(record, BaseModel):
        told = {
            name: grown(getattr(record, name), value)
            for name, value in plain.items()
            if name in type(record).model_fields
        }
        return told | NEW
    if isinstance(record, tuple | list):
        return [grown(one, value) for one, value in zip(record, plain, strict=True)]
    if isinstance(record, dict):
        # Values alone: keys may be told otherwise than they are held.
        held = list(record.values())
        return {
            key: grown(one, value) for (key, value), one in zip(plain.items(), held, strict=True)
        }
    return plain


def with_new_fields(topic: Topic, data: bytes) -> bytes:
    """Return the record *data* as a later version might write it."""
    record = decode(topic, data)
    return json.dumps(
        grown(record, record.model_dump(mode="json", exclude_none=True)), ensure_ascii=False
    ).encode()


@given(PLACED)
def test_new_fields_are_passed_over_wherever_they_stand(placed: tuple[Topic, Record]) -> None:
    """A service that is upgraded last goes on reading what the others write."""
    topic, record = placed

    assert decode(topic, with_new_fields(topic, encode(record))) == record


@pytest.mark.parametrize("topic", list(Topic))
def test_new_fields_are_passed_over_in_every_kind_of_record(topic: Topic) -> None:
    for data in records(topic):
        assert encode(decode(topic, with_new_fields(topic, data))) == data


def test_the_correlator_decides_the_same_of_records_with_new_fields() -> None:
    later = [with_new_fields(Topic.EVENTS, data) for data in records(Topic.EVENTS)]

    assert list(replay(later, "500108")) == records(Topic.DECISIONS)


def test_a_recorded_decision_with_new_fields_is_the_same_input() -> None:
    told = 0
    for data in records(Topic.DISPATCH):
        body = json.loads(data)
        if (fact := Fact(body["fact"])) in INPUT_FACTS:
            what, _ = input_of(fact, body["detail"])
            later = dict(body["detail"])
            if "decision" in later:
                told += 1
                later["decision"] = later["decision"] | NEW
            assert input_of(fact, later)[0] == what
    assert told


def test_what_is_built_has_no_unknown_field() -> None:
    """Readers are lenient; bodies from outside and our own code are held to the letter."""
    fields: dict[str, Any] = {"place": "p", "hazard": "RAINSTORM", "level": 2, "why": "w"}

    LevelRaised.model_validate(fields)
    with pytest.raises(ValidationError):
        LevelRaised.model_validate(fields | NEW)


@pytest.mark.parametrize("topic", list(Topic))
def test_a_topic_is_named_after_the_version_of_its_records(topic: Topic) -> None:
    assert topic.value.rpartition(".v")[2] == str(VERSION)


@given(PLACED, st.integers() | st.text(max_size=3) | st.none())
def test_a_record_of_another_version_is_none_of_the_topic(
    placed: tuple[Topic, Record], version: object
) -> None:
    """What this version of the code was not written for is never guessed at."""
    topic, record = placed
    body = json.loads(encode(record))
    if version == VERSION:
        version = VERSION + 1

    with pytest.raises(SchemaError):
        decode(topic, json.dumps(body | {"v": version}).encode())


def test_the_correlator_keeps_a_record_of_a_later_version_whole() -> None:
    event = Tick(district=DISTRICT, event_id="t", accepted_at=MIDNIGHT)
    later = json.dumps(json.loads(encode(event)) | {"v": 2, "whole": "叫应"}).encode()

    outcome = CorrelatorPipeline(DISTRICT).handle(later)

    assert outcome.decisions == ()
    assert outcome.dead_letter is not None
    letter = DeadLetter.model_validate_json(outcome.dead_letter)
    assert (letter.reason, letter.original) == ("unreadable_record", later.decode())


async def test_the_dispatcher_keeps_a_record_of_a_later_version_whole(tmp_path: Path) -> None:
    clock = SteppingClock(MIDNIGHT)
    bus = await FailingBus.open(tmp_path, clock)
    office = Office(bus, clock)
    await office.open()
    later = json.dumps(json.loads(records(Topic.DECISIONS)[0]) | {"v": 2}).encode()
    await bus.publish([Outgoing(Topic.DECISIONS, DISTRICT, later)])

    batch = await bus.read(Topic.DECISIONS, DISTRICT, 0)
    await Decisions(office.pipeline, DeadLetterFailures(bus, clock, DISTRICT)).handle(batch)

    [kept] = await bus.read(Topic.DEAD_LETTERS, DISTRICT, 0)
    letter = DeadLetter.model_validate_json(kept.data)
    assert (letter.reason, letter.original) == ("unreadable_record", later.decode())
    assert office.calls() == []
    await office.fall()
    await bus.close()
