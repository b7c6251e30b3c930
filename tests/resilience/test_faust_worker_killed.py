"""The same hour from the embedded runner, from Faust, and from Faust with a worker killed in it."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest

from schemas.event import Tick
from schemas.ids import hash_id
from schemas.topics import Topic
from schemas.wire import encode
from services.correlator.entrypoints.replay import replay
from services.correlator.pipeline import CorrelatorPipeline
from services.runtime.bus import Outgoing
from services.runtime.kafka.log import KafkaLog
from services.runtime.kafka.settings import KafkaSettings
from tests.doomed_log import once
from tests.kafka_records import kafka_records

pytestmark = pytest.mark.servers

RECORDED = Path(__file__).parent.parent / "data" / "shiping" / "recorded.ndjson"
DISTRICT = "500999"
TAKEOVER_S = 15.0


def the_hour() -> list[bytes]:
    """The night of Shiping up to 00:40, with a tick each second of its last hour, as ingest gives."""
    rows = [(accepted_at(row), row) for row in RECORDED.read_bytes().splitlines()]
    end = rows[-1][0]
    for second in range(3600):
        at = end - timedelta(seconds=second, milliseconds=500)
        event_id = hash_id("tick", DISTRICT, at.isoformat())
        rows.append((at, encode(Tick(district=DISTRICT, event_id=event_id, accepted_at=at))))
    return [row for _, row in sorted(rows, key=lambda found: found[0])]


def accepted_at(row: bytes) -> datetime:
    return datetime.fromisoformat(orjson.loads(row)["accepted_at"])


def after_decisions(events: Sequence[bytes], number: int) -> int:
    """Return how many of *events* lead to the first *number* decisions."""
    pipeline, decided = CorrelatorPipeline(DISTRICT), 0
    for at, data in enumerate(events, 1):
        decided += len(pipeline.handle(data).decisions)
        if decided >= number:
            return at
    raise AssertionError


class Worker:
    """A process of `tests.faust_worker`."""

    def __init__(self, kafka: KafkaSettings, folder: Path, name: str) -> None:
        folder.mkdir(exist_ok=True)
        self._log = folder / f"{name}.log"
        where = (kafka.bootstrap_servers, kafka.topic_prefix, str(folder), name, DISTRICT)
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.faust_worker", *where], stdout=log, stderr=log
            )

    @property
    def says(self) -> str:
        """Whose the district is, as it has said last; nothing before it knows."""
        said = [row for row in self._log.read_text().splitlines() if row in {"mine", "not mine"}]
        return said[-1] if said else ""

    async def until(self, holds: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(30):
                while not holds():
                    assert self.process.poll() is None
                    await asyncio.sleep(0.05)
        except (AssertionError, TimeoutError) as error:
            raise AssertionError(self._log.read_text()[-6000:]) from error

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """End it as an operator does, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


class Ground:
    """A Kafka with topics of its own, a client there, and workers."""

    def __init__(self, kafka: KafkaSettings, folder: Path) -> None:
        self.kafka, self.folder = kafka, folder
        self.log = KafkaLog(kafka)
        self.seen: set[bytes] = set()
        self.workers: list[Worker] = []

    def worker(self) -> Worker:
        self.workers.append(Worker(self.kafka, self.folder, f"w{len(self.workers) + 1}"))
        return self.workers[-1]

    async def publish(self, events: Sequence[bytes]) -> None:
        for at in range(0, len(events), 50):
            await self.log.append(
                [Outgoing(Topic.EVENTS, DISTRICT, data) for data in events[at : at + 50]]
            )

    async def watch(self) -> None:
        async for batch in self.log.follow(Topic.DECISIONS, DISTRICT, 0):
            self.seen.update(record.data for record in batch)

    async def decided(self) -> list[bytes]:
        return await asyncio.to_thread(kafka_records, self.kafka, Topic.DECISIONS, DISTRICT)


@pytest.fixture
async def ground(kafka_settings: KafkaSettings, tmp_path: Path) -> AsyncIterator[Ground]:
    made = Ground(kafka_settings, tmp_path / "workers")
    watching = asyncio.create_task(made.watch())
    yield made
    for worker in made.workers:
        worker.kill()
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    await made.log.close()


async def test_one_worker_decides_the_same_bytes_as_the_embedded_runner(ground: Ground) -> None:
    events = the_hour()
    expected = list(replay(events, DISTRICT))
    worker = ground.worker()
    await ground.publish(events)

    await worker.until(lambda: len(ground.seen) >= len(expected))

    assert worker.stop() == 0
    assert await ground.decided() == expected


async def test_a_worker_killed_in_the_middle_is_followed_by_one_that_decides_the_same_bytes(
    ground: Ground,
) -> None:
    events = the_hour()
    expected = list(replay(events, DISTRICT))
    half = len(expected) // 2
    middle = after_decisions(events, half)
    await ground.publish(events[:1])
    two = ground.worker(), ground.worker()
    await two[0].until(lambda: sorted(one.says for one in two) == ["mine", "not mine"])
    doomed, other = sorted(two, key=lambda one: one.says)

    await ground.publish(events[1:middle])
    publishing = asyncio.create_task(ground.publish(events[middle:]))
    await other.until(lambda: len(ground.seen) >= half)
    doomed.kill()
    killed_at = time.monotonic()
    await other.until(lambda: other.says == "mine")
    took_s = time.monotonic() - killed_at
    await publishing
    await other.until(lambda: len(ground.seen) >= len(expected))

    assert other.stop() == 0
    assert once(await ground.decided()) == expected
    print(f"taken over, and caught up, after {took_s:.1f} s")  # noqa: T201 - for who asks with -s
    assert took_s <= TAKEOVER_S
