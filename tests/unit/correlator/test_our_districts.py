"""A worker's districts: what it takes over and lets go, and that no failure stops the others."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from faust.types import TP

from schemas.deadletter import RefusalReason
from schemas.level import Level
from schemas.topics import Topic
from schemas.wire import decode, encode
from services.correlator.adapters.topic_shape import TopicShape
from services.correlator.entrypoints.district_runner import DistrictRunner
from services.correlator.entrypoints.our_districts import OurDistricts
from services.correlator.entrypoints.replay import replay
from services.runtime.bus import Stored
from tests.builders import DISTRICT, a_pack, rain_rule
from tests.district_log import Log
from tests.doomed_log import DoomedLog, a_life

SHAPE = TopicShape("events.v1", 4, 1)
PLACE = SHAPE.place_of(DISTRICT)
ELSEWHERE = TP(PLACE.topic, (PLACE.partition + 1) % 4)


@dataclass
class Message:
    tp: TP
    offset: int


@dataclass
class Event:
    """As much of a Faust event as is asked for."""

    message: Message
    key: bytes | None
    value: bytes


def delivered(records: Sequence[Stored], at: TP = PLACE) -> list[Event]:
    return [
        Event(Message(at, record.offset), record.district.encode(), record.data)
        for record in records
    ]


class KnownLog(DoomedLog):
    """The log of one district, as a bus shows it."""

    def known_end(self, topic: Topic, district: str) -> int:
        return self.events[: self.durable][-1].offset + 1 if district == DISTRICT else 0


@pytest.fixture
def events() -> list[bytes]:
    log = Log(a_pack(rain_rule(Level.IV, 30), rain_rule(Level.III, 40)))
    log.series([(5.0 * at, 9.0 if at < 7 else 0.0) for at in range(1, 60)])
    return [encode(event) for event in log.events]


def ours(log: KnownLog, *districts: str) -> tuple[OurDistricts, list[str]]:
    made: list[str] = []

    def make_runner(district: str, at: TP) -> DistrictRunner:
        assert at == SHAPE.place_of(district)
        made.append(district)
        return a_life(log, snapshot_every=7)

    return OurDistricts(log, SHAPE, districts, make_runner), made  # type: ignore[arg-type]  # the part of a bus that is used


async def test_a_district_that_is_ours_is_caught_up_with_before_anything_is_delivered(
    events: list[bytes],
) -> None:
    log = KnownLog(events)
    worker, _ = ours(log, DISTRICT)

    await worker.assign([PLACE])

    assert (worker.lag, worker.at_rest) == (0, True)
    assert worker.next_due() is not None
    assert log.written[Topic.DECISIONS] == list(replay(events, DISTRICT))


async def test_a_district_that_is_another_workers_is_left_to_him(events: list[bytes]) -> None:
    log = KnownLog(events)
    worker, made = ours(log, DISTRICT)

    await worker.assign([ELSEWHERE])
    await worker.handle(delivered(log.events))  # type: ignore[arg-type]

    assert made == []
    assert log.written[Topic.DECISIONS] == []
    assert worker.at_rest


async def test_a_district_that_is_ours_no_more_is_let_go(events: list[bytes]) -> None:
    log = KnownLog(events)
    worker, made = ours(log)
    await worker.assign([PLACE, ELSEWHERE])
    await worker.handle(delivered(log.events[:9]))  # type: ignore[arg-type]

    await worker.assign([ELSEWHERE])
    await worker.assign([PLACE])
    await worker.handle(delivered(log.events[9:]))  # type: ignore[arg-type]

    assert made == [DISTRICT, DISTRICT]
    assert log.written[Topic.DECISIONS] == list(replay(events, DISTRICT))


async def test_one_that_stays_ours_goes_on_from_memory(events: list[bytes]) -> None:
    log = KnownLog(events)
    worker, made = ours(log, DISTRICT)

    await worker.assign([PLACE, ELSEWHERE])
    await worker.assign([PLACE])

    assert made == [DISTRICT]


async def test_what_was_not_delivered_is_read_before_what_comes_after_it(
    events: list[bytes],
) -> None:
    log = KnownLog(events)
    log.durable = 5
    worker, _ = ours(log, DISTRICT)
    await worker.assign([PLACE])
    log.durable = 30
    await worker.handle(delivered(log.events[5:10]))  # type: ignore[arg-type]
    assert worker.lag == 20

    await worker.handle(delivered(log.events[25:30]))  # type: ignore[arg-type]
    log.durable = len(events)
    await worker.handle(delivered(log.events[30:]))  # type: ignore[arg-type]

    assert log.written[Topic.DECISIONS] == list(replay(events, DISTRICT))
    assert worker.at_rest


async def test_a_failure_leaves_letters_and_the_next_record_finds_everything_again(
    events: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = KnownLog(events)
    log.durable = 5
    worker, made = ours(log, DISTRICT)
    await worker.assign([PLACE])
    with monkeypatch.context() as broken:
        broken.setattr(DistrictRunner, "handle", _fails)
        await worker.handle(delivered(log.events[5:8]))  # type: ignore[arg-type]

    log.durable = len(events)
    await worker.handle(delivered(log.events[8:]))  # type: ignore[arg-type]

    letters = [decode(Topic.DEAD_LETTERS, data) for data in log.written[Topic.DEAD_LETTERS]]
    assert [letter.reason for letter in letters] == [RefusalReason.HANDLER_FAILED] * 3  # type: ignore[attr-defined]
    assert log.written[Topic.DECISIONS] == list(replay(events, DISTRICT))
    assert made == [DISTRICT, DISTRICT]


async def _fails(_runner: DistrictRunner, _records: Sequence[Stored]) -> None:
    raise ZeroDivisionError


async def test_a_record_without_a_district_stops_nothing(events: list[bytes]) -> None:
    log = KnownLog(events)
    log.durable = 5
    worker, _ = ours(log, DISTRICT)
    await worker.assign([PLACE])
    log.durable = len(events)
    first, *rest = delivered(log.events[5:])
    nameless = Event(first.message, None, b"?")

    await worker.handle([nameless, *rest])  # type: ignore[list-item]

    assert worker.at_rest
