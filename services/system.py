"""
The embedded system: every service of one district in one process, over one file.

It composes the mains, and does nothing else. The command line, the demo and the acceptance tests
open the same system; they differ in the clock and in what they put around the carrier.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from fastapi import FastAPI, Request, Response
from prometheus_client import CollectorRegistry, generate_latest

from schemas.area import Position
from schemas.cap import Status
from schemas.event import PackActivated
from schemas.ids import hash_id
from schemas.topics import Topic
from schemas.wire import encode
from services.console.main import Console, build_console
from services.correlator.entrypoints.embedded_runner import EmbeddedRunner
from services.correlator.main import build_correlator
from services.dispatcher.adapters.twilio.account import REAL_API, TwilioAccount
from services.dispatcher.main import (
    AnchorSettings,
    Dispatcher,
    DispatcherSettings,
    build_dispatcher,
)
from services.dispatcher.ports import Telephony
from services.district.domain.pack import Pack
from services.district.domain.policy import MAIN
from services.ingest.main import Ingest, build_ingest
from services.ingest.settings import IngestSettings
from services.runtime.api_page import mount_api_page
from services.runtime.bus import Bus, Outgoing, Transaction
from services.runtime.clock import Clock, RealClock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.health import Readiness
from services.runtime.heartbeat import Heartbeat
from services.runtime.http_server import HttpServer
from services.runtime.lifecycle import Lifecycle
from services.runtime.metrics import Metrics
from services.runtime.rest import AtRest
from services.runtime.retention_task import keep_retention

OUTLINE = "outline.geojson"


@dataclass(frozen=True, slots=True)
class CarrierSettings:
    """
    An account at a carrier, under the pack's *name* for it; *public_url* is ours as the carrier
    reaches it (None: direct).

    *webhooks* False: it does not reach us at all. *fallback_url* says something when we do not
    answer, and lies on another host; *machine_detection* is only ever a hint.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    from_number: str = field(repr=False)
    api_url: str = REAL_API
    public_url: str | None = None
    name: str = MAIN
    alternate_token: str = field(default="", repr=False)
    webhooks: bool = True
    fallback_url: str = ""
    machine_detection: bool = False


class AccountsError(Exception):
    """The pack names accounts that nobody has given credentials for."""


@dataclass(frozen=True, slots=True)
class SystemSettings:
    """
    Where a system's pack was read from, where its state lies, where its door is.

    *ticks* False: whoever steps the clock ticks. *heartbeat_url* is told each minute that we live.
    """

    folder: Path
    data: Path
    accounts: Sequence[CarrierSettings]
    host: str = "127.0.0.1"
    port: int = 0
    ticks: bool = True
    anchors: AnchorSettings = field(default_factory=AnchorSettings)
    heartbeat_url: str = ""
    station_secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Around:
    """What a test, a drill or a bench puts around the parts, to see or to hinder what they do."""

    bus: Callable[[Bus], Bus] = lambda bus: bus
    telephony: Callable[[Telephony], Telephony] = lambda telephony: telephony
    app: Callable[[FastAPI], None] = lambda _app: None
    links: tuple[tuple[str, str], ...] = ()
    """Further entries of the pages' navigation: (address, name)."""


@dataclass(frozen=True, slots=True)
class EmbeddedSystem:
    """A running system. `base_url` is where its door is; `lifecycle` ends it."""

    pack: Pack
    base_url: str
    bus: Bus
    ingest: Ingest
    correlator: EmbeddedRunner
    dispatcher: Dispatcher
    console: Console
    lifecycle: Lifecycle
    embedded: EmbeddedBus

    @property
    def parts(self) -> Sequence[AtRest]:
        """What must be at rest before a stepping clock may move."""
        return (self.embedded, self.ingest, self.correlator, self.dispatcher, self.console)


async def open_system(
    pack: Pack, settings: SystemSettings, clock: Clock, around: Around | None = None
) -> EmbeddedSystem:
    """
    Open the system of *pack* and start it.

    What is opened is closed again by `lifecycle.unwind`, also when this raises.
    """
    lifecycle = Lifecycle(Readiness())
    try:
        return await _open(pack, settings, clock, around or Around(), lifecycle)
    except BaseException:
        await lifecycle.unwind()
        raise


async def _open(
    pack: Pack, settings: SystemSettings, clock: Clock, around: Around, lifecycle: Lifecycle
) -> EmbeddedSystem:
    metrics = Metrics(CollectorRegistry())
    server = HttpServer(settings.host, settings.port)
    lifecycle.on_stop("http", server.stop)
    embedded = await EmbeddedBus.open(settings.data, clock, observe=metrics.observe_commit)
    lifecycle.on_stop("bus", embedded.close)
    bus = around.bus(embedded)
    await activate(bus, clock, pack)

    correlator = build_correlator(bus, clock, pack.rules.district, metrics=metrics)
    accounts = _accounts(pack, settings.accounts, server.base_url)
    kept = DispatcherSettings(settings.data, settings.anchors, settings.station_secrets)
    dispatcher = build_dispatcher(
        bus, clock, pack, accounts, kept, metrics, lifecycle.spawn, around.telephony
    )
    lifecycle.on_stop("carrier", dispatcher.aclose)
    console = build_console(bus, clock, RealClock(), pack, settings.folder, around.links, metrics)
    ingest = build_ingest(
        bus,
        clock,
        pack.rules,
        pack.sources,
        IngestSettings(data=settings.data),
        read_outlines(settings.folder, pack.rules.district),
        correlator.next_due,
        lambda: embedded.ballast_freed,
        metrics=metrics,
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
        lifecycle.spawn("retention", keep_retention(embedded, clock))
    if settings.heartbeat_url:
        beat = Heartbeat(
            settings.heartbeat_url, pack.rules.district, dispatcher.is_well, clock, metrics
        )
        lifecycle.spawn("heartbeat", beat.run())
    readiness = lifecycle.readiness
    readiness.add("disk", lambda: not embedded.ballast_freed)
    metrics.watch_lag(Topic.EVENTS, lambda: correlator.lag)
    metrics.watch_lag(Topic.DECISIONS, lambda: dispatcher.decisions.lag)
    for reading in console.pipeline.readings:
        metrics.watch_lag(reading.topic, partial(getattr, reading, "lag"), reader="console")
    metrics.watch_disk(lambda: embedded.ballast_freed)

    app = FastAPI(title="Jiaoying 叫应", version="1", docs_url=None, redoc_url=None)
    app.include_router(ingest.router)
    app.include_router(dispatcher.router)
    app.include_router(console.router)
    _mount_health(app, readiness, metrics)
    mount_api_page(app)
    around.app(app)
    await server.serve(app)
    # Before anything it leans on stops: an answer that nobody works out any more would be waited for.
    lifecycle.on_stop("requests", server.stop)
    # An open page would keep the door from closing.
    lifecycle.on_stop("open pages", console.stop)
    return EmbeddedSystem(
        pack,
        server.base_url,
        bus,
        ingest,
        correlator,
        dispatcher,
        console,
        lifecycle,
        embedded,
    )


def _accounts(
    pack: Pack, given: Sequence[CarrierSettings], base_url: str
) -> dict[str, TwilioAccount]:
    """Return the accounts of *pack* in its order. Raises AccountsError."""
    known = {one.name: one for one in given}
    names = [account.name for account in pack.policies.budget.accounts]
    if missing := [name for name in names if name not in known]:
        raise AccountsError(f"no credentials for the accounts {', '.join(missing)} of the pack")
    return {
        name: TwilioAccount(
            account_sid=known[name].account_sid,
            auth_token=known[name].auth_token,
            from_number=known[name].from_number,
            webhooks_base_url=known[name].public_url or base_url,
            api_base_url=known[name].api_url,
            alternate_token=known[name].alternate_token,
            fallback_url=known[name].fallback_url,
            machine_detection=known[name].machine_detection,
            webhooks=known[name].webhooks,
        )
        for name in names
    }


async def activate(bus: Bus, clock: Clock, pack: Pack) -> None:
    """Put the rules of *pack* in force in the log, unless they are the ones in force already."""
    district = pack.rules.district
    space, key = f"system/{district}", "pack"
    version = pack.rules.version.encode()

    def work(tx: Transaction) -> None:
        if tx.get(space, key) == version:
            return
        now = clock.now()
        event = PackActivated(
            district=district,
            event_id=hash_id("pack", pack.rules.pack_id, pack.rules.version, now.isoformat()),
            accepted_at=now,
            status=Status.ACTUAL,
            pack=pack.rules,
        )
        tx.append(Outgoing(Topic.EVENTS, district, encode(event)))
        tx.put(space, key, version)

    await bus.transact(work)


def read_outlines(folder: Path, district: str) -> dict[str, Sequence[Position]]:
    """Return the district's outline by its code, from the pack's GeoJSON where it has one."""
    path = folder / OUTLINE
    if not path.exists():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    geometry = found["features"][0]["geometry"] if "features" in found else found["geometry"]
    rings = geometry["coordinates"]
    while not isinstance(rings[0][0], int | float):
        rings = rings[0]
    return {district: tuple(Position(lat=lat, lon=lon) for lon, lat, *_ in rings)}


def _mount_health(app: FastAPI, readiness: Readiness, metrics: Metrics) -> None:
    @app.get("/healthz", tags=["health"])
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["health"])
    async def readyz(response: Response) -> dict[str, object]:
        """Whether it should be given work, and what is in the way."""
        failing = readiness.failing()
        response.status_code = 503 if failing else 200
        return {"ready": not failing, "failing": list(failing)}

    @app.get("/metrics", tags=["health"])
    async def scrape(_request: Request) -> Response:
        """Prometheus metrics."""
        return Response(generate_latest(metrics.registry), media_type="text/plain; version=0.0.4")
