"""Records of a ledger lived through again, and what comes of them written over what is stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from schemas.topics import Topic
from services.dispatcher.adapters.desk_copy import DeskCopy
from services.dispatcher.adapters.desk_index import INDEX, IndexMark
from services.dispatcher.adapters.desk_store import SERIAL, StoredBytes, space_of
from services.dispatcher.adapters.row_codec import KINDS
from services.dispatcher.domain.inputs import DecisionRead
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
from services.runtime.values import Change

_WRITTEN_AT_ONCE = 5_000
"""Rows, a few megabytes: more would hold up the other districts' leases in the same server."""
_TOLD_BACK = timedelta(days=1)
"""What was acknowledged before that has been told, or is told for nothing by now."""


@dataclass(frozen=True, slots=True)
class _Reached:
    """What the records up to *last* came to: the rows, where decisions are read on, what was told."""

    last: Stored
    rows: StoredBytes
    position: int
    feedback: Sequence[bytes]


class IndexReplay:
    """Begins with the rows of *copy*. PartedError from `take` and `finish`, as `Reliving` has it."""

    def __init__(self, packs: Iterable[Pack], district: str, copy: DeskCopy) -> None:
        self.district = district
        self._reliving = Reliving(packs, district, copy)
        self._last: Stored | None = None
        self._position = 0
        self._feedback: list[tuple[datetime, bytes]] = []
        self._at_load: _Reached | None = None

    @property
    def seq(self) -> int:
        """The record that was looked at last."""
        return self._reliving.seq

    def take(self, stored: Stored) -> None:
        """Live through the next record."""
        if begins_with_a_load(stored.data) and self._last is not None:
            self._at_load = self._reached(self._last)
        lived = self._reliving.take(stored.data)
        self._last = stored
        if lived is not None:
            self._note(lived)

    def finish(self) -> None:
        """Make sure that the last input stands there with all that came of it."""
        if (missing := self._reliving.missing()) is not None:
            raise PartedError(Parting.RECORD_MISSING, missing)

    async def write(self, bus: Bus) -> None:
        """Write what everything came to; without a record the index is that of an empty ledger."""
        if self._last is not None:
            await self._write(bus, self._reached(self._last))
        else:
            changes = self._changes(bus, self._reliving.copy.as_stored())
            await bus.transact(lambda tx: self._mark(tx, changes, IndexMark()))

    async def write_to_last_load(self, bus: Bus) -> None:
        """Write what came out up to the last load, if any record came before that."""
        if self._at_load is not None:
            await self._write(bus, self._at_load)

    def _note(self, lived: Lived) -> None:
        if isinstance(lived.what, DecisionRead):
            self._position = max(self._position, lived.what.offset + 1)
        for share in lived.effects.received:
            status = lived.desk.callouts[share[0]].status
            event = share_acknowledged(share, self.district, lived.at, status)
            self._feedback.append((lived.at, event))

    def _reached(self, last: Stored) -> _Reached:
        at = datetime.fromisoformat(orjson.loads(last.data)["at"])
        told = [event for told_at, event in self._feedback if at - told_at < _TOLD_BACK]
        return _Reached(last, self._reliving.copy.as_stored(), self._position, told)

    async def _write(self, bus: Bus, reached: _Reached) -> None:
        """
        Write the rows that differ. Where they are too many for one write, the mark is taken away
        before the first and comes with the last: whoever dies in between has no index.
        """
        changes = self._changes(bus, reached.rows)
        while len(changes) > _WRITTEN_AT_ONCE:
            part, changes = changes[:_WRITTEN_AT_ONCE], changes[_WRITTEN_AT_ONCE:]
            await bus.transact(lambda tx, part=part: self._mark(tx, part, None))  # type: ignore[misc]
        body = orjson.loads(reached.last.data)
        mark = IndexMark(body["seq"], body["hash"], reached.last.offset)

        def work(tx: Transaction) -> None:
            self._mark(tx, changes, mark)
            for event in reached.feedback:
                tx.append(Outgoing(Topic.EVENTS, self.district, event))
            if reached.position:
                tx.commit_position(GROUP, Topic.DECISIONS, self.district, reached.position)

        await bus.transact(work)

    def _changes(self, bus: Bus, rows: StoredBytes) -> list[Change]:
        found: list[Change] = []
        for name in (*KINDS, SERIAL):
            space = space_of(self.district, name)
            mine, theirs = dict(rows[name]), dict(bus.values(space))
            found += [
                (space, key, mine.get(key))
                for key in sorted(mine.keys() | theirs.keys())
                if mine.get(key) != theirs.get(key)
            ]
        return found

    def _mark(self, tx: Transaction, changes: Sequence[Change], mark: IndexMark | None) -> None:
        for space, key, value in changes:
            if value is None:
                tx.delete(space, key)
            else:
                tx.put(space, key, value)
        space = space_of(self.district, INDEX)
        if mark is None:
            tx.delete(space, INDEX)
        else:
            tx.put(space, INDEX, mark.to_bytes())
