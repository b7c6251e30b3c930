"""
A district's log, its decisions and its rows, and lives of a runner that end at any effect.

It is what a broker and a table promise, and no more: records are appended one by one, rows are
found again up to some point, and whoever dies knows nothing afterwards.
"""

import asyncio
from collections.abc import Sequence
from itertools import count

from schemas.topics import Topic
from services.correlator.adapters.kept_state import KeptState
from services.correlator.entrypoints.district_runner import DistrictRunner
from services.correlator.pipeline import CorrelatorPipeline
from services.runtime.bus import Outgoing, Stored
from services.runtime.clock import SteppingClock
from tests.builders import DISTRICT, START


class KilledError(BaseException):
    """The process is gone: nothing of it catches this."""


class DoomedRows:
    """Rows as a changelog holds them; the last ones may not have got there."""

    def __init__(self) -> None:
        self.changes: list[tuple[str, bytes]] = []

    def get(self, key: str) -> bytes | None:
        return dict(self.changes).get(key)

    def put(self, key: str, value: bytes) -> None:
        self.changes.append((key, value))

    def lose(self, changes: int) -> None:
        del self.changes[max(0, len(self.changes) - changes) :]


class DoomedLog:
    """
    The log of one district, with the offsets of others between its own (*stride*).

    Every record that becomes durable, and every row, is an effect; before effect number *dies_at*
    its writer is gone.
    """

    def __init__(self, events: Sequence[bytes], stride: int = 1) -> None:
        self.events = [
            Stored(Topic.EVENTS, DISTRICT, number * stride, data)
            for number, data in enumerate(events)
        ]
        self.durable = len(self.events)
        """How many of them are in the log by now."""
        self.written: dict[Topic, list[bytes]] = {Topic.DECISIONS: [], Topic.DEAD_LETTERS: []}
        self.rows = DoomedRows()
        self._effects = count()
        self._dies_at: int | None = None

    def plant(self, effects: int | None) -> None:
        """Let whoever writes now live for *effects* more of them, or for ever."""
        self._effects = count()
        self._dies_at = effects

    def take_effect(self) -> None:
        if next(self._effects) == self._dies_at:
            raise KilledError

    async def publish(self, records: Sequence[Outgoing]) -> Sequence[int]:
        offsets = []
        for record in records:
            self.take_effect()
            await asyncio.sleep(0)
            self.written[record.topic].append(record.data)
            offsets.append(len(self.written[record.topic]) - 1)
        return offsets

    async def read(
        self, topic: Topic, district: str, offset: int, limit: int = 1000
    ) -> Sequence[Stored]:
        assert (topic, district) == (Topic.EVENTS, DISTRICT)
        await asyncio.sleep(0)
        return [record for record in self.events[: self.durable] if record.offset >= offset][:limit]

    async def newest(
        self, topic: Topic, district: str, before: int | None = None, limit: int = 1
    ) -> Sequence[Stored]:
        assert (district, before) == (DISTRICT, None)
        found = list(enumerate(self.written[topic]))
        return [Stored(topic, district, offset, data) for offset, data in found][-limit:]

    async def end(self, topic: Topic, district: str) -> int:
        return self.events[: self.durable][-1].offset + 1 if self.durable else 0


class _Rows:
    """The rows as a runner writes them: each an effect."""

    def __init__(self, log: DoomedLog) -> None:
        self._log = log
        self.get = log.rows.get

    def put(self, key: str, value: bytes) -> None:
        self._log.take_effect()
        self._log.rows.put(key, value)


def a_life(log: DoomedLog, snapshot_every: int, chunk_bytes: int = 4096) -> DistrictRunner:
    """Return a runner that knows nothing but what *log* holds."""
    return DistrictRunner(
        log,
        KeptState(_Rows(log), chunk_bytes),
        SteppingClock(START),
        DISTRICT,
        CorrelatorPipeline(DISTRICT, snapshot_every),
    )


def once(records: Sequence[bytes]) -> list[bytes]:
    """Return *records* as a consumer reads them that drops what it has read before."""
    return list(dict.fromkeys(records))
