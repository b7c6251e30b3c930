"""What was accepted reaches the brokers in its order, and is answered for meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.cap import Status
from schemas.deadletter import RefusalReason
from schemas.event import Reading
from schemas.topics import Topic
from services.ingest.adapters.event_publisher import BusEventLog
from services.ingest.adapters.forwarder import SET_ASIDE
from services.ingest.adapters.outbox import SpoolFullError
from services.ingest.domain.refusal import Refusal
from services.ingest.entrypoints.ticker import Ticker
from services.ingest.ports import Letters
from services.runtime.bus import BusUnavailableError
from services.runtime.clock import SteppingClock
from tests.unit.ingest.outbox_office import LARGEST, MILLISECOND, Office
from tests.unit.ingest.small_district import DISTRICT, START


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    opened = Office(tmp_path / "spool", SteppingClock(START))
    await opened.open()
    yield opened
    await opened.die()


async def test_a_sender_is_answered_when_the_brokers_have_it(office: Office) -> None:
    office.brokers.takes = 300 * MILLISECOND

    asked = await office.take("a")
    assert not asked.done()
    await office.pass_time(300 * MILLISECOND)

    assert asked.done()
    assert office.names == ["a"]
    assert not office.outbox.is_spooling


async def test_a_sender_is_answered_from_the_spool_when_the_brokers_are_silent_for_a_second(
    office: Office,
) -> None:
    office.brokers.leave()

    asked = await office.take("a")
    await office.pass_time(999 * MILLISECOND)
    assert not asked.done()
    await office.pass_time(MILLISECOND)

    assert asked.done()
    assert office.outbox.is_spooling
    assert office.names == []


async def test_while_the_brokers_are_known_to_be_away_the_answer_is_immediate(
    office: Office,
) -> None:
    office.brokers.leave()
    await office.take("a")
    await office.pass_time(timedelta(seconds=1))

    asked = await office.take("b")

    assert asked.done()


async def test_everything_is_sent_in_the_order_of_acceptance_once_the_brokers_are_back(
    office: Office,
) -> None:
    office.brokers.leave()
    for number in range(4):
        await office.take(str(number))
        await office.pass_time(timedelta(seconds=20))

    office.brokers.come_back()
    await office.pass_time(timedelta(seconds=1))
    asked = await office.take("after")

    assert office.names == ["0", "1", "2", "3", "after"]
    assert asked.done()
    assert not office.outbox.is_spooling


async def test_a_run_whose_answer_was_lost_is_sent_again_and_nothing_overtakes_it(
    office: Office,
) -> None:
    office.brokers.mute = True
    await office.take("a")
    await office.take("b")

    office.brokers.mute = False
    await office.pass_time(timedelta(seconds=1))

    assert office.names == ["a", "a", "b"]


async def test_what_a_killed_process_had_not_sent_is_sent_by_the_next_one_as_it_was(
    office: Office,
) -> None:
    office.brokers.leave()
    for name in "abc":
        await office.take(name)
    await office.die()

    office.brokers.come_back()
    await office.open()

    assert office.names == ["a", "b", "c"]


async def test_what_was_acknowledged_and_not_noted_is_sent_again_with_the_same_id(
    office: Office,
) -> None:
    await office.take("a")
    await office.take("b")
    await office.die()

    await office.open()

    assert office.names == ["a", "b", "b"]


async def test_a_process_that_finds_an_old_spool_answers_from_it_until_it_is_sent(
    office: Office,
) -> None:
    office.brokers.leave()
    await office.take("a")
    await office.die()
    office.clock.move_to(START + timedelta(minutes=5))

    await office.open()
    asked = await office.take("b")

    assert asked.done()
    assert office.outbox.age == timedelta(minutes=5)
    assert office.outbox.records == 2


async def test_a_full_spool_takes_nothing_until_something_is_sent(office: Office) -> None:
    office.brokers.leave()
    for name in "abc":
        await office.take(name, size=600)
    assert office.outbox.is_full

    refused = await office.take("d")
    office.brokers.come_back()
    await office.pass_time(timedelta(seconds=1))
    taken = await office.take("e")

    assert isinstance(refused.exception(), SpoolFullError)
    assert taken.exception() is None
    assert office.names == ["a", "b", "c", "e"]


async def test_a_full_disk_takes_nothing_until_it_has_space_again(tmp_path: Path) -> None:
    office = Office(tmp_path / "spool", SteppingClock(START), max_pages=40)
    await office.open(spool_bytes=1 << 30)
    office.brokers.leave()
    await office.take("0")
    await office.pass_time(timedelta(seconds=1))

    taken = 1
    while (asked := await office.take(str(taken), size=700)).exception() is None:
        taken += 1
    office.brokers.come_back()
    await office.pass_time(timedelta(seconds=30))
    again = await office.take("again")

    assert isinstance(asked.exception(), BusUnavailableError)
    assert again.exception() is None
    assert office.names == [*(str(number) for number in range(taken)), "again"]
    await office.die()


async def test_a_record_that_no_broker_takes_is_kept_aside_and_the_rest_goes_on(
    office: Office,
) -> None:
    office.brokers.leave()
    await office.take("a")
    await office.take("b", size=LARGEST)
    await office.take("c")

    office.brokers.come_back()
    await office.pass_time(timedelta(seconds=1))

    assert list(dict.fromkeys(office.names)) == ["a", "c"]
    ((key, data),) = office.local.values(SET_ASIDE)
    assert key == "events.v1/000000000000001"
    assert b'"bxxx' in data
    assert office.outbox.set_aside == 1
    assert office.gauge("records_set_aside") == 1


async def test_what_was_kept_aside_is_still_told_of_after_a_restart(office: Office) -> None:
    await office.take("b", size=LARGEST)
    await office.die()

    await office.open()

    assert office.outbox.set_aside == 1


async def test_what_was_kept_aside_is_sent_after_a_restart_when_the_brokers_take_more(
    office: Office,
) -> None:
    await office.take("b", size=LARGEST)
    await office.die()
    office.brokers.largest = 2 * LARGEST

    await office.open()
    await office.take("c")

    assert office.names == ["c", "b"]
    assert office.outbox.set_aside == 0
    assert office.local.values(SET_ASIDE) == []


async def test_the_spool_is_cut_behind_what_is_sent(office: Office) -> None:
    for number in range(5):
        await office.take(str(number))
        await office.pass_time(timedelta(seconds=1))

    left = await office.local.read(Topic.EVENTS, DISTRICT, 0)

    assert len(left) == 1  # the last one stays: the next offset is read from it


async def test_stopping_waits_for_the_brokers_as_long_as_a_sender_would(office: Office) -> None:
    office.brokers.takes = 500 * MILLISECOND
    await office.take("a")

    stopping = asyncio.create_task(office.outbox.stop())
    await office.pass_time(499 * MILLISECOND)
    assert not stopping.done()
    await office.pass_time(MILLISECOND)
    await stopping
    await office.die()
    await office.open()

    assert office.names == ["a"]


async def test_stopping_ends_although_the_brokers_are_away(office: Office) -> None:
    office.brokers.leave()
    await office.take("a")

    stopping = asyncio.create_task(office.outbox.stop())
    await office.pass_time(timedelta(seconds=1))

    assert stopping.done()


async def test_the_spool_is_measured(office: Office) -> None:
    office.brokers.leave()
    await office.take("a")
    await office.pass_time(timedelta(seconds=2))
    await office.take("b")

    told = {name: office.gauge(name) for name in ("spool_records", "spool_age_seconds")}
    assert told == {"spool_records": 2, "spool_age_seconds": 2}
    assert office.gauge("brokers_away") == 1
    assert (office.gauge("spool_bytes") or 0) > 100

    office.brokers.come_back()
    await office.pass_time(timedelta(seconds=1))

    assert [office.gauge(name) for name in ("spool_records", "spool_bytes")] == [0, 0]
    assert office.gauge("brokers_away") == 0


async def test_letters_that_cannot_be_sent_keep_no_event_waiting(office: Office) -> None:
    office.brokers.lack.add(Topic.DEAD_LETTERS)
    log = BusEventLog(office.outbox, office.clock, DISTRICT)
    refusal = Refusal(0, RefusalReason.NOT_JSON, "", b"{")
    told = asyncio.create_task(
        _told(log.append_once((), Letters("sensors", "readings", "", (refusal,))))
    )
    await office.pass_time(timedelta(seconds=1))
    assert told.done()

    office.brokers.takes = 500 * MILLISECOND
    asked = await office.take("a")

    assert not asked.done()
    assert (office.outbox.is_impaired, office.outbox.is_spooling) == (True, False)
    await office.pass_time(500 * MILLISECOND)
    assert asked.done()
    assert office.names == ["a"]


def _reading(at: datetime) -> Reading:
    return Reading(sensor_id="RG-1", metric="rain", value=100, occurred_at=at)


async def test_a_duplicate_is_not_told_before_its_original_is_published(office: Office) -> None:
    log = BusEventLog(office.outbox, office.clock, DISTRICT)
    await log.open()
    office.brokers.takes = 500 * MILLISECOND
    letters = Letters("sensors", "readings", "")

    def post() -> asyncio.Task[object]:
        return asyncio.create_task(
            _told(log.append_readings("sensors", Status.ACTUAL, [_reading(START)], letters))
        )

    first, again = post(), post()
    await office.pass_time(499 * MILLISECOND)
    assert not again.done()
    await office.pass_time(MILLISECOND)

    assert (first.result(), again.result()) == ([True], [False])


async def _told(answer: Coroutine[Any, Any, object]) -> object:
    return await answer


async def test_no_tick_is_spooled_while_the_brokers_are_away(office: Office) -> None:
    """A night without brokers must leave a spool of what was said, not of seconds."""
    log = BusEventLog(office.outbox, office.clock, DISTRICT)
    ticker = Ticker(
        log, office.clock, timedelta(seconds=1), is_spooling=lambda: office.outbox.is_spooling
    )
    office.spawn("ticks", ticker.run())
    await office.pass_time(timedelta(seconds=2))
    assert len(office.names) == 2

    office.brokers.leave()
    await office.pass_time(timedelta(minutes=10))
    assert office.outbox.records == 1
    office.brokers.come_back()
    await office.pass_time(timedelta(seconds=3))

    told = office.brokers.records(Topic.EVENTS, DISTRICT)
    passed = [(vars(tick)["accepted_at"] - START).total_seconds() for tick in told]
    assert passed[:3] == [1, 2, 3]
    assert [now - 602 for now in passed[3:]] == [1, 2, 3]
