"""
Bringing the index up to the ledger's end, before a district's dispatcher is started.

The ledger is the truth; what the index lacks of it is found in one of three ways. What the owner
before had published and not yet written lies aside, and is written as it is. A tail that begins
with a load of the rows is lived through again from them. In every other case (the index was lost,
or is older than that) the whole ledger is: only so is it certain, to the byte, what a process that
never died would hold, for its queues and budgets are in no row.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import orjson
import structlog

from schemas.dispatch import Fact
from schemas.topics import Topic
from services.dispatcher.adapters.desk_copy import DeskCopy
from services.dispatcher.adapters.desk_index import INDEX, IndexMark, read_mark
from services.dispatcher.adapters.desk_store import SERIAL, space_of
from services.dispatcher.adapters.row_codec import KINDS
from services.dispatcher.domain.inputs import DecisionRead
from services.dispatcher.domain.record.ledger import GENESIS
from services.dispatcher.domain.record.telling_back import share_acknowledged
from services.dispatcher.entrypoints.reliving import (
    Lived,
    PartedError,
    Parting,
    Reliving,
    begins_with_a_load,
)
from services.dispatcher.pipeline import GROUP
from services.district.domain.pack import Pack
from services.runtime.bus import Bus, Outgoing, Stored, Transaction
from services.runtime.pacing import let_others_work
from services.runtime.values import Change

Aside = Callable[[], Awaitable[Sequence[Change]]]
"""Returns what the owner before was going to write with its last records."""
_READ_AT_ONCE = 500
_WRITTEN_AT_ONCE = 5_000
"""Rows, a few megabytes: more would hold up the other districts' leases in the same server."""
_TOLD_BACK = timedelta(days=1)
"""What was acknowledged before that has been told, or is told for nothing by now."""
_log = structlog.get_logger(__name__)


class CatchingUpError(Exception):
    """The index cannot be brought up to the ledger's end; the text says what to do about it."""


class Way(StrEnum):
    """How the index came to the ledger's end."""

    CURRENT = "current"
    """It was there already."""
    ASIDE = "aside"
    TAIL = "tail"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What was done: *records* of the ledger were lived through again, or had been laid aside."""

    way: Way
    records: int


async def catch_up(
    bus: Bus,
    district: str,
    packs: Iterable[Pack],
    aside: Aside,
    advance: Callable[[int], None] = lambda _records: None,
) -> CaughtUp:
    """
    Bring the rows of *district* in *bus* to the end of its ledger, of which nobody writes any more.

    *packs* are those that it may have been decided with; *advance* is told how many records were
    looked at. CatchingUpError when it cannot be done.
    """
    mark = read_mark(bus, district)
    tail = [] if mark is None else await _tail(bus, district, mark)
    if tail is None:
        _log.error("index_of_another_ledger", district=district)
    elif mark is not None and not tail:
        return CaughtUp(Way.CURRENT, 0)
    elif mark is not None and await _take_from_aside(bus, district, aside, tail):
        return CaughtUp(Way.ASIDE, len(tail))
    elif mark is not None and begins_with_a_load(tail[0].data):
        from_rows = _Replay(packs, district, DeskCopy.of(bus, district))
        for stored in tail:
            from_rows.take(stored)
        await from_rows.write(bus)
        return CaughtUp(Way.TAIL, len(tail))
    return await rebuild_index(bus, district, packs, advance)


async def rebuild_index(
    bus: Bus,
    district: str,
    packs: Iterable[Pack],
    advance: Callable[[int], None] = lambda _records: None,
) -> CaughtUp:
    """Make the rows of *district* anew from its whole ledger. CatchingUpError when that parts."""
    replay = _Replay(packs, district, DeskCopy())
    records = 0
    async for batch in _batches(bus, district, 0):
        for stored in batch:
            replay.take(stored)
        records += len(batch)
        advance(records)
        await let_others_work()
    await replay.write(bus)
    return CaughtUp(Way.WHOLE, records)


async def _batches(bus: Bus, district: str, offset: int) -> AsyncIterator[Sequence[Stored]]:
    while batch := await bus.read(Topic.DISPATCH, district, offset, _READ_AT_ONCE):
        yield batch
        offset = batch[-1].offset + 1


async def _tail(bus: Bus, district: str, mark: IndexMark) -> list[Stored] | None:
    """Return the records behind *mark*; None when its own is not there: it is of another ledger."""
    tail: list[Stored] = []
    is_known = mark.hash == GENESIS
    async for batch in _batches(bus, district, mark.tail_from):
        for stored in batch:
            body = orjson.loads(stored.data)
            if body["seq"] > mark.seq:
                tail.append(stored)
            elif body["seq"] == mark.seq:
                is_known = body["hash"] == mark.hash
    return tail if is_known else None


async def _take_from_aside(bus: Bus, district: str, aside: Aside, tail: Sequence[Stored]) -> bool:
    """Write what lies aside, if it follows from *tail* to its end; return whether it does."""
    changes = await aside()
    mine = {key: value for space, key, value in changes if space == space_of(district, INDEX)}
    data = mine.get(INDEX)
    if data is None:
        return False
    mark, bodies = IndexMark.from_bytes(data), [orjson.loads(stored.data) for stored in tail]
    if (mark.seq, mark.hash) != (bodies[-1]["seq"], bodies[-1]["hash"]):
        return False  # those records never became durable
    read = [body["detail"]["offset"] for body in bodies if body["fact"] == Fact.DECISION_READ.value]

    def work(tx: Transaction) -> None:
        for event in mark.feedback:
            tx.append(Outgoing(Topic.EVENTS, district, event))
        for space, key, value in changes:
            if value is None:
                tx.delete(space, key)
            else:
                tx.put(space, key, value)
        if read:
            tx.commit_position(GROUP, Topic.DECISIONS, district, max(read) + 1)

    await bus.transact(work)
    return True


class _Replay:
    """Records lived through again, and what comes of them written over what is stored."""

    def __init__(self, packs: Iterable[Pack], district: str, copy: DeskCopy) -> None:
        self._district = district
        self._reliving = Reliving(packs, district, copy)
        self._last: Stored | None = None
        self._position = 0
        self._feedback: list[tuple[datetime, bytes]] = []

    def take(self, stored: Stored) -> None:
        """Live through the next record."""
        try:
            lived = self._reliving.take(stored.data)
        except PartedError as parted:
            raise _cannot(self._district, self._reliving.seq, parted) from parted
        self._last = stored
        if lived is not None:
            self._note(lived)

    def _note(self, lived: Lived) -> None:
        if isinstance(lived.what, DecisionRead):
            self._position = max(self._position, lived.what.offset + 1)
        for share in lived.effects.received:
            status = lived.desk.callouts[share[0]].status
            event = share_acknowledged(share, self._district, lived.at, status)
            self._feedback.append((lived.at, event))

    async def write(self, bus: Bus) -> None:
        """
        Write the rows that differ. Where they are too many for one write, the mark is taken away
        before the first and comes with the last: whoever dies in between has no index.
        """
        if (missing := self._reliving.missing()) is not None:
            parted = PartedError(Parting.RECORD_MISSING, missing)
            raise _cannot(self._district, self._reliving.seq + 1, parted)
        changes = self._changes(bus)
        while len(changes) > _WRITTEN_AT_ONCE:
            part, changes = changes[:_WRITTEN_AT_ONCE], changes[_WRITTEN_AT_ONCE:]
            await bus.transact(lambda tx, part=part: self._put(tx, part, is_last=False))  # type: ignore[misc]
        await bus.transact(lambda tx: self._put(tx, changes, is_last=True))

    def _changes(self, bus: Bus) -> list[Change]:
        found: list[Change] = []
        rows = self._reliving.copy.as_stored()
        for name in (*KINDS, SERIAL):
            space = space_of(self._district, name)
            mine, theirs = dict(rows[name]), dict(bus.values(space))
            found += [
                (space, key, mine.get(key))
                for key in sorted(mine.keys() | theirs.keys())
                if mine.get(key) != theirs.get(key)
            ]
        return found

    def _put(self, tx: Transaction, changes: Sequence[Change], *, is_last: bool) -> None:
        for space, key, value in changes:
            if value is None:
                tx.delete(space, key)
            else:
                tx.put(space, key, value)
        space = space_of(self._district, INDEX)
        if not is_last:
            tx.delete(space, INDEX)
            return
        mark = IndexMark()
        if self._last is not None:
            body = orjson.loads(self._last.data)
            mark = IndexMark(body["seq"], body["hash"], self._last.offset)
            self._tell_back(tx, datetime.fromisoformat(body["at"]))
        tx.put(space, INDEX, mark.to_bytes())
        if self._position:
            tx.commit_position(GROUP, Topic.DECISIONS, self._district, self._position)

    def _tell_back(self, tx: Transaction, last_at: datetime) -> None:
        for at, event in self._feedback:
            if last_at - at < _TOLD_BACK:
                tx.append(Outgoing(Topic.EVENTS, self._district, event))


def _cannot(district: str, seq: int, parted: PartedError) -> CatchingUpError:
    if parted.parting is Parting.PACK_MISSING:
        return CatchingUpError(
            f"{district}: 台账自第 {seq} 条起用的是另一个区县包（{parted.what}），请用 --older-pack 再给出其目录 "
            f"from record {seq} on the ledger was decided with another district pack "
            f"({parted.what}): give its folder too, with --older-pack"
        )
    return CatchingUpError(
        f"{district}: 台账第 {seq} 条重演不出（{parted}），请用 jiaoying ledger verify --rebuild 查明 "
        f"record {seq} of the ledger does not come out again ({parted}): "
        "look with jiaoying ledger verify --rebuild"
    )
