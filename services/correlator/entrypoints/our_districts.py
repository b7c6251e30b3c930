"""
Which districts are this worker's just now, and their runners.

Faust says which partitions are ours, keeps the tables of others' at hand, and delivers. What a
district has to catch up with its runner reads by itself, and so nothing that is decided depends on
where Faust believes to have stopped.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from faust.types import TP, EventT

from schemas.topics import Topic
from services.correlator.adapters.topic_shape import TopicShape
from services.correlator.entrypoints.district_runner import DistrictRunner
from services.runtime.bus import Bus, Stored

_log = structlog.get_logger()


class OurDistricts:
    """
    The districts whose events lie in this worker's partitions.

    *districts* are taken over as soon as they are ours, others with their first record.
    *make_runner* makes the runner of one whose events lie there.
    """

    def __init__(
        self,
        bus: Bus,
        shape: TopicShape,
        districts: Sequence[str],
        make_runner: Callable[[str, TP], DistrictRunner],
    ) -> None:
        self._bus = bus
        self._shape = shape
        self._districts = districts
        self._make_runner = make_runner
        self._runners: dict[str, DistrictRunner] = {}
        self._partitions: frozenset[TP] = frozenset()
        self._next: dict[TP, int] = {}

    @property
    def at_rest(self) -> bool:
        """Whether every durable event of ours has been folded, or only time can help."""
        return all(
            self._lag(district, runner) == 0 or runner.waits_for_log
            for district, runner in self._runners.items()
        )

    @property
    def lag(self) -> int:
        """How many durable events of our districts have not been folded."""
        return sum(self._lag(district, runner) for district, runner in self._runners.items())

    def next_due(self) -> datetime | None:
        """Return when a fold of ours would next decide something by itself, or None: log time."""
        return min(
            (due for runner in self._runners.values() if (due := runner.next_due()) is not None),
            default=None,
        )

    async def assign(self, partitions: Iterable[TP]) -> None:
        """Take over what lies in *partitions*, and let go of what does not."""
        self._partitions = frozenset(partitions)
        self._next.clear()
        self._runners = {
            district: runner
            for district, runner in self._runners.items()
            if self._shape.place_of(district) in self._partitions
        }
        known = {at for at in self._districts if self._shape.place_of(at) in self._partitions}
        ours = sorted(known | set(self._runners))
        await asyncio.gather(*(self._take_over(district) for district in ours))
        _log.info("districts_assigned", partitions=len(self._partitions), districts=len(ours))

    async def _take_over(self, district: str) -> None:
        try:
            await self._runner(district).resume()
        except Exception:  # noqa: BLE001 - another district's people must not wait for this one
            _log.exception("takeover_failed", district=district)
            self._runners.pop(district, None)

    async def handle(self, events: Sequence[EventT[Any]]) -> None:
        """Return once what *events* lead to is durable; it raises nothing."""
        records: defaultdict[str, list[Stored]] = defaultdict(list)
        ends: dict[TP, int] = {}
        for event in events:
            at, offset = event.message.tp, event.message.offset
            if at not in self._partitions:
                continue  # It was taken from us meanwhile: whoever has it now reads it too.
            if offset > self._next.get(at, offset):
                await self._read_again(at)
            self._next[at] = ends[at] = offset + 1
            district = _district_of(event)
            records[district].append(Stored(Topic.EVENTS, district, offset, event.value))
        await asyncio.gather(*(self._decide(*found) for found in records.items()))
        for district, runner in self._runners.items():
            runner.pass_by(ends.get(self._shape.place_of(district), 0))

    def _lag(self, district: str, runner: DistrictRunner) -> int:
        return max(0, self._bus.known_end(Topic.EVENTS, district) - runner.at)

    async def _read_again(self, at: TP) -> None:
        """Something was not delivered, and what comes next must not be folded before it."""
        _log.warning("delivery_has_a_gap", partition=at.partition)
        found = [district for district in self._runners if self._shape.place_of(district) == at]
        await asyncio.gather(*(self._take_over(district) for district in found))

    async def _decide(self, district: str, records: Sequence[Stored]) -> None:
        runner = self._runner(district)
        try:
            await runner.handle(records)
        except Exception as error:  # noqa: BLE001 - what leaves an agent is lost and stops it for 5 s
            _log.exception("batch_failed", district=district, offset=records[0].offset)
            self._runners.pop(district, None)
            with suppress(Exception):
                await runner.refuse(records, type(error).__name__)

    def _runner(self, district: str) -> DistrictRunner:
        runner = self._runners.get(district)
        if runner is None:
            runner = self._make_runner(district, self._shape.place_of(district))
            self._runners[district] = runner
        return runner


def _district_of(event: EventT[Any]) -> str:
    """Return the key; what is not one leads to a district that nobody has."""
    return event.key.decode(errors="replace") if isinstance(event.key, bytes) else ""
