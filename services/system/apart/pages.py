"""The console in a process: the pages, acts, and the form through which the operator reports."""

from functools import partial
from pathlib import Path

from services.console.main import build_console
from services.district.domain.pack import Pack
from services.runtime.clock import RealClock
from services.runtime.kafka.log import KafkaLog
from services.runtime.kafka_bus import KafkaBus
from services.runtime.lifecycle import Lifecycle
from services.runtime.redis.connection import connect
from services.runtime.redis.keys import DistrictKeys
from services.runtime.redis.values import RedisValues
from services.system.apart.intake import open_intake
from services.system.apart.place import ProcessSettings, keep_tidy
from services.system.door import bind


async def serve_console(
    pack: Pack,
    folder: Path,
    settings: ProcessSettings,
    lifecycle: Lifecycle,
    links: tuple[tuple[str, str], ...] = (),
) -> str:
    """
    Start the console for the district of *pack*, read from *folder*; return where its door is.

    Tips are posted to where the pages are, so it takes them in as ingest does. Who is logged in is
    kept in Redis, and read at the start: pages of one person go to one console.
    """
    clock = RealClock()
    door = bind(lifecycle, settings.host, settings.port, "console")
    server = connect(settings.redis)
    lifecycle.on_stop("redis", server.aclose)
    keys = DistrictKeys.of(settings.redis.prefix, f"console-{pack.rules.district}")
    bus = await KafkaBus.open(KafkaLog(settings.kafka), RedisValues(server, keys))
    lifecycle.on_stop("bus", bus.close)
    console = build_console(bus, clock, clock, pack, folder, links, door.metrics, door.traces)
    ingest = await open_intake(
        pack,
        folder,
        settings,
        clock,
        door,
        rules_too=False,
        session_source=console.session_source,
    )
    await console.start(lifecycle.spawn)
    for reading in console.pipeline.readings:
        door.metrics.watch_lag(reading.topic, partial(getattr, reading, "lag"), reader="console")
    await door.open((ingest.router, console.router))
    # An open page would keep the door from closing.
    lifecycle.on_stop("open pages", console.stop)
    keep_tidy(lifecycle)
    return door.base_url
