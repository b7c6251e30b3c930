"""An ingest that is killed before Kafka loses nothing that it had answered for, and keeps its order."""

import asyncio
import random
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.topics import Topic
from schemas.wire import decode
from services.runtime.kafka.settings import KafkaSettings
from tests.kafka_records import kafka_records
from tests.resilience import ingest_outbox
from tests.resilience.ingest_outbox import DISTRICT

pytestmark = pytest.mark.servers


def kill_after(answers: int, folder: Path, settings: KafkaSettings, first: int) -> set[int]:
    """Return what an ingest had answered for when it was killed, at or after *answers* of them."""
    with started(folder, settings, first) as child:
        assert child.stdout is not None
        told = [child.stdout.readline() for _ in range(answers)]
        child.kill()
        told += child.stdout.readlines()
    return {int(line) for line in told if line.endswith("\n")}


def started(
    folder: Path, settings: KafkaSettings, first: int, count: int = 0
) -> subprocess.Popen[str]:
    told = (settings.bootstrap_servers, settings.topic_prefix, str(first), str(count))
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", ingest_outbox.__file__, str(folder), *told],
        stdout=subprocess.PIPE,
        text=True,
    )


async def test_invariant_01_nothing_accepted_is_missing_when_ingest_is_killed(
    tmp_path: Path, kafka_settings: KafkaSettings
) -> None:
    """A gauge that was told 202 does not send again: what it said must reach the brokers."""
    moments = random.Random(5)
    answered: set[int] = set()

    def live_through_kills() -> None:
        for _ in range(2):
            first = max(answered, default=-1) + 1000  # what was not answered may be there as well
            answered.update(kill_after(moments.randint(50, 400), tmp_path, kafka_settings, first))
        with started(tmp_path, kafka_settings, 1_000_000, 1) as last:
            assert last.wait(60) == 0

    await asyncio.to_thread(live_through_kills)
    records = await asyncio.to_thread(kafka_records, kafka_settings, Topic.EVENTS, DISTRICT)

    there = list(dict.fromkeys(records))
    events = [vars(decode(Topic.EVENTS, record)) for record in there]
    ids = [int(event["event_id"]) for event in events]
    assert answered <= set(ids)
    assert len(ids) == len(set(ids))  # what was sent twice is the same, byte for byte
    taken_at = [event["accepted_at"] for event in events]
    assert taken_at == sorted(taken_at)
