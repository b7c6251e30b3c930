"""Store, then act: what happens when storing does not work."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from schemas.dispatch import Fact, LedgerRecord
from schemas.level import Level
from schemas.role import Role
from schemas.topics import Topic
from services.dispatcher.adapters.desk_store import SqliteDeskStore
from services.dispatcher.adapters.failures import DeadLetterFailures
from services.dispatcher.domain.calls.call_state import Progress
from services.dispatcher.domain.commands import Command, PlaceCall
from services.dispatcher.domain.inputs import DecisionRead, RequestAnswered
from services.dispatcher.pipeline import DispatcherPipeline
from services.runtime.bus import BusUnavailableError, NotOwnerError, Transaction
from services.runtime.clock import SteppingClock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.rest import settle
from tests.districts import DISTRICT, pack, post
from tests.unit.dispatcher.night import MIDNIGHT, response

T = TypeVar("T")


class FailingBus(EmbeddedBus):
    """A bus whose disk can be taken away."""

    is_broken = False
    is_anothers = False

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        if self.is_anothers:
            raise NotOwnerError("a newer owner has it")
        if self.is_broken:
            raise BusUnavailableError("the disk is full")
        return await super().transact(work)


class Office:
    """One dispatcher over a real store, with its commands collected."""

    def __init__(self, bus: FailingBus, clock: SteppingClock) -> None:
        self.bus = bus
        self.clock = clock
        self.commands: list[Command] = []
        self.alarms = 0
        self.pipeline = DispatcherPipeline(
            bus,
            clock,
            pack(post("VS", Role.VILLAGE_SECRETARY, "secretary", deputies=("aide",))),
            SqliteDeskStore(bus, DISTRICT),
            DeadLetterFailures(bus, clock, DISTRICT),
            self.commands.extend,
            lambda _facts: None,
            self.alarm,
        )
        self.running: asyncio.Task[None] | None = None

    def alarm(self) -> None:
        self.alarms += 1

    async def open(self) -> None:
        await self.pipeline.start()
        self.running = asyncio.create_task(self.pipeline.run())
        await settle([self.pipeline, self.bus])

    async def fall(self) -> None:
        """The process dies: what is in memory is gone."""
        assert self.running is not None
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)

    def calls(self) -> Sequence[PlaceCall]:
        return [command for command in self.commands if isinstance(command, PlaceCall)]

    async def facts(self) -> list[Fact]:
        records = await self.bus.read(Topic.DISPATCH, DISTRICT, 0)
        return [LedgerRecord.model_validate_json(stored.data).fact for stored in records]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    clock = SteppingClock(MIDNIGHT)
    bus = await FailingBus.open(tmp_path, clock)
    opened = Office(bus, clock)
    await opened.open()
    yield opened
    await opened.fall()
    await bus.close()


def decision() -> DecisionRead:
    return DecisionRead(response(Level.II, "d1", MIDNIGHT), 0)


async def test_invariant_04_store_then_act_an_attempt_is_on_disk_before_the_carrier_is_asked(
    office: Office,
) -> None:
    """The request goes out only after its intent can be read back from the ledger."""
    await office.pipeline.tell(decision())

    assert Fact.ATTEMPT_INTENDED in await office.facts()
    assert len(office.calls()) == 1
    assert await office.bus.position("dispatcher", Topic.DECISIONS, DISTRICT) == 1


async def test_invariant_04_when_nothing_can_be_stored_nothing_new_starts(
    office: Office,
) -> None:
    """Nobody is rung without a record, the duty officer is rung from memory, nothing is lost."""
    office.bus.is_broken = True

    with pytest.raises(BusUnavailableError):
        await office.pipeline.tell(decision())
    assert (office.calls(), office.alarms) == ([], 1)

    office.bus.is_broken = False
    while office.clock.step():
        await settle([office.pipeline, office.bus])
    assert len(office.calls()) == 1
    assert Fact.ATTEMPT_INTENDED in await office.facts()


async def test_a_process_that_fell_takes_up_where_the_store_stands(office: Office) -> None:
    await office.pipeline.tell(decision())
    placed = office.calls()[0]
    await office.fall()

    successor = Office(office.bus, office.clock)
    await successor.open()

    attempt = successor.pipeline.desk.attempts[placed.attempt_id]
    assert attempt.progress is Progress.UNKNOWN
    assert successor.calls() == []
    await successor.pipeline.tell(decision())
    assert successor.calls() == []
    await successor.pipeline.tell(RequestAnswered(placed.attempt_id, "CA1"))
    assert successor.pipeline.desk.attempts[placed.attempt_id].provider_id == "CA1"
    await successor.fall()


async def test_an_owner_that_is_none_any_more_stops_and_keeps_nobody_waiting(
    office: Office,
) -> None:
    office.bus.is_anothers = True
    waiting = asyncio.ensure_future(office.pipeline.tell(decision()))
    assert office.running is not None

    await asyncio.wait({office.running})
    office.pipeline.close()

    assert isinstance(office.running.exception(), NotOwnerError)
    with pytest.raises(BusUnavailableError):
        await waiting
    with pytest.raises(BusUnavailableError):
        await office.pipeline.tell(decision())
    assert (office.calls(), office.alarms) == ([], 0)
