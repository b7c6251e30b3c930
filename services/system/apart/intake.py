"""Ingest in a process: what sources post goes to the brokers, or waits for them on this disk."""

from collections.abc import Callable
from pathlib import Path

from fastapi import Request

from services.district.domain.pack import Pack, SourceKey
from services.ingest.main import Ingest, build_ingest, open_outbox
from services.ingest.settings import IngestSettings
from services.runtime.clock import Clock, RealClock
from services.runtime.kafka.publisher import KafkaPublisher
from services.runtime.lifecycle import Lifecycle
from services.system.apart.place import ProcessSettings
from services.system.door import Door, bind
from services.system.pack_in_force import activate, read_outlines


async def serve_ingest(
    pack: Pack, folder: Path, settings: ProcessSettings, lifecycle: Lifecycle
) -> str:
    """Start ingest for the district of *pack*, read from *folder*; return where its door is."""
    door = bind(lifecycle, settings.host, settings.port, "ingest")
    ingest = await open_intake(pack, folder, settings, RealClock(), door, rules_too=True)
    lifecycle.spawn("ticks", ingest.ticker.run())
    await door.open((ingest.router,))
    return door.base_url


async def open_intake(
    pack: Pack,
    folder: Path,
    settings: ProcessSettings,
    clock: Clock,
    door: Door,
    *,
    rules_too: bool,
    session_source: Callable[[Request], SourceKey | None] = lambda _request: None,
) -> Ingest:
    """
    Return ingest behind *door*, over an outbox of its own.

    *rules_too*: it puts the pack's rules in force. One kind of process does that, once for each
    version that its disk has not seen.
    """
    lifecycle, metrics = door.lifecycle, door.metrics
    publisher = KafkaPublisher(settings.kafka)
    lifecycle.on_stop("publisher", publisher.close)
    kept = IngestSettings(data=settings.data)
    outbox = await open_outbox(publisher, clock, pack.rules.district, kept, lifecycle, metrics)
    if rules_too:
        await activate(outbox, clock, pack)
    ingest = build_ingest(
        outbox,
        clock,
        pack.rules,
        pack.sources,
        kept,
        read_outlines(folder, pack.rules.district),
        is_full=lambda: outbox.is_disk_full,
        metrics=metrics,
        traces=door.traces,
        session_source=session_source,
        is_spooling=lambda: outbox.is_spooling,
    )

    async def close_ingest() -> None:
        ingest.close()

    lifecycle.on_stop("callers' vault", close_ingest)
    await ingest.open()
    return ingest
