"""`POST /v1/readings` (design.md section 7), and the ticks while none come."""

import asyncio
import base64
import re
from datetime import timedelta

import orjson

from schemas.cap import Status
from schemas.event import Quality, Readings, Tick
from services.ingest.adapters.outbox import Outbox
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.rest import settle
from tests.contract.ingest.bodies import RAIN, j
from tests.unit.ingest.small_district import (
    START,
    Door,
)


async def test_a_reading_becomes_an_event_in_our_units(ingest: Door) -> None:
    answer = await ingest.post("/v1/readings", j(RAIN), "sensors")

    assert answer.status == 202
    assert answer.json == {"accepted": 1, "duplicates": 0, "rejected": []}
    (event,) = await ingest.events()
    assert isinstance(event, Readings)
    assert event.source == "sensors"
    assert event.accepted_at == START
    assert [(reading.sensor_id, reading.value) for reading in event.readings] == [("RG-1", 100)]


async def test_a_list_and_lines_are_one_event_each(ingest: Door) -> None:
    many = [{**RAIN, "occurred_at": f"2026-07-16T11:{minute}:00Z"} for minute in (10, 15, 20)]
    lines = b"\n".join(j({**item, "sensor_id": "RG-2"}) for item in many)

    as_list = await ingest.post("/v1/readings", j(many), "sensors")
    as_lines = await ingest.post("/v1/readings", lines, "sensors", "application/x-ndjson")

    assert as_list.json["accepted"] == as_lines.json["accepted"] == 3
    assert [len(event.readings) for event in await ingest.events()] == [3, 3]


async def test_what_is_bad_in_a_body_is_named_by_its_place_and_the_rest_is_taken(
    ingest: Door,
) -> None:
    body = [RAIN, {**RAIN, "unit": "furlong"}, {**RAIN, "sensor_id": "XX-1"}]

    answer = await ingest.post("/v1/readings", j(body), "sensors")

    assert answer.status == 202
    assert answer.json["accepted"] == 1
    assert answer.json["rejected"] == [
        {"index": 1, "reason": "unknown_unit"},
        {"index": 2, "reason": "not_your_sensor"},
    ]
    kept = [
        (letter.reason.value, orjson.loads(letter.original)) for letter in await ingest.letters()
    ]
    assert kept == [("unknown_unit", body[1]), ("not_your_sensor", body[2])]


async def test_when_every_reading_is_bad_the_answer_is_422(ingest: Door) -> None:
    answer = await ingest.post("/v1/readings", j([{**RAIN, "value": "wet"}]), "sensors")

    assert answer.status == 422
    assert answer.json["rejected"] == [{"index": 0, "reason": "bad_value"}]


async def test_a_bad_line_spoils_only_itself(ingest: Door) -> None:
    body = j(RAIN) + b"\n{half a line\n\n" + j({**RAIN, "sensor_id": "RG-2"})

    answer = await ingest.post("/v1/readings", body, "sensors", "application/x-ndjson")

    assert answer.json == {
        "accepted": 2,
        "duplicates": 0,
        "rejected": [{"index": 1, "reason": "not_json"}],
    }


async def test_a_reading_said_twice_is_a_duplicate_and_another_value_a_correction(
    ingest: Door,
) -> None:
    first = await ingest.post("/v1/readings", j(RAIN), "sensors")
    again = await ingest.post("/v1/readings", j([RAIN, RAIN]), "sensors")
    corrected = await ingest.post("/v1/readings", j({**RAIN, "value": 0.2}), "sensors")
    back = await ingest.post("/v1/readings", j(RAIN), "sensors")

    counts = [(a.json["accepted"], a.json["duplicates"]) for a in (first, again, corrected, back)]
    assert counts == [(1, 0), (0, 2), (1, 0), (1, 0)]
    events = await ingest.events()
    assert [event.readings[0].value for event in events] == [100, 200, 100]
    assert len({event.event_id for event in events}) == 3


async def test_exercises_are_an_event_of_their_own(ingest: Door) -> None:
    body = [RAIN, {**RAIN, "status": "Exercise"}]

    answer = await ingest.post("/v1/readings", j(body), "sensors")

    assert answer.json["accepted"] == 2
    assert {event.status for event in await ingest.events()} == {Status.ACTUAL, Status.EXERCISE}


async def test_a_reading_ahead_of_its_time_is_taken_again_when_its_time_has_come(
    ingest: Door,
) -> None:
    ahead = {**RAIN, "occurred_at": "2026-07-16T12:05:00Z"}

    await ingest.post("/v1/readings", j(ahead), "sensors")
    ingest.clock.move_to(START + timedelta(minutes=5))
    again = await ingest.post("/v1/readings", j(ahead), "sensors")

    assert again.json["accepted"] == 1
    early, right = await ingest.events()
    assert early.readings[0].quality == (Quality.CLOCK_ERROR,)
    assert right.readings[0].quality == ()


async def test_invariant_15_bad_input_gets_a_clear_answer_and_is_kept_whole(ingest: Door) -> None:
    """What cannot even be read as text is kept byte for byte."""
    body = b"\xff\xfe\xfd not text"

    answer = await ingest.post("/v1/readings", body, "sensors")

    assert (answer.status, answer.json["reason"]) == (400, "wrong_encoding")
    (letter,) = await ingest.letters()
    assert (letter.encoding, letter.source, letter.stage) == ("base64", "sensors", "readings")


async def test_a_letter_is_never_much_longer_than_what_was_sent(ingest: Door) -> None:
    """A body of control characters is six times as long in JSON: too long for any broker."""
    body = b"\x01" * 3000

    await ingest.post("/v1/readings", body, "sensors")

    (letter,) = await ingest.letters()
    assert letter.encoding == "base64"
    assert base64.b64decode(letter.original) == body


async def test_no_answer_holds_what_was_sent(ingest: Door) -> None:
    """A refusal names fields and reasons; a number in the wrong field is not sent back."""
    answer = await ingest.post("/v1/readings", j({**RAIN, "unit": "13800138000"}), "sensors")

    assert answer.status == 422
    assert re.search("138", str(answer.json)) is None


async def test_time_ticks_once_a_second_while_nothing_else_comes(ingest: Door) -> None:
    ticking = asyncio.create_task(ingest.ingest.ticker.run())

    for _ in range(2):
        await _step(ingest)
    await ingest.post("/v1/readings", j(RAIN), "sensors")
    for _ in range(2):
        await _step(ingest)

    ticking.cancel()
    told = [(event.kind, (event.accepted_at - START).seconds) for event in await ingest.events()]
    assert told == [("Tick", 1), ("Tick", 2), ("Readings", 2), ("Tick", 3), ("Tick", 4)]


async def _step(ingest: Door) -> None:
    assert isinstance(ingest.bus, EmbeddedBus | Outbox)
    await settle([ingest.bus])
    assert ingest.clock.step()
    await settle([ingest.bus])


async def test_a_tick_is_an_event_of_its_instant(ingest: Door) -> None:
    ingest.clock.move_to(START + timedelta(seconds=30))

    await ingest.ingest.ticker.tick()

    (event,) = await ingest.events()
    assert isinstance(event, Tick)
    assert event.accepted_at == START + timedelta(seconds=30)
    assert ingest.ingest.at_rest
