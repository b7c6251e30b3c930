"""
The distributed columns of B3: ingest and workers of the correlator as they are shipped.

*from_http* is the whole way, from HTTP bodies through ingest and Kafka to decisions.
*from_events* leaves HTTP and ingest out: what lies in `events.v1` at once, of two districts on two
partitions, by one worker or two. The end of it is told by an act of nobody's: a district has one
order, so its answer in `decisions.v1` is durable when everything before it is.
"""

import os
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench.children import JIAOYING, BenchError, cpu_s, free_port, run_once, running
from bench.packs import DISTRICT, KEY
from bench.posting import Target, open_session, post_all
from bench.throughput_found import Pace
from bench.throughput_load import BODY, BenchSensor, bodies, records
from schemas.act import LevelConfirmed
from schemas.decision import ActAnswered
from schemas.event import Act, PackActivated
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.record import Record
from schemas.role import Role
from schemas.topics import Topic
from schemas.wire import decode, encode
from services.district.load import load_pack
from services.runtime.clock import RealClock

OTHER_DISTRICT = "500112"
"""In the other one of two partitions, by Kafka's hash of the key."""
WARM_UP = 40
_LARGEST = 8 << 20
_WITHIN_S = 180.0
_clock = RealClock()


@dataclass(frozen=True, slots=True)
class Place:
    """Where it runs: *packs* are folders by district, *folder* is for this round alone."""

    broker: str
    folder: Path
    packs: dict[str, Path]
    sensors: Sequence[BenchSensor]
    prefix: str

    @property
    def environment(self) -> dict[str, str]:
        """What the processes find in theirs."""
        return {
            "JIAOYING_KAFKA_BOOTSTRAP_SERVERS": self.broker,
            "JIAOYING_KAFKA_TOPIC_PREFIX": self.prefix,
        }

    def topic(self, topic: Topic) -> str:
        """Return what *topic* is called on the broker."""
        return self.prefix + topic.value


class Ear:
    """Hears the decisions of every district, and answers when it was told what became of an act."""

    def __init__(self, consumer: Any, producer: Any, place: Place) -> None:
        self._consumer = consumer
        self._producer = producer
        self._place = place

    async def send(self, district: str, data: bytes) -> None:
        """Put *data* at the end of a district's events; in order, not waited for."""
        topic = self._place.topic(Topic.EVENTS)
        await self._producer.send(topic, data, key=district.encode())

    async def until_decided(self, districts: Sequence[str]) -> int:
        """Return how many decisions came until everything sent before is decided."""
        waited_for = set()
        for district in districts:
            act = _act_of_nobody(district)
            waited_for.add(act.event_id)
            await self.send(district, encode(act))
        await self._producer.flush()
        heard = 0
        deadline = time.monotonic() + _WITHIN_S
        while waited_for:
            if time.monotonic() > deadline:
                raise BenchError(f"not everything was decided in {_WITHIN_S:.0f} s")
            batches = await self._consumer.getmany(timeout_ms=200)
            for record in (record for batch in batches.values() for record in batch):
                heard += 1
                decision: Record = decode(Topic.DECISIONS, record.value)
                if isinstance(decision, ActAnswered):
                    waited_for.discard(decision.act_id)
        return heard


@asynccontextmanager
async def _ear(place: Place, partitions: int) -> AsyncIterator[Ear]:
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=place.broker)
    producer = AIOKafkaProducer(
        bootstrap_servers=place.broker, acks="all", linger_ms=5, max_request_size=_LARGEST
    )
    await consumer.start()
    try:
        decisions = place.topic(Topic.DECISIONS)
        consumer.assign([TopicPartition(decisions, number) for number in range(partitions)])
        await consumer.seek_to_end()
        async with producer:
            yield Ear(consumer, producer, place)
    finally:
        await consumer.stop()


async def _provide(place: Place, partitions: int) -> None:
    command = [
        *(JIAOYING, "topics", "--apply"),
        *("--partitions", str(partitions), "--replication", "1"),
    ]
    await run_once(command, place.environment)


async def _worker(stack: AsyncExitStack, place: Place, number: int) -> int:
    port, name = free_port(), f"correlator-{number}"
    packs = [word for pack in place.packs.values() for word in ("--pack", str(pack))]
    command = [
        *(JIAOYING, "serve", "correlator", *packs),
        *("--data", str(place.folder / name), "--port", str(port)),
    ]
    ready, log = f"http://127.0.0.1:{port}/readyz", place.folder / f"{name}.log"
    return await stack.enter_async_context(
        running(command, ready, log, environment=place.environment)
    )


async def from_http(place: Place, count: int) -> tuple[Pace, Pace]:
    """
    Return the pace of *count* bodies on the whole way.

    The CPU time of the first is the correlator's, that of the second ingest's.
    """
    made = list(bodies(place.sensors, WARM_UP + count, _clock.now()))
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [
        *(JIAOYING, "serve", "ingest", "--pack", str(place.packs[DISTRICT])),
        *("--data", str(place.folder / "ingest"), "--port", str(port)),
    ]
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
    target = Target(f"{base}/v1/readings", headers, 202)
    await _provide(place, 1)
    async with AsyncExitStack() as stack:
        ingest = await stack.enter_async_context(
            running(
                command,
                f"{base}/readyz",
                place.folder / "ingest.log",
                environment=place.environment,
            )
        )
        correlator = await _worker(stack, place, 0)
        ear = await stack.enter_async_context(_ear(place, 1))
        session = await stack.enter_async_context(open_session())
        await post_all(session, target, iter(made[:WARM_UP]))
        await ear.until_decided([DISTRICT])
        cpu = [cpu_s(correlator), cpu_s(ingest)]
        began = time.monotonic()
        await post_all(session, target, iter(made[WARM_UP:]))
        decisions = await ear.until_decided([DISTRICT])
        took = time.monotonic() - began
        readings = count * BODY
        return (
            Pace(readings / took, readings / (cpu_s(correlator) - cpu[0]), decisions),
            Pace(readings / took, readings / (cpu_s(ingest) - cpu[1])),
        )


async def from_events(place: Place, count: int, workers: int) -> Pace:
    """Return the pace of *count* records, half of each district's, by *workers*."""
    districts = list(place.packs)
    now = _clock.now()
    made = {
        district: list(records(place.sensors, WARM_UP + count // len(districts), now, district))
        for district in districts
    }
    await _provide(place, len(districts))
    async with AsyncExitStack() as stack:
        pids = [await _worker(stack, place, number) for number in range(workers)]
        ear = await stack.enter_async_context(_ear(place, len(districts)))
        for district, pack in place.packs.items():
            await ear.send(district, encode(_in_force(pack)))
            for data in made[district][:WARM_UP]:
                await ear.send(district, data)
        await ear.until_decided(districts)
        cpu = sum(cpu_s(pid) for pid in pids)
        began = time.monotonic()
        for together in zip(*(made[district][WARM_UP:] for district in districts), strict=True):
            for district, data in zip(districts, together, strict=True):
                await ear.send(district, data)
        decisions = await ear.until_decided(districts)
        took = time.monotonic() - began
        readings = BODY * (count // len(districts)) * len(districts)
        return Pace(readings / took, readings / (sum(cpu_s(pid) for pid in pids) - cpu), decisions)


def own_prefix() -> str:
    """Return what the topics of one round begin with."""
    return f"bench-{os.getpid()}-{secrets.token_hex(3)}."


def _in_force(folder: Path) -> PackActivated:
    rules = load_pack(folder).rules
    return PackActivated(
        district=rules.district,
        event_id=f"pack-{rules.district}",
        accepted_at=_clock.now(),
        pack=rules,
    )


def _act_of_nobody(district: str) -> Act:
    return Act(
        district=district,
        event_id=f"bench-{secrets.token_hex(8)}",
        accepted_at=_clock.now(),
        user="bench",
        role=Role.DUTY_LEADER,
        body=LevelConfirmed(place="nowhere", hazard=Hazard.RAINSTORM, level=Level.IV),
    )
