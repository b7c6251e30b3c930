"""Decisions where everything is delivered at least once, and any process may die at any moment."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.topics import Topic
from schemas.wire import encode
from services.correlator.pipeline import CorrelatorPipeline
from tests.builders import DISTRICT
from tests.doomed_log import DoomedLog, KilledError, a_life, once
from tests.rainy_pack import written
from tests.strategies import Step, steps

UNREADABLE = b'{"kind": "?"}'


def an_uneven_log(happened: list[Step]) -> list[bytes]:
    events = [encode(event) for event in written(happened, until=200).events]
    return [*events[:3], UNREADABLE, *events[3:]]


def decided(events: list[bytes]) -> list[bytes]:
    pipeline = CorrelatorPipeline(DISTRICT)
    return [found for data in events for found in pipeline.handle(data).decisions]


@given(steps(), st.data())
@settings(max_examples=60, deadline=None)
def test_whenever_a_worker_dies_each_decision_is_told_once_and_in_order(
    happened: list[Step], data: st.DataObject
) -> None:
    """A worker that dies must cost the people who wait for it time, and nothing else."""
    events = an_uneven_log(happened)
    log = DoomedLog(events, stride=data.draw(st.integers(1, 3)))
    snapshot_every = data.draw(st.integers(1, 40))
    deaths: list[int | None] = list(data.draw(st.lists(st.integers(0, 25), max_size=6)))
    log.durable = 0

    async def live() -> None:
        # Whatever the deliverer takes for dealt with, and however far the log is by then.
        runner = a_life(log, snapshot_every)
        at = data.draw(st.integers(0, min(log.durable, len(events) - 1)))
        while at < len(events):
            size = data.draw(st.integers(1, 9))
            log.durable = max(log.durable, data.draw(st.integers(at, len(events))), at + size)
            await runner.handle(log.events[at : at + size])
            at += size

    for death in [*deaths, None]:
        log.plant(death)
        try:
            asyncio.run(live())
        except KilledError:
            log.rows.lose(data.draw(st.sampled_from([0, 1, 2, 5, 10**6])))

    assert log.written[Topic.DECISIONS] == decided(events)
    assert len(once(log.written[Topic.DEAD_LETTERS])) == 1


@given(steps(), st.lists(st.integers(1, 9), min_size=2, max_size=2), st.integers(0, 60), st.data())
@settings(max_examples=50, deadline=None)
def test_one_that_does_not_know_that_it_was_replaced_changes_no_decision(
    happened: list[Step], sizes: list[int], ahead: int, data: st.DataObject
) -> None:
    """A worker that was only away for a while writes beside its successor, and is not believed."""
    events = an_uneven_log(happened)
    log = DoomedLog(events)
    begins = [data.draw(st.integers(0, ahead)) for _ in sizes]

    async def work(size: int, begin: int) -> None:
        runner = a_life(log, snapshot_every=7)
        for at in range(begin, len(events), size):
            await runner.handle(log.events[at : at + size])

    async def both() -> None:
        log.durable = min(ahead, len(events))
        await a_life(log, snapshot_every=7).resume()
        log.durable = len(events)
        await asyncio.gather(
            *(work(size, begin) for size, begin in zip(sizes, begins, strict=True))
        )

    asyncio.run(both())

    assert once(log.written[Topic.DECISIONS]) == decided(events)


@given(steps(), st.data())
@settings(max_examples=30, deadline=None)
def test_a_log_twice_is_the_log_once(happened: list[Step], data: st.DataObject) -> None:
    """A broker's position may be set back to anywhere, and nobody is called again for that."""
    events = an_uneven_log(happened)
    log = DoomedLog(events)

    async def twice() -> None:
        runner = a_life(log, snapshot_every=11)
        for begin in (0, data.draw(st.integers(0, len(events)))):
            for at in range(begin, len(events), 5):
                await runner.handle(log.events[at : at + 5])

    asyncio.run(twice())

    assert log.written[Topic.DECISIONS] == decided(events)


@given(steps(), st.data())
@settings(max_examples=50, deadline=None)
def test_a_call_that_is_cut_short_tells_nothing_twice(
    happened: list[Step], data: st.DataObject
) -> None:
    """A worker that keeps a district through a new sharing must know what of its last words arrived."""
    events = an_uneven_log(happened)
    log = DoomedLog(events)
    log.plant(data.draw(st.integers(0, 10)))

    async def work() -> None:
        runner = a_life(log, snapshot_every=11)
        for at in range(0, len(events), 5):
            try:
                await runner.handle(log.events[at : at + 5])
            except KilledError:
                log.plant(None)
                await runner.resume()
        await runner.resume()

    asyncio.run(work())

    assert log.written[Topic.DECISIONS] == decided(events)


@given(steps())
@settings(max_examples=50, deadline=None)
def test_the_times_of_decisions_never_go_back(happened: list[Step]) -> None:
    """What has been told is known by the newest decision's time, so an earlier one must not follow."""
    times = [decision.decided_at for decision in written(happened, until=300).decisions]

    assert times == sorted(times)
