"""The distributed bus when an answer is lost, a store is away, an owner is a zombie, a broker dies."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from schemas.topics import Topic
from services.runtime.bus import (
    BusUnavailableError,
    NotOwnerError,
    Outgoing,
    Transaction,
)
from services.runtime.kafka.log import KafkaLog
from services.runtime.kafka.settings import KafkaSettings
from services.runtime.kafka_bus import KafkaBus
from services.runtime.values import Change
from tests.fakes.values import MemoryStore, MemoryValues
from tests.servers import kafka_cluster, provisioned

if TYPE_CHECKING:
    from deploy.local.kafka_cluster import KafkaCluster

pytestmark = pytest.mark.servers

DISTRICT = "500108"
FENCED = (Topic.DISPATCH, DISTRICT)


class FaultyLog(KafkaLog):
    """A log whose answers are lost once: `loses_answer` after the append, `loses_request` before."""

    loses_answer = False
    loses_request = False
    sleeps: Callable[[], Awaitable[object]] | None = None
    """What happens in the world while this process is about to take the fence."""

    async def take_fence(self, topic: Topic, district: str) -> None:
        if self.sleeps is not None:
            happens, self.sleeps = self.sleeps, None
            await happens()
        await super().take_fence(topic, district)

    async def append_fenced(self, records: Sequence[Outgoing]) -> Sequence[int]:
        if self.loses_request:
            self.loses_request = False
            await self._under_fence.close()
            raise BusUnavailableError("lost on the way there")
        offsets = await super().append_fenced(records)
        if self.loses_answer:
            self.loses_answer = False
            await self._under_fence.close()
            raise BusUnavailableError("lost on the way back")
        return offsets


class FaultyValues(MemoryValues):
    """Values whose store goes away between reservation and writing when *fails* says so."""

    fails = 0

    async def write(self, changes: Sequence[Change]) -> None:
        if self.fails:
            self.fails -= 1
            raise BusUnavailableError("the store does not answer")
        await super().write(changes)


@dataclass
class Office:
    """One owner of the district: its bus, what the bus stands on, and the number of its next fact."""

    bus: KafkaBus
    log: FaultyLog
    values: FaultyValues

    async def does(self, text: str) -> None:
        """Record *text*, and that it is the newest, in one transaction."""
        await self.bus.transact(_records(text))

    async def insists(self, text: str) -> int:
        """Do the same until it is durable, as the dispatcher does; return how often it was refused."""
        refused = 0
        while True:
            try:
                await self.does(text)
            except BusUnavailableError:
                refused += 1
                await asyncio.sleep(0.05)
            else:
                return refused

    async def ledger(self) -> list[str]:
        """Return everything on record."""
        return [one.data.decode() for one in await self.bus.read(*FENCED, 0)]


def _records(text: str) -> Callable[[Transaction], None]:
    def work(tx: Transaction) -> None:
        tx.append(Outgoing(*FENCED, text.encode()))
        tx.append(Outgoing(Topic.EVENTS, DISTRICT, f"feedback {text}".encode()))
        tx.put("desk", "newest", text.encode())
        tx.commit_position("dispatcher", Topic.DECISIONS, DISTRICT, int(text))

    return work


@dataclass
class Town:
    """The brokers and the store, which outlive every owner."""

    settings: KafkaSettings
    store: MemoryStore = field(default_factory=MemoryStore)
    offices: list[Office] = field(default_factory=list)

    async def opens(self) -> Office:
        """Let the next owner take the district over."""
        log, values = FaultyLog(self.settings, "-".join(FENCED)), FaultyValues(self.store)
        office = Office(await KafkaBus.open(log, values, fenced=FENCED), log, values)
        self.offices.append(office)
        return office

    async def closes(self) -> None:
        """Close every bus."""
        for office in self.offices:
            await office.bus.close()


@pytest.fixture
async def town(kafka_settings: KafkaSettings) -> AsyncIterator[Town]:
    built = Town(kafka_settings)
    yield built
    await built.closes()


@pytest.mark.parametrize("fault", ["loses_answer", "loses_request"])
async def test_a_round_is_kept_once_whichever_way_its_answer_was_lost(
    town: Town, fault: str
) -> None:
    office = await town.opens()
    await office.does("1")

    setattr(office.log, fault, True)
    await office.does("2")
    await office.does("3")

    assert await office.ledger() == ["1", "2", "3"]
    assert office.bus.value("desk", "newest") == b"3"


async def test_a_round_whose_values_could_not_be_written_is_known_again(town: Town) -> None:
    office = await town.opens()
    await office.does("1")

    office.values.fails = 2
    refused = await office.insists("2")
    await office.does("3")

    assert refused == 2
    assert await office.ledger() == ["1", "2", "3"]
    assert town.store.rows["desk", "newest"] == b"3"


async def test_nothing_of_a_round_is_seen_before_all_of_it_is_durable(town: Town) -> None:
    office = await town.opens()
    await office.does("1")
    office.values.fails = 1

    with pytest.raises(BusUnavailableError):
        await office.does("2")

    assert office.bus.value("desk", "newest") == b"1"
    assert await office.bus.position("dispatcher", Topic.DECISIONS, DISTRICT) == 1


async def test_another_round_in_place_of_one_that_was_kept_ends_the_owner(town: Town) -> None:
    office = await town.opens()
    office.values.fails = 1
    with pytest.raises(BusUnavailableError):
        await office.does("1")

    with pytest.raises(NotOwnerError):
        await office.does("2")
    with pytest.raises(NotOwnerError):
        await office.does("1")

    assert await office.ledger() == ["1"]


async def test_an_owner_that_was_taken_over_keeps_nothing_more(town: Town) -> None:
    old = await town.opens()
    await old.does("1")
    new = await town.opens()

    for _ in range(2):
        with pytest.raises(NotOwnerError):
            await old.does("2")
    await new.does("3")

    assert await new.ledger() == ["1", "3"]
    assert town.store.rows["desk", "newest"] == b"3"


async def test_what_a_new_owner_reads_his_predecessor_adds_nothing_to(town: Town) -> None:
    old = await town.opens()
    await old.does("1")
    new = await town.opens()

    read = await new.ledger()
    with pytest.raises(NotOwnerError):
        await old.log.append_fenced([Outgoing(*FENCED, b"2")])

    assert read == await new.ledger() == ["1"]


async def test_a_zombie_that_takes_the_fence_writes_nothing_and_its_successor_goes_on(
    town: Town,
) -> None:
    zombie = await town.opens()
    await zombie.does("1")
    owner = await town.opens()
    await owner.does("2")

    await zombie.log.take_fence(*FENCED)
    with pytest.raises(NotOwnerError):
        await zombie.does("3")
    await owner.does("4")

    assert await owner.ledger() == ["1", "2", "4"]


async def test_a_zombie_that_was_taken_over_while_it_settled_writes_nothing(town: Town) -> None:
    zombie = await town.opens()
    await zombie.does("1")

    async def is_taken_over() -> None:
        await (await town.opens()).does("2")

    zombie.log.loses_request, zombie.log.sleeps = True, is_taken_over
    with pytest.raises(NotOwnerError):
        await zombie.does("3")
    owner = town.offices[-1]
    await owner.does("4")

    assert await owner.ledger() == ["1", "2", "4"]


async def test_a_store_that_is_away_lets_nothing_out(town: Town) -> None:
    office = await town.opens()
    await office.does("1")

    town.store.is_away = True
    with pytest.raises(BusUnavailableError):
        await office.does("2")
    town.store.is_away = False

    assert await office.ledger() == ["1"]
    await office.does("2")
    assert await office.ledger() == ["1", "2"]


async def test_at_rest_waits_until_followers_were_given_what_was_acknowledged(town: Town) -> None:
    office = await town.opens()
    batches = aiter(office.bus.follow(*FENCED, 0))

    doing = asyncio.ensure_future(office.does("1"))
    await asyncio.sleep(0)
    before = office.bus.at_rest
    batch = await anext(batches)
    await doing

    assert (before, office.bus.at_rest) == (False, True)
    assert office.bus.known_end(*FENCED) == batch[-1].offset + 1
    await office.does("2")
    assert not office.bus.at_rest
    await anext(batches)
    assert office.bus.at_rest


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator["KafkaCluster"]:
    """Yield a node that these tests may kill, running; its ports and data outlive it."""
    cluster = kafka_cluster(tmp_path_factory.mktemp("mortal"))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.mark.xdist_group("mortal kafka")
async def test_a_broker_that_is_killed_and_started_loses_and_doubles_nothing(
    mortal: "KafkaCluster",
) -> None:
    town = Town(provisioned(mortal.bootstrap_servers))
    office = await town.opens()
    following = asyncio.create_task(_collect(office, 60))
    for number in range(20):
        await office.does(str(number))

    doing = asyncio.create_task(office.insists("20"))
    await asyncio.sleep(0.003)
    mortal.kill(1)
    restarting = asyncio.create_task(asyncio.to_thread(mortal.restart, 1))
    await doing
    await restarting
    for number in range(21, 60):
        await office.insists(str(number))

    assert await office.ledger() == [str(number) for number in range(60)]
    assert await following == [str(number) for number in range(60)]
    assert town.store.rows["desk", "newest"] == b"59"
    await town.closes()


async def _collect(office: Office, count: int) -> list[str]:
    found: list[str] = []
    async for batch in office.bus.follow(*FENCED, 0):
        found += [one.data.decode() for one in batch]
        if len(found) >= count:
            break
    return found


@pytest.mark.xdist_group("mortal kafka")
async def test_what_is_under_way_when_brokers_go_is_waited_for_and_who_comes_then_is_refused(
    mortal: "KafkaCluster",
) -> None:
    log = KafkaLog(provisioned(mortal.bootstrap_servers))
    log.answer_within = timedelta(seconds=0.25)  # the bus's patience with a round, not the log's
    bus = await KafkaBus.open(log, MemoryValues(MemoryStore()))
    act = Outgoing(Topic.EVENTS, DISTRICT, b"an order")
    await bus.publish([act])

    publishing = asyncio.ensure_future(bus.publish([act] * 20_000))
    await asyncio.sleep(0.01)
    mortal.kill(1)
    with pytest.raises(BusUnavailableError):
        await bus.publish([act])
    still_waits = not publishing.done()
    await asyncio.to_thread(mortal.restart, 1)
    await publishing
    await bus.publish([act])

    assert still_waits
    assert len(await bus.newest(Topic.EVENTS, DISTRICT, limit=30_000)) == 20_002
    await bus.close()
