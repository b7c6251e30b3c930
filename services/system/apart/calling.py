"""The dispatcher in a process: for each district one worker calls, and the others stand by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from schemas.topics import Topic
from services.dispatcher.adapters.owned_bus import owned_buses
from services.dispatcher.main import AnchorSettings, Dispatcher, DispatcherSettings
from services.dispatcher.owner import Ours, Worker, build_owner
from services.district.domain.pack import Pack
from services.runtime.clock import RealClock
from services.runtime.heartbeat import Heartbeat
from services.runtime.lifecycle import Lifecycle
from services.runtime.redis.connection import connect
from services.system.apart.place import ProcessSettings, keep_tidy, own_name
from services.system.door import bind
from services.system.settings import CarrierSettings, accounts_of


@dataclass(frozen=True, slots=True)
class CallingSettings:
    """
    How people are called, beside where the process lies.

    *secrets* is one folder for all workers: what one has spoken to somebody another must be able to
    check. Each district has a file of anchors of its own, named after *anchors*. *url* is where the
    other workers reach this one; "": at its door. *older* are packs that the districts had before.
    """

    secrets: Path
    accounts: Sequence[CarrierSettings]
    station_secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    anchors: AnchorSettings = field(default_factory=AnchorSettings)
    heartbeat_url: str = ""
    url: str = ""
    older: Sequence[Pack] = ()


async def serve_dispatcher(
    packs: Sequence[Pack],
    settings: ProcessSettings,
    calling: CallingSettings,
    lifecycle: Lifecycle,
) -> str:
    """
    Start a worker for the districts of *packs*; return where its door is.

    AccountsError when one of them names an account that nobody has given credentials for.
    """
    clock = RealClock()
    door = bind(lifecycle, settings.host, settings.port, "dispatcher")
    server = connect(settings.redis)
    lifecycle.on_stop("redis", server.aclose)
    settings.data.mkdir(parents=True, exist_ok=True)
    serving: dict[str, Dispatcher] = {}

    def started(district: str, dispatcher: Dispatcher, of: Lifecycle) -> None:
        serving[district] = dispatcher

        async def left() -> None:
            del serving[district]

        of.on_stop("lag", left)
        if calling.heartbeat_url:
            beat = Heartbeat(
                calling.heartbeat_url, district, dispatcher.is_well, clock, door.metrics
            )
            of.spawn("heartbeat", beat.run())

    owner = await build_owner(
        server,
        settings.redis.prefix,
        Worker(own_name(), calling.url or door.base_url),
        Ours(
            packs,
            {
                pack.rules.district: accounts_of(pack, calling.accounts, door.base_url)
                for pack in packs
            },
            calling.older,
        ),
        owned_buses(settings.kafka),
        clock,
        DispatcherSettings(
            settings.data, calling.anchors, calling.station_secrets, secrets=calling.secrets
        ),
        door.metrics,
        traces=door.traces,
        started=started,
    )
    lifecycle.on_stop("other workers", owner.aclose)
    lifecycle.readiness.add("owners", lambda: owner.ownership.is_well)
    door.metrics.watch_lag(
        Topic.DECISIONS, lambda: sum(one.decisions.lag for one in serving.values())
    )
    await door.open((owner.router,))
    lifecycle.spawn("districts", owner.ownership.run())
    keep_tidy(
        lifecycle,
        lambda: not any(one.pipeline.desk.has_open_chains for one in serving.values()),
    )
    return door.base_url
