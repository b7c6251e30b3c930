"""A takeover at any moment of any night: the index must be what a process that never died holds."""

import asyncio
import itertools
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

import orjson
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from schemas.topics import Topic
from services.dispatcher.adapters.desk_index import INDEX, IndexMark, read_mark
from services.dispatcher.adapters.desk_store import StoredBytes, space_of
from services.dispatcher.domain.inputs import DecisionRead, Input
from services.dispatcher.domain.record.telling_back import share_acknowledged
from services.dispatcher.domain.script import Script
from services.dispatcher.entrypoints.catching_up import Way, catch_up
from services.district.domain.pack import Pack
from services.runtime.bus import Outgoing, Transaction
from services.runtime.clock import SteppingClock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.values import Change
from tests.districts import DISTRICT as CODE
from tests.properties.test_dispatcher import DISTRICT, AnyCarrier
from tests.unit.dispatcher.night import MIDNIGHT
from tests.unit.dispatcher.recorded_night import RecordedNight

EMPTY = IndexMark()


@dataclass(frozen=True)
class Round:
    """What one round made durable, and what the store held behind it."""

    records: Sequence[bytes]
    rows: StoredBytes
    position: int
    feedback: Sequence[bytes]
    mark: IndexMark


class IndexedNight(RecordedNight):
    """A night that remembers each of its rounds."""

    def __init__(self, pack: Pack) -> None:
        self.rounds = [Round((), {}, 0, (), EMPTY)]
        super().__init__(pack)

    def tell(self, what: Input) -> Script | None:
        records, received = len(self.records), len(self.received)
        script = super().tell(what)
        position = self.rounds[-1].position
        if isinstance(what, DecisionRead):
            position = max(position, what.offset + 1)
        if new := self.records[records:]:
            feedback = tuple(
                share_acknowledged(share, CODE, self.now, self.desk.callouts[share[0]].status)
                for share in self.received[received:]
            )
            last = orjson.loads(new[-1])
            mark = IndexMark(last["seq"], last["hash"], records, feedback)
            self.rounds.append(Round(new, self.kept.as_stored(), position, feedback, mark))
        return script


class Crash(Enum):
    """When the owner before died, or what became of its index."""

    BEFORE_PUBLISHING = auto()
    BEFORE_WRITING = auto()
    AFTER_WRITING = auto()
    INDEX_LOST = auto()
    INDEX_OLD = auto()
    INDEX_HALF_REBUILT = auto()
    INDEX_OF_ANOTHER_LEDGER = auto()


class TakenOver(AnyCarrier):
    """The nights of the dispatcher, taken over at any round of theirs."""

    def __init__(self) -> None:
        super().__init__()
        self.indexed = IndexedNight(DISTRICT)
        self.night = self.indexed

    @precondition(lambda self: len(self.indexed.rounds) > 1)
    @rule(data=st.data(), crash=st.sampled_from(Crash))
    def somebody_takes_over(self, data: st.DataObject, crash: Crash) -> None:
        """
        Whoever takes the district over holds, to the byte, what its owner would hold: nobody is
        rung again for an ask that he answered, and the correlator hears of every share.
        """
        rounds = self.indexed.rounds
        last = data.draw(st.integers(1, len(rounds) - 1))
        known = data.draw(st.integers(0, last - 1)) if crash is Crash.INDEX_OLD else last - 1
        asyncio.run(_takeover(rounds, known, last, crash))

    def teardown(self) -> None:
        """The night need not be lived to its end here."""


async def _takeover(rounds: Sequence[Round], known: int, last: int, crash: Crash) -> None:
    published = last - 1 if crash is Crash.BEFORE_PUBLISHING else last
    written = last if crash is Crash.AFTER_WRITING else known
    with tempfile.TemporaryDirectory() as folder:
        bus = await EmbeddedBus.open(Path(folder), SteppingClock(MIDNIGHT), ballast_bytes=4096)
        try:
            lived = list(
                itertools.chain.from_iterable(one.records for one in rounds[: published + 1])
            )
            await bus.publish([Outgoing(Topic.DISPATCH, CODE, data) for data in lived])
            if crash is not Crash.INDEX_LOST:
                await bus.transact(lambda tx: _write(tx, rounds[written], crash))
            aside = (
                _changes(rounds[last - 1], rounds[last])
                if crash in {Crash.BEFORE_PUBLISHING, Crash.BEFORE_WRITING}
                else []
            )

            async def laid_aside() -> Sequence[Change]:
                return aside

            done = await catch_up(bus, CODE, [DISTRICT], laid_aside)

            expected = rounds[published]
            _compare(bus, expected)
            assert await bus.position("dispatcher", Topic.DECISIONS, CODE) == expected.position
            told = [one.data for one in await bus.read(Topic.EVENTS, CODE, 0)]
            if done.way is Way.ASIDE:
                assert told == list(expected.feedback)
            elif crash is not Crash.AFTER_WRITING and published > written:
                assert set(expected.feedback) <= set(told)
            again = await catch_up(bus, CODE, [DISTRICT], laid_aside)
            assert again.way is Way.CURRENT
        finally:
            await bus.close()


def _write(tx: Transaction, kept: Round, crash: Crash) -> None:
    for name, rows in kept.rows.items():
        for key, value in rows:
            tx.put(space_of(CODE, name), key, value)
    if crash is Crash.INDEX_HALF_REBUILT:
        tx.put(space_of(CODE, "chain"), "left over", b"{}")
        return
    mark = kept.mark
    if crash is Crash.INDEX_OF_ANOTHER_LEDGER and mark.seq:
        mark = IndexMark(mark.seq, "f" * 64, mark.tail_from)
    tx.put(space_of(CODE, INDEX), INDEX, mark.to_bytes())
    if kept.position:
        tx.commit_position("dispatcher", Topic.DECISIONS, CODE, kept.position)


def _changes(before: Round, after: Round) -> list[Change]:
    found: list[Change] = []
    for name, rows in after.rows.items():
        old, new = dict(before.rows.get(name, ())), dict(rows)
        found += [
            (space_of(CODE, name), key, new.get(key))
            for key in sorted(old.keys() | new.keys())
            if old.get(key) != new.get(key)
        ]
    return [*found, (space_of(CODE, INDEX), INDEX, after.mark.to_bytes())]


def _compare(bus: EmbeddedBus, expected: Round) -> None:
    for name, rows in expected.rows.items():
        assert (name, list(bus.values(space_of(CODE, name)))) == (name, list(rows))
    mark = read_mark(bus, CODE)
    assert mark is not None
    assert (mark.seq, mark.hash) == (expected.mark.seq, expected.mark.hash)


TestTakenOver = TakenOver.TestCase
TestTakenOver.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
