"""
Bringing the index up to the ledger's end, before a district's dispatcher is started.

The ledger is the truth; what the index lacks of it is found in one of three ways. What the owner
before had published and not yet written lies aside, and is written as it is. A tail that begins
with a load of the rows is lived through again from them. In every other case (the index was lost,
or is older than that) the whole ledger is: only so is it certain, to the byte, what a process that
never died would hold, for its queues and budgets are in no row.

A ledger that parts on the way was decided with a pack, or by a version of the program, that is not
at hand. What came out up to the last load before it is written: whoever has the right one goes on
from there.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import orjson
import structlog

from schemas.dispatch import Fact
from schemas.topics import Topic
from services.dispatcher.adapters.desk_copy import DeskCopy
from services.dispatcher.adapters.desk_index import INDEX, IndexMark, read_mark
from services.dispatcher.adapters.desk_store import space_of
from services.dispatcher.domain.record.ledger import GENESIS
from services.dispatcher.entrypoints.index_replay import IndexReplay
from services.dispatcher.entrypoints.reliving import PartedError, Parting, begins_with_a_load
from services.dispatcher.pipeline import GROUP
from services.district.domain.pack import Pack
from services.runtime.bus import Bus, Outgoing, Stored, Transaction
from services.runtime.pacing import let_others_work
from services.runtime.values import Change

Aside = Callable[[], Awaitable[Sequence[Change]]]
"""Returns what the owner before was going to write with its last records."""
_READ_AT_ONCE = 500
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
        replay = IndexReplay(packs, district, DeskCopy.of(bus, district))
        records = await _live_through(bus, replay, _batches(bus, district, tail[0].offset), advance)
        return CaughtUp(Way.TAIL, records)
    return await rebuild_index(bus, district, packs, advance)


async def rebuild_index(
    bus: Bus,
    district: str,
    packs: Iterable[Pack],
    advance: Callable[[int], None] = lambda _records: None,
) -> CaughtUp:
    """Make the rows of *district* anew from its whole ledger. CatchingUpError when that parts."""
    replay = IndexReplay(packs, district, DeskCopy())
    records = await _live_through(bus, replay, _batches(bus, district, 0), advance)
    return CaughtUp(Way.WHOLE, records)


async def _live_through(
    bus: Bus,
    replay: IndexReplay,
    batches: AsyncIterator[Sequence[Stored]],
    advance: Callable[[int], None],
) -> int:
    """Live through *batches*, and write what comes of them; return how many records there were."""
    records = 0
    try:
        async for batch in batches:
            for stored in batch:
                replay.take(stored)
            records += len(batch)
            advance(records)
            await let_others_work()
        replay.finish()
    except PartedError as parted:
        await replay.write_to_last_load(bus)
        mark = read_mark(bus, replay.district) or IndexMark()
        raise _cannot(replay, parted, mark.seq) from parted
    await replay.write(bus)
    return records


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


def _cannot(replay: IndexReplay, parted: PartedError, came_to: int) -> CatchingUpError:
    district, seq = replay.district, replay.seq
    if parted.parting is Parting.PACK_MISSING:
        return CatchingUpError(
            f"{district}: 台账自第 {seq} 条起用的是另一个区县包（{parted.what}），请用 --older-pack 再给出其目录 "
            f"from record {seq} on the ledger was decided with another district pack "
            f"({parted.what}): give its folder too, with --older-pack"
        )
    return CatchingUpError(
        f"{district}: 台账第 {seq} 条重演不出（{parted}），索引停在第 {came_to} 条；若此后换过程序版本，请先用当时的版本 "
        "jiaoying index rebuild，再用新版本接着做；否则用 jiaoying ledger verify --rebuild 查明 "
        f"record {seq} of the ledger does not come out again ({parted}); the index stands at record "
        f"{came_to}. Where another version of the program was at work, jiaoying index rebuild with "
        "that one first, and go on with this; else look with jiaoying ledger verify --rebuild"
    )
