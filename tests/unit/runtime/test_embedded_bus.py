import asyncio
import resource
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.topics import Topic
from services.runtime.bus import (
    BusError,
    BusInUseError,
    BusUnavailableError,
    Outgoing,
    RetentionError,
    Transaction,
)
from services.runtime.clock import SteppingClock
from services.runtime.embedded_bus import FILE, EmbeddedBus
from services.runtime.retention import apply_retention
from services.runtime.sqlite_file import open_for_writing

START = datetime(2025, 7, 1, tzinfo=UTC)
DISTRICT = "500108"


@asynccontextmanager
async def opened(
    directory: Path,
    clock: SteppingClock | None = None,
    *,
    observe: Callable[[float, int], None] = lambda _seconds, _handlers: None,
    max_pages: int | None = None,
    free_bytes: Callable[[Path], int] | None = None,
) -> AsyncIterator[EmbeddedBus]:
    bus = await EmbeddedBus.open(
        directory,
        clock or SteppingClock(START),
        ballast_bytes=4096,
        observe=observe,
        max_pages=max_pages,
        free_bytes=free_bytes,
    )
    try:
        yield bus
    finally:
        await bus.close()


def event(data: bytes = b"x", topic: Topic = Topic.EVENTS) -> Outgoing:
    return Outgoing(topic, DISTRICT, data)


def log_bytes(directory: Path) -> int:
    return (directory / f"{FILE}-wal").stat().st_size


@contextmanager
def no_file_grows_beyond(size: int) -> Iterator[None]:
    """Let the system refuse every write behind *size*, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def fill(bus: EmbeddedBus, topic: Topic = Topic.EVENTS) -> int:
    """Publish until nothing more fits; return how many were kept."""
    for count in range(10_000):
        try:
            await bus.publish([event(bytes(20_000), topic)])
        except BusUnavailableError:
            return count
    raise AssertionError("it never filled")


async def test_transactions_of_one_pass_of_the_loop_share_a_commit(tmp_path: Path) -> None:
    groups: list[int] = []

    async with opened(tmp_path, observe=lambda _s, handlers: groups.append(handlers)) as bus:
        await asyncio.gather(*(bus.publish([event()]) for _ in range(100)))

    assert groups == [100]


async def test_work_that_writes_nothing_needs_no_commit(tmp_path: Path) -> None:
    groups: list[int] = []

    async with opened(tmp_path, observe=lambda _s, handlers: groups.append(handlers)) as bus:
        await bus.transact(lambda tx: tx.get("s", "k"))

    assert groups == []


async def test_a_bus_is_at_rest_when_nothing_waits_or_runs(tmp_path: Path) -> None:
    async with opened(tmp_path) as bus:
        before = bus.at_rest
        publishing = asyncio.ensure_future(bus.publish([event()]))
        await asyncio.sleep(0)
        during = bus.at_rest
        await publishing

        assert (before, during, bus.at_rest) == (True, False, True)


async def test_a_second_process_is_refused_in_clear_words(tmp_path: Path) -> None:
    async with opened(tmp_path):
        with pytest.raises(BusInUseError, match="in use by another process"):
            await EmbeddedBus.open(tmp_path, SteppingClock(START))

    async with opened(tmp_path) as bus:
        assert await bus.publish([event()]) == [0]


async def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    database = open_for_writing(tmp_path / FILE)
    database.execute("PRAGMA user_version = 99")
    database.close()

    with pytest.raises(BusError, match="version 99"):
        await EmbeddedBus.open(tmp_path, SteppingClock(START))


async def test_a_full_store_keeps_nothing_and_tries_again_later(tmp_path: Path) -> None:
    async with opened(tmp_path, max_pages=100) as bus:
        kept = await fill(bus)

        assert await bus.end(Topic.EVENTS, DISTRICT) == kept
        with pytest.raises(BusUnavailableError):
            await bus.publish([event(bytes(20_000))])

        await bus.drop_before(Topic.EVENTS, DISTRICT, kept)
        assert await bus.publish([event(bytes(20_000))]) == [kept]


async def test_a_full_disk_frees_the_ballast_once_and_takes_it_back_when_there_is_space(
    tmp_path: Path,
) -> None:
    free = 1_000_000
    async with opened(tmp_path, max_pages=100, free_bytes=lambda _directory: free) as bus:
        ballast = tmp_path / "ballast"
        assert (bus.ballast_freed, ballast.stat().st_size) == (False, 4096)

        free = 0
        await fill(bus)
        assert (bus.ballast_freed, ballast.exists()) == (True, False)

        bus._do_chores()
        bus._checkpoints._thread.stop()
        assert bus.ballast_freed

        bus._ballast._free_bytes = lambda _directory: 1_000_000
        bus._ballast.restore()
        assert (bus.ballast_freed, ballast.stat().st_size) == (False, 4096)


async def test_a_disk_that_takes_nothing_fails_the_commit_and_not_the_bus(tmp_path: Path) -> None:
    async with opened(tmp_path) as bus:
        await bus.publish([event(b"before")])
        with no_file_grows_beyond(log_bytes(tmp_path)):
            outcomes = await asyncio.gather(
                *(bus.publish([event(bytes(50_000))]) for _ in range(5)), return_exceptions=True
            )

        assert {type(outcome).__bases__[0] for outcome in outcomes} == {BusUnavailableError}
        assert bus.ballast_freed
        assert await bus.publish([event(b"after")]) == [1]
        records = await bus.read(Topic.EVENTS, DISTRICT, 0)
        assert [record.data for record in records] == [b"before", b"after"]


async def test_a_refusal_that_rests_on_a_neighbour_is_not_told_before_the_neighbour_is_durable(
    tmp_path: Path,
) -> None:
    def accept(tx: Transaction) -> None:
        if tx.get("seen", "event") is not None:
            raise KeyError("duplicate")
        tx.put("seen", "event", b"")
        tx.append(event())

    async with opened(tmp_path) as bus:
        with no_file_grows_beyond(log_bytes(tmp_path)):
            _alone, accepted, duplicate = await asyncio.gather(
                bus.publish([event()]),
                bus.transact(accept),
                bus.transact(accept),
                return_exceptions=True,
            )

    assert isinstance(accepted, BusUnavailableError)
    assert isinstance(duplicate, BusUnavailableError)


async def test_a_cancelled_caller_takes_nobody_with_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as bus:
        tasks = [asyncio.ensure_future(bus.publish([event()])) for _ in range(4)]
        await asyncio.sleep(0)
        tasks[2].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)

    assert results[:2] == [[0], [1]]
    assert isinstance(results[2], asyncio.CancelledError)
    assert results[3] == [2]


async def test_the_ledger_is_never_cut(tmp_path: Path) -> None:
    clock = SteppingClock(START)
    async with opened(tmp_path, clock) as bus:
        await bus.publish([event(topic=Topic.DISPATCH) for _ in range(3)])

        with pytest.raises(RetentionError, match=r"dispatch\.v1 is never cut"):
            await bus.drop_before(Topic.DISPATCH, DISTRICT, 2)
        await apply_retention(bus, START + timedelta(days=40_000))

        assert len(await bus.read(Topic.DISPATCH, DISTRICT, 0)) == 3


async def test_retention_removes_what_is_older_than_its_topic_is_kept(tmp_path: Path) -> None:
    clock = SteppingClock(START)
    async with opened(tmp_path, clock) as bus:
        await bus.publish([event(b"old")] * 1500)
        clock.move_to(START + timedelta(days=300))
        await bus.publish([event(b"young"), event(b"youngest")])

        await apply_retention(bus, START + timedelta(days=401))

        records = await bus.read(Topic.EVENTS, DISTRICT, 0)
        assert [(record.offset, record.data) for record in records] == [
            (1500, b"young"),
            (1501, b"youngest"),
        ]


async def test_offsets_go_on_after_everything_was_old(tmp_path: Path) -> None:
    async with opened(tmp_path) as bus:
        await bus.publish([event(), event(), event()])
        await apply_retention(bus, START + timedelta(days=500))

    async with opened(tmp_path) as bus:
        assert await bus.publish([event()]) == [3]


async def test_a_closed_bus_commits_what_it_took_and_lets_followers_end(tmp_path: Path) -> None:
    bus = await EmbeddedBus.open(tmp_path, SteppingClock(START), ballast_bytes=4096)

    async def follow() -> int:
        return sum([len(batch) async for batch in bus.follow(Topic.EVENTS, DISTRICT, 0)])

    following = asyncio.ensure_future(follow())
    publishing = [asyncio.ensure_future(bus.publish([event()])) for _ in range(10)]
    await asyncio.sleep(0)
    await bus.close()

    assert await asyncio.gather(*publishing) == [[number] for number in range(10)]
    await following
    with pytest.raises(BusUnavailableError):
        await bus.publish([event()])


async def test_a_log_at_its_hard_limit_is_copied_back_and_the_commits_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.runtime.checkpoint.HARD_PAGES", 50)
    async with opened(tmp_path) as bus:
        for _ in range(40):
            await bus.publish([event(bytes(20_000))])

        assert await bus.end(Topic.EVENTS, DISTRICT) == 40
        assert log_bytes(tmp_path) < 100 * 4096


async def test_an_idle_store_copies_its_log_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.runtime.checkpoint.IDLE_PAGES", 10)
    async with opened(tmp_path) as bus:
        for _ in range(5):
            await bus.publish([event(bytes(20_000))])
        bus._do_chores()
        copied = asyncio.Event()
        bus._checkpoints._thread.call(lambda: None, lambda _failure: copied.set())
        await copied.wait()

        assert bus._checkpoints._log_pages == 0
