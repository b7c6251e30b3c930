"""The brokers of B3, filled before anything is timed: one node, topics of one partition each."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from aiokafka import AIOKafkaProducer
from kafka import KafkaAdminClient

from bench.children import ROOT, BenchError
from bench.throughput_found import Pace
from deploy.local.kafka_cluster import KafkaCluster
from deploy.local.missing import MissingServerError

_LARGEST = 8 << 20


@asynccontextmanager
async def kafka(folder: Path) -> AsyncIterator[str]:
    """Yield the address of a Kafka: one that runs already if it is named, else one of our own."""
    if given := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield given
        return
    try:
        cluster = await asyncio.to_thread(KafkaCluster, folder)
    except MissingServerError as error:
        raise BenchError(str(error)) from None
    try:
        await asyncio.to_thread(cluster.start)
        yield cluster.bootstrap_servers
    finally:
        await asyncio.to_thread(cluster.stop)


async def fill(broker: str, topic: str, values: Iterable[bytes]) -> None:
    """Make *topic* with one partition, and put *values* into it in their order."""
    admin = KafkaAdminClient(bootstrap_servers=broker)
    admin.create_topics(
        {topic: {"num_partitions": 1, "replication_factor": 1}}, wait_for_metadata=True
    )
    admin.close()
    async with AIOKafkaProducer(
        bootstrap_servers=broker, acks="all", linger_ms=5, max_request_size=_LARGEST
    ) as producer:
        for value in values:
            await producer.send(topic, value)
        await producer.flush()


async def plain(kind: str, broker: str, topic: str, readings: int) -> Pace:
    """Let a plain consumer of *kind* read *topic*, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.throughput_plain", kind, broker, topic, str(readings)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise BenchError(f"plain {kind}: {errors.decode()[-2000:]}")
    found = json.loads(output.splitlines()[-1])
    return Pace(found["per_s"], found["per_cpu_s"])
