"""A process to kill: it publishes numbered records and prints each offset once it is durable."""

import asyncio
import itertools
import sys
from pathlib import Path

from schemas.topics import Topic
from services.runtime.bus import Outgoing
from services.runtime.clock import RealClock
from services.runtime.embedded_bus import EmbeddedBus

PUBLISHERS = 8
DISTRICT = "500108"


async def publish_for_ever(directory: Path) -> None:
    bus = await EmbeddedBus.open(directory, RealClock(), ballast_bytes=4096)
    numbers = itertools.count(await bus.end(Topic.EVENTS, DISTRICT))

    async def publish() -> None:
        for number in numbers:
            record = Outgoing(Topic.EVENTS, DISTRICT, f"{number} {'x' * (number % 5000)}".encode())
            (offset,) = await bus.publish([record])
            sys.stdout.write(f"{offset} {number}\n")
            sys.stdout.flush()

    await asyncio.gather(*(publish() for _ in range(PUBLISHERS)))


if __name__ == "__main__":
    asyncio.run(publish_for_ever(Path(sys.argv[1])))
