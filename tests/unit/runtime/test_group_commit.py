"""A lone handler is committed in the loop's own thread, and is promised what all others are."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from schemas.topics import Topic
from services.runtime.bus import BusUnavailableError, Outgoing, Stored
from services.runtime.checkpoint import Checkpointer
from services.runtime.commit_pace import STALLED_S, CommitPace
from services.runtime.embedded_store import EmbeddedStore
from services.runtime.group_commit import GroupCommit, Watchers
from services.runtime.store_transaction import StoreTransaction

DISTRICT = "500108"


class WatchedStore(EmbeddedStore):
    """Notes in which thread each commit ran; fails the next one when told to."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.in_loop: list[bool] = []
        self.fails = False

    def commit(self) -> None:
        self.in_loop.append(threading.current_thread() is threading.main_thread())
        if self.fails:
            self.fails = False
            raise BusUnavailableError("the disk failed")
        super().commit()


@dataclass
class Bench:
    """The commits over a store, and what their watchers were told."""

    store: WatchedStore
    commits: GroupCommit
    pace: CommitPace
    durable: list[bytes]
    failures: list[BusUnavailableError]


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    # However busy the machine is that runs this, the loop counts as calm and the disk as quick.
    monkeypatch.setattr("services.runtime.group_commit._CALM_S", 3600.0)
    monkeypatch.setattr("services.runtime.commit_pace.QUICK_S", 3600.0)
    store = WatchedStore(tmp_path / "bus")
    checkpoints = Checkpointer(tmp_path / "bus", lambda: True)
    pace = CommitPace()

    durable: list[bytes] = []
    failures: list[BusUnavailableError] = []

    def became_durable(records: Sequence[Stored]) -> None:
        durable.extend(record.data for record in records)

    commits = GroupCommit(
        store,
        checkpoints,
        lambda: 0,
        Watchers(became_durable, lambda _s, _n: None, failures.append),
        pace,
    )
    yield Bench(store, commits, pace, durable, failures)
    await commits.close()
    checkpoints.close()
    store.close()


def append(tx: StoreTransaction, data: bytes = b"x") -> int:
    return tx.place(Outgoing(Topic.EVENTS, DISTRICT, data))


def refuse(tx: StoreTransaction) -> None:
    append(tx, b"refused")
    tx.put("s", "k", b"refused")
    raise KeyError("refused")


async def test_a_lone_handler_is_committed_in_the_loop_and_many_in_the_thread(bench: Bench) -> None:
    await bench.commits.submit(append)
    await asyncio.gather(bench.commits.submit(append), bench.commits.submit(append))
    await bench.commits.submit(append)

    assert bench.store.in_loop == [True, False, True]


async def test_a_large_handler_goes_to_the_thread(bench: Bench) -> None:
    await bench.commits.submit(lambda tx: append(tx, bytes(1 << 20)))

    assert bench.store.in_loop == [False]


async def test_after_a_stall_the_lone_handler_goes_to_the_thread(bench: Bench) -> None:
    bench.pace.blocked(2 * STALLED_S)

    await bench.commits.submit(append)

    assert bench.store.in_loop == [False]


async def test_a_lone_refusal_leaves_nothing_and_the_next_goes_on(bench: Bench) -> None:
    with pytest.raises(KeyError, match="refused"):
        await bench.commits.submit(refuse)

    assert await bench.commits.submit(lambda tx: tx.get("s", "k")) is None
    assert await bench.commits.submit(append) == 0
    assert bench.durable == [b"x"]


async def test_a_lone_commit_that_fails_is_told_and_keeps_nothing(bench: Bench) -> None:
    bench.store.fails = True

    with pytest.raises(BusUnavailableError, match="the disk failed"):
        await bench.commits.submit(append)

    assert bench.store.in_loop == [True]
    assert len(bench.failures) == 1
    assert bench.durable == []
    assert await bench.commits.submit(append) == 0


async def test_followers_are_told_once_it_is_durable_and_before_the_caller(bench: Bench) -> None:
    told: list[str] = []
    submitted = bench.commits.submit(append)
    submitted.add_done_callback(lambda _future: told.append(f"caller after {bench.durable}"))

    assert bench.durable == []
    await submitted

    assert told == ["caller after [b'x']"]


async def test_lone_and_queued_handlers_keep_their_order(bench: Bench) -> None:
    async def in_turn(name: str, passes: int) -> None:
        for number in range(20):
            await bench.commits.submit(partial(append, data=f"{name}{number}".encode()))
            for _ in range(passes):
                await asyncio.sleep(0)

    await asyncio.gather(in_turn("a", 0), in_turn("b", 3), in_turn("c", 7))

    for name in "abc":
        mine = [data.decode() for data in bench.durable if data.decode().startswith(name)]
        assert mine == [f"{name}{number}" for number in range(20)]
    assert set(bench.store.in_loop) == {True, False}
