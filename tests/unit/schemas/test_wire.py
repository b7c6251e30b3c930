import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.event import Reading, Readings, Tick
from schemas.metric import Metric
from schemas.record import Record
from schemas.topics import Topic
from schemas.wire import VERSION, SchemaError, decode, encode
from tests.unit.schemas.records import EVENT, PLACED, READINGS, WORDS, tuples

MIDNIGHT = datetime(2026, 7, 1, tzinfo=UTC)
TICK = {"kind": "Tick", "v": 1, "district": "500108", "event_id": "t1"} | {
    "accepted_at": "2026-07-01T00:00:00Z"
}


def as_bytes(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields).encode()


@given(PLACED)
def test_what_is_encoded_is_decoded_to_the_same_record(placed: tuple[Topic, Record]) -> None:
    """No service hears anything else than what another one said."""
    topic, record = placed

    assert decode(topic, encode(record)) == record


@given(PLACED)
def test_bytes_are_canonical(placed: tuple[Topic, Record]) -> None:
    """Equal records are equal bytes, or a replay could not be compared with what it replays."""
    topic, record = placed
    data = encode(record)

    assert data == orjson.dumps(orjson.loads(data), option=orjson.OPT_SORT_KEYS)
    assert encode(decode(topic, data)) == data


@given(st.builds(Readings, **EVENT, source=WORDS, readings=tuples(READINGS)))
def test_readings_are_written_as_any_record_is(record: Readings) -> None:
    """Their short cut is the same bytes, or old and new logs would not compare."""
    content = record.model_dump(mode="json", exclude_none=True)

    assert encode(record) == orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


@given(READINGS)
def test_a_reading_made_of_what_was_checked_is_as_any_other(reading: Reading) -> None:
    """Who is handed one on cannot tell it from one that was read."""
    made = Reading.of_checked(*(getattr(reading, field) for field in Reading.model_fields))

    assert made == reading
    assert hash(made) == hash(reading)
    assert repr(made) == repr(reading)
    assert made.model_dump(exclude_unset=True) == reading.model_dump()
    assert made.model_copy(update={"value": 7}) == reading.model_copy(update={"value": 7})


def test_a_record_has_one_text() -> None:
    reading = Reading(sensor_id="雨-1", metric=Metric.RAIN, value=300, occurred_at=MIDNIGHT)
    record = Readings(
        district="500108", event_id="e1", accepted_at=MIDNIGHT, source="s", readings=(reading,)
    )

    assert encode(record).decode() == (
        '{"accepted_at":"2026-07-01T00:00:00Z","district":"500108","event_id":"e1",'
        '"kind":"Readings","readings":[{"metric":"rain","occurred_at":"2026-07-01T00:00:00Z",'
        '"quality":[],"sensor_id":"雨-1","value":300}],"source":"s","status":"Actual","v":1}'
    )


def test_an_absent_value_is_left_out() -> None:
    reading = Reading(sensor_id="r", metric=Metric.RAIN, value=1, occurred_at=MIDNIGHT)

    assert json.loads(encode(reading)).keys() == {
        "sensor_id",
        "metric",
        "value",
        "occurred_at",
        "quality",
    }


def test_the_same_instant_is_the_same_bytes_whatever_its_offset() -> None:
    beijing = MIDNIGHT.astimezone(timezone(timedelta(hours=8)))
    said = [
        encode(Tick(district="500108", event_id="t1", accepted_at=at)) for at in (MIDNIGHT, beijing)
    ]

    assert said[0] == said[1]


def test_every_record_says_its_version() -> None:
    record = decode(Topic.EVENTS, as_bytes(TICK))

    assert json.loads(encode(record))["v"] == VERSION


@pytest.mark.parametrize(
    ("topic", "data"),
    [
        pytest.param(Topic.EVENTS, as_bytes(TICK | {"v": 2}), id="unknown version"),
        pytest.param(Topic.EVENTS, as_bytes(TICK | {"kind": "13800138000"}), id="unknown kind"),
        pytest.param(Topic.DECISIONS, as_bytes(TICK), id="record of another topic"),
        pytest.param(Topic.EVENTS, as_bytes(TICK | {"district": "13800138000"}), id="bad key"),
        pytest.param(
            Topic.EVENTS, as_bytes(TICK | {"accepted_at": "2026-07-01T00:00:00"}), id="no offset"
        ),
        pytest.param(Topic.EVENTS, b'{"kind":"Tick","event_id":"13800138000"', id="cut off"),
        pytest.param(Topic.EVENTS, b"\xff13800138000", id="not text"),
        pytest.param(Topic.EVENTS, b"", id="nothing"),
    ],
)
def test_what_is_no_record_is_refused_without_repeating_it(topic: Topic, data: bytes) -> None:
    with pytest.raises(SchemaError) as refused:
        decode(topic, data)

    assert str(refused.value)
    assert "13800138000" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
