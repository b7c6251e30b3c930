"""
The Faust app: which topic it reads, how, and where its table lies. What is decided is not here.

A record is handed on as bytes, together with all others that have come meanwhile, and is let go
once its decisions are durable.
"""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

import faust
from faust.types import EventT, StreamT, TableT

from services.correlator.adapters.faust_connection import faust_connection
from services.correlator.adapters.topic_shape import TopicShape
from services.correlator.entrypoints.faust_settings import FaustSettings
from services.runtime.gathering import gathered
from services.runtime.kafka.provisioning import LARGEST_RECORD

GATHERED = 256
"""Records handled at one time, at most, over all districts."""

_WAITING = 256
"""
Records that wait here before no more are fetched, at most. Faust's own 4,096 would be 240 MB of
records with 500 readings.
"""

_SMALL = {
    "write_buffer_size": 16 << 20,
    "max_write_buffer_number": 2,
    "target_file_size_base": 16 << 20,
    "block_cache_size": 16 << 20,
}
"""For each partition; a table holds two snapshots a district, and they are read at a start only."""

_MESSAGE_BYTES = 1_000_000
"""What a broker takes in one message unless it was told otherwise, and a little less."""


@dataclass(frozen=True, slots=True)
class CorrelatorApp:
    """A Faust app that has not been started, and its table."""

    app: faust.App
    events: faust.TopicT
    table: TableT[bytes, bytes]


def build_app(settings: FaustSettings, shape: TopicShape) -> CorrelatorApp:
    """
    Return the app without its agent, which `hand_on` adds.

    The table's topic has as many partitions as that of the events, which is of *shape*: it must, or
    a district's state would lie with another worker. And it is as safe.
    """
    app = faust.App(
        settings.app_id,
        **faust_connection(settings.kafka),
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=settings.heartbeat_interval,
        broker_max_poll_interval=settings.poll_interval.total_seconds(),
        broker_rebalance_timeout=settings.poll_interval,
        broker_request_timeout=settings.poll_interval,
        broker_commit_interval=settings.commit_interval,
        processing_guarantee="at_least_once",
        value_serializer="raw",
        consumer_max_fetch_size=LARGEST_RECORD,
        producer_max_request_size=_MESSAGE_BYTES,
        topic_partitions=shape.partitions,
        topic_replication_factor=shape.replicas,
        topic_disable_leader=True,
        stream_buffer_maxsize=_WAITING,
        # A worker that waits for what it has in hand holds up everybody's takeover, and a stop for
        # ever when nobody is left to handle it. What is not let go comes again.
        stream_wait_empty=False,
        store="rocksdb://",
        table_standby_replicas=settings.standby_replicas,
        datadir=settings.data,
        # The assignor tells workers apart by it. Nothing listens there.
        canonical_url=f"http://{settings.worker}",
        web_enabled=False,
        autodiscover=False,
    )
    events = app.topic(
        shape.name,
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
        partitions=shape.partitions,
    )
    table = app.Table(
        "state",
        key_type=bytes,
        value_type=bytes,
        partitions=shape.partitions,
        options={"driver": "rocksdict", **_SMALL},
    )

    return CorrelatorApp(app, events, table)


def hand_on(made: CorrelatorApp, handle: Callable[[list[EventT[Any]]], Awaitable[None]]) -> None:
    """Let the app hand its events to *handle*, which lets nothing out that it raises."""

    @made.app.agent(made.events, name="correlate")
    async def correlate(stream: StreamT[Any]) -> None:
        events = cast("faust.Stream[bytes]", stream).noack().events()
        async with aclosing(gathered(events, GATHERED)) as batches:
            async for batch in batches:
                await handle(batch)
                for event in batch:
                    await stream.ack(event)
