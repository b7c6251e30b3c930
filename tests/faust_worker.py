"""
One worker of the correlator on Faust, as a process that a test may kill. It says `mine` whenever
it has taken the district over, and `not mine` when it has been told that it is another's.

usage: python -m tests.faust_worker BOOTSTRAP_SERVERS TOPIC_PREFIX FOLDER WORKER DISTRICT
"""

import asyncio
import logging
import signal
import sys
from pathlib import Path

from services.correlator.entrypoints.faust_settings import FaustSettings
from services.correlator.main import build_faust_correlator
from services.runtime.clock import RealClock
from services.runtime.health import Readiness
from services.runtime.kafka.log import KafkaLog
from services.runtime.kafka.settings import KafkaSettings
from services.runtime.kafka_bus import KafkaBus
from services.runtime.lifecycle import Lifecycle
from services.runtime.logs import configure_logs
from tests.fakes.values import MemoryStore, MemoryValues


async def work(servers: str, prefix: str, folder: Path, worker: str, district: str) -> int:
    kafka = KafkaSettings(bootstrap_servers=servers, topic_prefix=prefix)
    lifecycle = Lifecycle(Readiness())
    bus = await KafkaBus.open(KafkaLog(kafka), MemoryValues(MemoryStore()))
    lifecycle.on_stop("bus", bus.close)
    settings = FaustSettings(kafka, folder / worker, worker)
    correlator = build_faust_correlator(bus, RealClock(), settings, [district], snapshot_every=50)
    lifecycle.spawn("correlator", correlator.run())

    async def tell() -> None:
        said = ""
        while True:
            if correlator.is_ready:
                now = "not mine" if correlator.next_due() is None else "mine"
                if now != said:
                    print(said := now, flush=True)  # noqa: T201 - to the test
            await asyncio.sleep(0.01)

    lifecycle.spawn("telling", tell())
    return await lifecycle.run_until_signal([signal.SIGTERM])


def main() -> None:
    servers, prefix, folder, worker, district = sys.argv[1:]
    configure_logs(logging.INFO)
    sys.exit(asyncio.run(work(servers, prefix, Path(folder), worker, district)))


if __name__ == "__main__":
    main()
