"""A process to kill: it takes numbered events into an outbox, and prints each once it is answered."""

import asyncio
import contextlib
import itertools
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry

from schemas.event import Tick
from services.ingest.adapters.event_publisher import BusEventLog
from services.ingest.main import open_outbox
from services.ingest.ports import Letters, Once
from services.ingest.settings import IngestSettings
from services.runtime.clock import RealClock
from services.runtime.health import Readiness
from services.runtime.kafka.publisher import KafkaPublisher
from services.runtime.kafka.settings import KafkaSettings
from services.runtime.lifecycle import Lifecycle
from services.runtime.metrics import Metrics

SENDERS = 8
DISTRICT = "500108"


def numbered(number: int) -> Once:
    def build(accepted_at: datetime) -> Tick:
        return Tick(district=DISTRICT, event_id=str(number), accepted_at=accepted_at)

    return Once(str(number), build)


async def run(folder: Path, settings: KafkaSettings, numbers: Iterator[int]) -> None:
    """Take *numbers*, or for ever what follows the last; end in order when they are all with the brokers."""
    lifecycle = Lifecycle(Readiness())
    publisher = KafkaPublisher(settings)
    lifecycle.on_stop("publisher", publisher.close)
    clock = RealClock()
    outbox = await open_outbox(
        publisher,
        clock,
        DISTRICT,
        IngestSettings(data=folder),
        lifecycle,
        Metrics(CollectorRegistry()),
    )
    log = BusEventLog(outbox, clock, DISTRICT)
    await log.open()

    async def send() -> None:
        for number in numbers:
            await log.append_once([numbered(number)], Letters("test", "", ""))
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()

    await asyncio.gather(*(send() for _ in range(SENDERS)))
    while outbox.records:  # noqa: ASYNC110 - it waits for another process
        await asyncio.sleep(0.02)
    await lifecycle.unwind()


if __name__ == "__main__":
    folder, servers, prefix, first, count = sys.argv[1:]
    numbers = itertools.count(int(first))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(
            run(
                Path(folder),
                KafkaSettings(bootstrap_servers=servers, topic_prefix=prefix),
                itertools.islice(numbers, int(count)) if int(count) else numbers,
            )
        )
