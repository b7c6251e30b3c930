"""What the services stand on: a bus, and what runs the correlator. It is all that the modes differ in."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.correlator.main import build_correlator
from services.district.domain.pack import Pack
from services.runtime.bus import Bus
from services.runtime.clock import Clock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.rest import AtRest
from services.runtime.retention_task import keep_retention
from services.system.door import Door
from services.system.pack_in_force import activate
from services.system.settings import Around, SystemSettings


class Correlator(Protocol):
    """What runs one district's correlator."""

    @property
    def at_rest(self) -> bool:
        """Whether every durable event has been folded and its decisions are durable."""
        ...

    @property
    def lag(self) -> int:
        """How many durable events have not been folded."""
        ...

    def next_due(self) -> datetime | None:
        """Return when it would next decide something by itself, or None."""
        ...

    async def run(self) -> None:
        """Catch up, then decide what comes, until cancelled."""
        ...


@dataclass(frozen=True, slots=True)
class Engines:
    """
    The means of all services in one process, opened; *parts* must be at rest before a stepping
    clock may move.
    """

    bus: Bus
    intake: Bus
    """Where ingest appends."""
    correlator: Correlator
    parts: Sequence[AtRest]
    is_full: Callable[[], bool]
    """Whether the disk is: what runs goes on, nothing new is taken."""


OpenEngines = Callable[[Pack, SystemSettings, Clock, Door, Around], Awaitable[Engines]]
"""Opens them, with what closes them again given to the door's lifecycle."""


async def embedded_engines(
    pack: Pack, settings: SystemSettings, clock: Clock, door: Door, around: Around
) -> Engines:
    """Open the embedded mode's: one SQLite file, with the correlator beside it."""
    embedded = await EmbeddedBus.open(settings.data, clock, observe=door.metrics.observe_commit)
    door.lifecycle.on_stop("bus", embedded.close)
    bus = around.bus(embedded)
    await activate(bus, clock, pack)
    if settings.ticks:
        door.lifecycle.spawn("retention", keep_retention(embedded, clock))

    def is_full() -> bool:
        return embedded.ballast_freed

    door.lifecycle.readiness.add("disk", lambda: not is_full())
    door.metrics.watch_disk(is_full)
    correlator = build_correlator(
        bus, clock, pack.rules.district, metrics=door.metrics, traces=door.traces
    )
    return Engines(bus, bus, correlator, (embedded,), is_full)
