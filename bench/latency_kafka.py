"""
The distributed half of B2: ingest, a correlator and a dispatcher as they are shipped, one of each.

They share one node of Kafka and one Redis that keeps every write before it answers. These stay for
all rounds; topics, keys, folders and the three services are new in each.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.children import JIAOYING, BenchError, free_port, run_once
from bench.throughput_faust import own_prefix
from bench.throughput_kafka import kafka
from deploy.local import services
from deploy.local.missing import MissingServerError
from deploy.local.redis_server import RedisServer
from deploy.local.server_process import ServerError
from deploy.local.services import Ground

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the brokers and Redis are."""

    kafka: str
    redis: str


@asynccontextmanager
async def servers(folder: Path) -> AsyncIterator[Servers]:
    """Run both in *folder*; BenchError when this machine lacks one."""
    async with kafka(folder / "kafka") as brokers:
        redis = await _blocking(lambda: RedisServer(folder / "redis"))
        try:
            await _blocking(redis.start)
            yield Servers(brokers, redis.url)
        finally:
            await asyncio.to_thread(redis.stop)


@asynccontextmanager
async def distributed(found: Servers, folder: Path, pack: Path, carrier: str) -> AsyncIterator[str]:
    """Run the three services for *pack* on *carrier*; yield where ingest's door is."""
    prefix = own_prefix()
    ground = Ground(
        folder,
        (pack,),
        found.kafka,
        found.redis,
        carrier,
        account=f"AC{'0' * 32}",
        from_number="+8610099999999",
        token="bench",
        settings={"JIAOYING_KAFKA_TOPIC_PREFIX": prefix, "JIAOYING_REDIS_PREFIX": prefix},
    )
    await run_once(
        [JIAOYING, "topics", "--apply", "--partitions", "1", "--replication", "1"],
        ground.environment,
    )
    wanted = [
        make(ground, free_port())
        for make in (services.ingest, services.correlator, services.dispatcher)
    ]
    async with AsyncExitStack() as stack:
        for service in wanted:
            stack.push_async_callback(asyncio.to_thread, service.process.stop)
            service.process.launch()
        for service in wanted:
            await _blocking(service.process.wait)
        yield wanted[0].url
    shutil.rmtree(folder)


async def _blocking(call: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(call)
    except (MissingServerError, ServerError) as error:
        raise BenchError(str(error)) from None
