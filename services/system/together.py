"""
Every service of one district in one process.

It composes the mains, and does nothing else. The command line, the demo and the acceptance tests
open the same system; they differ in the clock, in the engines, and in what they put around the
carrier.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from schemas.topics import Topic
from services.console.main import Console, build_console
from services.dispatcher.main import Dispatcher, DispatcherSettings, build_dispatcher
from services.district.domain.pack import Pack
from services.ingest.main import Ingest, build_ingest
from services.ingest.settings import IngestSettings
from services.runtime.bus import Bus
from services.runtime.clock import Clock, RealClock
from services.runtime.heartbeat import Heartbeat
from services.runtime.lifecycle import Lifecycle
from services.runtime.rest import AtRest
from services.system.door import bind, new_lifecycle
from services.system.engines import Correlator, OpenEngines, embedded_engines
from services.system.pack_in_force import read_outlines
from services.system.settings import Around, SystemSettings, accounts_of


@dataclass(frozen=True, slots=True)
class System:
    """A running system. `base_url` is where its door is; `lifecycle` ends it."""

    pack: Pack
    base_url: str
    bus: Bus
    ingest: Ingest
    correlator: Correlator
    dispatcher: Dispatcher
    console: Console
    lifecycle: Lifecycle
    engines: Sequence[AtRest]

    @property
    def parts(self) -> Sequence[AtRest]:
        """What must be at rest before a stepping clock may move."""
        return (*self.engines, self.ingest, self.correlator, self.dispatcher, self.console)


async def open_system(
    pack: Pack,
    settings: SystemSettings,
    clock: Clock,
    around: Around | None = None,
    engines: OpenEngines = embedded_engines,
) -> System:
    """
    Open the system of *pack* and start it.

    What is opened is closed again by `lifecycle.unwind`, also when this raises.
    """
    lifecycle = new_lifecycle()
    try:
        return await _open(pack, settings, clock, around or Around(), engines, lifecycle)
    except BaseException:
        await lifecycle.unwind()
        raise


async def _open(
    pack: Pack,
    settings: SystemSettings,
    clock: Clock,
    around: Around,
    open_engines: OpenEngines,
    lifecycle: Lifecycle,
) -> System:
    door = bind(lifecycle, settings.host, settings.port)
    metrics = door.metrics
    engines = await open_engines(pack, settings, clock, door, around)
    bus, correlator = engines.bus, engines.correlator

    accounts = accounts_of(pack, settings.accounts, door.base_url)
    kept = DispatcherSettings(settings.data, settings.anchors, settings.station_secrets)
    dispatcher = build_dispatcher(
        bus,
        clock,
        pack,
        accounts,
        kept,
        metrics,
        lifecycle.spawn,
        around.telephony,
        traces=door.traces,
    )
    lifecycle.on_stop("carrier", dispatcher.aclose)
    console = build_console(
        bus, clock, RealClock(), pack, settings.folder, around.links, metrics, door.traces
    )
    ingest = build_ingest(
        engines.intake,
        clock,
        pack.rules,
        pack.sources,
        IngestSettings(data=settings.data),
        read_outlines(settings.folder, pack.rules.district),
        correlator.next_due,
        engines.is_full,
        metrics=metrics,
        traces=door.traces,
        session_source=console.session_source,
    )

    async def close_ingest() -> None:
        ingest.close()

    lifecycle.on_stop("callers' vault", close_ingest)
    await ingest.open()
    lifecycle.spawn("correlator", correlator.run())
    await dispatcher.start(lifecycle.spawn)
    await console.start(lifecycle.spawn)
    if settings.ticks:
        lifecycle.spawn("ticks", ingest.ticker.run())
    if settings.heartbeat_url:
        beat = Heartbeat(
            settings.heartbeat_url, pack.rules.district, dispatcher.is_well, clock, metrics
        )
        lifecycle.spawn("heartbeat", beat.run())
    metrics.watch_lag(Topic.EVENTS, lambda: correlator.lag)
    metrics.watch_lag(Topic.DECISIONS, lambda: dispatcher.decisions.lag)
    for reading in console.pipeline.readings:
        metrics.watch_lag(reading.topic, partial(getattr, reading, "lag"), reader="console")
    await door.open((ingest.router, dispatcher.router, console.router), around.app)
    # An open page would keep the door from closing.
    lifecycle.on_stop("open pages", console.stop)
    return System(
        pack, door.base_url, bus, ingest, correlator, dispatcher, console, lifecycle, engines.parts
    )
