"""When anchors are written, and that nobody waits for the place they go to."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from schemas.level import Level
from schemas.topics import Topic
from services.dispatcher.adapters.anchor_delivery import AnchorDelivery
from services.dispatcher.domain.inputs import DecisionRead
from services.dispatcher.domain.record.anchor import AnchorReason, AnchorSigner, read_anchors
from services.dispatcher.domain.record.proving import prove
from services.dispatcher.entrypoints.anchoring import Anchoring
from services.dispatcher.ports import AnchorNotKeptError
from services.runtime.clock import SteppingClock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.metrics import Metrics
from services.runtime.rest import settle
from tests.districts import DISTRICT
from tests.unit.dispatcher.night import MIDNIGHT, response
from tests.unit.dispatcher.sealed import KEY
from tests.unit.dispatcher.test_pipeline import FailingBus, Office


class Shelf:
    """A place in memory that can be taken away."""

    name = "file"

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.is_away = False
        self.tries = 0
        self.is_closed = False

    async def keep(self, anchor: bytes) -> None:
        self.tries += 1
        if self.is_away:
            raise AnchorNotKeptError("away")
        self.lines.append(anchor)

    async def aclose(self) -> None:
        self.is_closed = True


class AnchoredOffice(Office):
    """A dispatcher over a real store whose anchors go to a shelf."""

    def __init__(self, bus: FailingBus, clock: SteppingClock) -> None:
        super().__init__(bus, clock)
        self.shelf = Shelf()
        self.metrics = Metrics(CollectorRegistry())
        self.delivery = AnchorDelivery(self.shelf, clock, self.metrics)
        signer = AnchorSigner(DISTRICT, KEY)
        self.anchoring = Anchoring(self.pipeline, signer, [self.delivery], clock)
        self.pipeline._witness = self.anchoring.see
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        await super().open()
        self._tasks = [
            asyncio.create_task(work) for work in (self.delivery.run(), self.anchoring.run())
        ]
        await self.rest()

    async def fall(self) -> None:
        await super().fall()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def rest(self) -> None:
        await settle([self.pipeline, self.bus, self.delivery])

    async def wait(self, span: timedelta) -> None:
        """Let *span* pass, stopping wherever anybody has something to do."""
        until = self.clock.now() + span
        await self.rest()
        while (due := self.clock.next_due()) is not None and due <= until:
            self.clock.move_to(due)
            await self.rest()
        self.clock.move_to(until)
        await self.rest()

    async def decide(self, level: Level | None, number: int) -> None:
        decision = response(Level.IV, f"d{number}", self.clock.now())
        await self.pipeline.tell(
            DecisionRead(decision.model_copy(update={"response_level": level}), number)
        )
        await self.rest()

    def reasons(self) -> list[str]:
        return [orjson.loads(line)["reason"] for line in self.shelf.lines]

    def counted(self, name: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, {"place": "file"})


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[AnchoredOffice]:
    clock = SteppingClock(MIDNIGHT)
    bus = await FailingBus.open(tmp_path, clock)
    opened = AnchoredOffice(bus, clock)
    await opened.open()
    yield opened
    await opened.fall()
    await bus.close()


async def records(bus: EmbeddedBus) -> list[bytes]:
    return [stored.data for stored in await bus.read(Topic.DISPATCH, DISTRICT, 0)]


async def test_invariant_13_an_anchor_is_written_at_the_start_each_minute_and_at_the_end(
    office: AnchoredOffice,
) -> None:
    """While a callout is open no record is older than a minute before a second place knows it."""
    await office.wait(timedelta(hours=1))
    assert office.reasons() == [AnchorReason.STARTED]

    await office.decide(Level.IV, 1)
    await office.wait(timedelta(minutes=3))
    assert office.reasons()[1:] == [AnchorReason.CALLOUT_OPEN] * 4

    await office.decide(None, 2)
    await office.wait(timedelta(hours=23))
    assert office.reasons()[5:] == [AnchorReason.CALLOUT_ENDED]


async def test_invariant_13_a_quiet_day_has_its_anchor_too(office: AnchoredOffice) -> None:
    """A cut is found to the day even when nobody was called."""
    await office.wait(timedelta(days=3))

    assert office.reasons() == [AnchorReason.STARTED] + [AnchorReason.DAILY] * 3


async def test_the_anchors_hold_against_the_ledger_and_against_its_cut(
    office: AnchoredOffice,
) -> None:
    await office.decide(Level.IV, 1)
    await office.wait(timedelta(minutes=5))
    await office.decide(None, 2)

    anchors, bad = read_anchors(office.shelf.lines, DISTRICT, [KEY.public_key()])
    ledger = await records(office.bus)

    assert bad == []
    assert prove(ledger, anchors, DISTRICT).findings == []
    assert prove(ledger[:-1], anchors, DISTRICT).findings[0].seq == len(ledger)


async def test_a_place_that_is_away_keeps_nobody_from_being_called_and_is_counted(
    office: AnchoredOffice,
) -> None:
    office.shelf.is_away = True
    with capture_logs() as logs:
        await office.decide(Level.IV, 1)
        await office.wait(timedelta(minutes=4))
    tries = office.shelf.tries
    assert [line["event"] for line in logs if line["event"] == "anchor_late"] == ["anchor_late"]
    assert office.counted("anchors_waiting") == 4
    assert tries == 1 + 8  # the first was kept; then after 1, 2, 4 … 32, 60 seconds

    office.shelf.is_away = False
    await office.wait(timedelta(minutes=2))
    assert office.counted("anchors_waiting") == 0
    assert office.counted("anchors_late_total") == 3  # the fourth was made 3 s before
    assert office.counted("anchors_kept_total") == len(office.shelf.lines)
    seqs = [orjson.loads(line)["seq"] for line in office.shelf.lines]
    assert seqs == sorted(seqs)


async def test_the_time_of_ledger_and_anchors_never_goes_back(tmp_path: Path) -> None:
    """The clock of a machine that starts again may be an hour behind: what was signed stays before."""
    clock = SteppingClock(MIDNIGHT)
    bus = await FailingBus.open(tmp_path, clock)
    first = AnchoredOffice(bus, clock)
    await first.open()
    await first.decide(Level.IV, 1)
    await first.fall()

    late = SteppingClock(MIDNIGHT - timedelta(hours=1))
    second = AnchoredOffice(bus, late)
    await second.open()
    await second.decide(None, 2)
    await second.fall()

    lines = first.shelf.lines + second.shelf.lines
    anchors, bad = read_anchors(lines, DISTRICT, [KEY.public_key()])
    ledger = await records(bus)
    await bus.close()
    assert bad == []
    assert prove(ledger, anchors, DISTRICT).findings == []
    assert {orjson.loads(record)["at"] for record in ledger} == {"2026-07-08T16:00:00Z"}


async def test_a_clock_that_was_set_back_between_two_starts_keeps_nobody_waiting(
    tmp_path: Path,
) -> None:
    """What was due in seconds is due in seconds, not when the clock has caught up."""
    clock = SteppingClock(MIDNIGHT)
    bus = await FailingBus.open(tmp_path, clock)
    first = AnchoredOffice(bus, clock)
    await first.open()
    await first.decide(Level.III, 1)
    await first.fall()

    late = SteppingClock(MIDNIGHT - timedelta(hours=1))
    second = AnchoredOffice(bus, late)
    await second.open()
    due_at = second.pipeline.next_wake()
    await second.fall()
    await bus.close()

    assert due_at is not None
    assert due_at - late.now() <= timedelta(seconds=1)  # the call whose fate is unknown


async def test_the_place_is_closed_at_the_end(office: AnchoredOffice) -> None:
    await office.fall()

    assert office.shelf.is_closed
