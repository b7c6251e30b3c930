"""
What the Faust mode is measured against: a plain consumer that decodes what it gets, and counts.

A process of its own. It reads one partition from its beginning and tells how long it took from the
first reading to the last, by the wall clock and by its CPU time.

usage: python -m bench.throughput_plain faust|faust-batched|aiokafka BROKER TOPIC READINGS
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import faust
from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.types import StreamT

from schemas.event import Readings
from schemas.topics import Topic
from schemas.wire import decode

_AT_ONCE = 2000
_WITHIN_S = 120.0
_PREFETCHED = 4 << 20


class Count:
    """How many readings came so far; `is_over` once all of *expected* have."""

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self._readings = 0
        self._began_s = self._began_cpu_s = 0.0
        self._told: dict[str, float] = {}
        self.is_over = asyncio.Event()

    def add(self, readings: int) -> None:
        """Count *readings*; the first ones begin the time and are not in it."""
        if not self._readings:
            self._began_s, self._began_cpu_s = time.monotonic(), time.process_time()
            self._expected -= readings
            self._readings = readings
            return
        self._expected -= readings
        self._readings += readings
        if self._expected <= 0 and not self.is_over.is_set():
            took_s = time.monotonic() - self._began_s
            cpu_s = time.process_time() - self._began_cpu_s
            self._told = {
                "readings": self._readings,
                "per_s": self._readings / took_s,
                "per_cpu_s": self._readings / cpu_s,
            }
            self.is_over.set()

    def told(self) -> str:
        """Return what was found, as one line of JSON."""
        return json.dumps(self._told)


def _one(value: bytes) -> int:
    json.loads(value)
    return 1


def _many(value: bytes) -> int:
    record = decode(Topic.EVENTS, value)
    assert isinstance(record, Readings)
    return len(record.readings)


async def run_faust(
    broker: str, topic_name: str, count: Count, readings_in: Callable[[bytes], int]
) -> None:
    """Count with a Faust agent, as its documentation shows one."""
    app = faust.App(
        f"plain-{topic_name}-{os.getpid()}",
        broker=f"kafka://{broker}",
        store="memory://",
        web_enabled=False,
        topic_partitions=1,
        datadir=tempfile.mkdtemp(prefix="plain-faust-"),
        consumer_auto_offset_reset="earliest",
    )
    topic = app.topic(topic_name, partitions=1, value_serializer="raw", key_serializer="raw")

    @app.agent(topic)
    async def handle(stream: StreamT[Any]) -> None:
        async for value in stream:
            count.add(readings_in(value))

    app.finalize()
    await app.start()
    await asyncio.wait_for(count.is_over.wait(), _WITHIN_S)
    await app.stop()


async def run_aiokafka(broker: str, topic_name: str, count: Count) -> None:
    """Count with a plain loop over the consumer that Faust uses too."""
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=broker, max_partition_fetch_bytes=_PREFETCHED
    )
    await consumer.start()
    partition = TopicPartition(topic_name, 0)
    consumer.assign([partition])
    await consumer.seek_to_beginning(partition)
    while not count.is_over.is_set():
        batches = await consumer.getmany(timeout_ms=1000, max_records=_AT_ONCE)
        count.add(sum(_one(record.value) for batch in batches.values() for record in batch))
    await consumer.stop()


async def main(kind: str, broker: str, topic_name: str, readings: int) -> None:
    """Count as *kind* says, and print what was found."""
    count = Count(readings)
    if kind == "aiokafka":
        await run_aiokafka(broker, topic_name, count)
    else:
        await run_faust(broker, topic_name, count, _many if kind == "faust-batched" else _one)
    print(count.told(), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
