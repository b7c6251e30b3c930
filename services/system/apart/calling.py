"""The dispatcher in a process: for each district one worker calls, and the others stand by."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog
from fastapi import FastAPI

from schemas.topics import Topic
from services.dispatcher.entrypoints.catching_up import catch_up
from services.dispatcher.entrypoints.district_door import DistrictDoor, base_url_of
from services.dispatcher.entrypoints.ownership import Ownership
from services.dispatcher.entrypoints.tenure import Served
from services.dispatcher.main import (
    AnchorSettings,
    Dispatcher,
    DispatcherSettings,
    build_dispatcher,
)
from services.district.domain.pack import Pack
from services.runtime.clock import RealClock
from services.runtime.heartbeat import Heartbeat
from services.runtime.kafka.log import KafkaLog
from services.runtime.kafka_bus import KafkaBus
from services.runtime.lifecycle import Lifecycle
from services.runtime.redis.connection import connect
from services.runtime.redis.lease import Lease, Leases
from services.runtime.redis.presence import Presence
from services.runtime.redis.values import RedisValues
from services.system.apart.place import ProcessSettings, own_name
from services.system.door import Door, bind
from services.system.settings import CarrierSettings, accounts_of

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CallingSettings:
    """
    How people are called, beside where the process lies.

    *secrets* is one folder for all workers: what one has spoken to somebody another must be able to
    check. *anchors* is a folder with a file for each district. *url* is where the other workers
    reach this one; "": at its door. *older* are packs that the districts had before.
    """

    secrets: Path
    accounts: Sequence[CarrierSettings]
    station_secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    anchors: Path | None = None
    anchor_url: str = ""
    anchor_token: str = field(default="", repr=False)
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
    for pack in packs:
        accounts_of(
            pack, calling.accounts, door.base_url
        )  # a missing one is told now, not at night
    server = connect(settings.redis)
    lifecycle.on_stop("redis", server.aclose)
    prefix, name = settings.redis.prefix, own_name()
    leases = Leases(server, prefix, name, calling.url or door.base_url)
    worker = _Worker({pack.rules.district: pack for pack in packs}, settings, calling, door)
    ownership = Ownership(
        tuple(worker.packs),
        leases,
        Presence(server, prefix, name),
        lambda district, lease, of: worker.serve(
            district, lease, of, RedisValues(server, lease.keys, lease)
        ),
        clock,
    )

    def app_of(district: str) -> FastAPI | None:
        return worker.apps.get(district)

    districts = DistrictDoor(worker.packs, app_of, leases, clock)
    lifecycle.on_stop("other workers", districts.aclose)
    lifecycle.readiness.add("owners", lambda: ownership.is_well)
    door.metrics.watch_districts(len(worker.packs), lambda: len(worker.apps))
    door.metrics.watch_lag(Topic.DECISIONS, lambda: worker.lag)
    await door.open((districts.router,))
    lifecycle.spawn("districts", ownership.run())
    return door.base_url


class _Worker:
    """Opens and starts the dispatcher of each district that comes to this process."""

    def __init__(
        self,
        packs: Mapping[str, Pack],
        settings: ProcessSettings,
        calling: CallingSettings,
        door: Door,
    ) -> None:
        self.packs = packs
        self.apps: dict[str, FastAPI] = {}
        self._serving: dict[str, Dispatcher] = {}
        self._settings = settings
        self._calling = calling
        self._door = door
        self._clock = RealClock()

    @property
    def lag(self) -> int:
        """How many decisions the districts of this worker have not been told."""
        return sum(one.decisions.lag for one in self._serving.values())

    async def serve(
        self, district: str, lease: Lease, lifecycle: Lifecycle, values: RedisValues
    ) -> Served:
        """Take *district* over: its fence, its index brought to the ledger's end, its people."""
        pack = self.packs[district]
        log = KafkaLog(self._settings.kafka, f"dispatcher-{district}")
        bus = await KafkaBus.open(log, values, fenced=(Topic.DISPATCH, district))
        lifecycle.on_stop("bus", bus.close)
        done = await catch_up(bus, district, (pack, *self._calling.older), values.aside)
        _log.info("index_caught_up", district=district, way=done.way.value, records=done.records)
        dispatcher = build_dispatcher(
            bus,
            self._clock,
            pack,
            accounts_of(pack, self._accounts(district), self._door.base_url),
            self._kept(district, lease.send_window),
            self._door.metrics,
            lifecycle.spawn,
            traces=self._door.traces,
        )
        lifecycle.on_stop("carrier", dispatcher.aclose)
        await dispatcher.start(lifecycle.spawn)
        if self._calling.heartbeat_url:
            beat = Heartbeat(
                self._calling.heartbeat_url,
                district,
                dispatcher.is_well,
                self._clock,
                self._door.metrics,
            )
            lifecycle.spawn("heartbeat", beat.run())
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        app.include_router(dispatcher.router)
        self.apps[district], self._serving[district] = app, dispatcher

        async def left() -> None:
            del self.apps[district], self._serving[district]

        lifecycle.on_stop("webhooks", left)
        return Served(app, lambda: dispatcher.pipeline.desk)

    def _accounts(self, district: str) -> list[CarrierSettings]:
        """Each district has addresses of its own under the worker's."""
        return [
            replace(one, public_url=base_url_of(one.public_url or self._door.base_url, district))
            for one in self._calling.accounts
        ]

    def _kept(self, district: str, window: Callable[[], Callable[[], bool]]) -> DispatcherSettings:
        calling = self._calling
        file = None if calling.anchors is None else calling.anchors / f"{district}.ndjson"
        anchors = AnchorSettings(file, calling.anchor_url or None, calling.anchor_token)
        return DispatcherSettings(
            calling.secrets / district, anchors, calling.station_secrets, window=window
        )
