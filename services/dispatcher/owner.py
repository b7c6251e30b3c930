"""
Wires the dispatcher of a worker among several: leases, the index under their fence, catching up,
and for each district that is its own a dispatcher as it stands alone elsewhere.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog
from fastapi import APIRouter, FastAPI
from redis.asyncio import Redis
from starlette.types import ASGIApp

from services.dispatcher.adapters.anchor_file import FILE as ANCHORS
from services.dispatcher.adapters.desk_gauges import DeskGauges
from services.dispatcher.adapters.owned_bus import OpenBus
from services.dispatcher.adapters.secrets_file import load_secrets
from services.dispatcher.adapters.twilio.account import TwilioAccount
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.entrypoints.catching_up import catch_up
from services.dispatcher.entrypoints.district_door import DistrictDoor, base_url_of
from services.dispatcher.entrypoints.ownership import Ownership
from services.dispatcher.entrypoints.tenure import Served
from services.dispatcher.main import (
    SECRETS,
    AnchorSettings,
    Dispatcher,
    DispatcherSettings,
    build_dispatcher,
)
from services.dispatcher.ports import Telephony
from services.district.domain.pack import Pack
from services.runtime.clock import Clock, RealClock
from services.runtime.lifecycle import Lifecycle
from services.runtime.metrics import Metrics
from services.runtime.redis.agreement import agree
from services.runtime.redis.lease import Lease, Leases
from services.runtime.redis.presence import Presence
from services.runtime.redis.values import RedisValues
from services.runtime.traces import Traces

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Worker:
    """Who this process is among the others: its *name*, and the *url* at which they reach it."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Ours:
    """
    What a worker may own: the *packs* of its districts with our *accounts* at carriers for each,
    and the *old_packs* that a ledger may also have been decided with.
    """

    packs: Sequence[Pack]
    accounts: Mapping[str, Mapping[str, TwilioAccount]]
    """By district."""
    old_packs: Sequence[Pack] = ()


@dataclass(frozen=True, slots=True)
class Owner:
    """A worker's part of the dispatching: run `ownership`, and answer with `router`."""

    ownership: Ownership
    router: APIRouter
    aclose: Callable[[], Awaitable[None]]


def _nothing_more(_district: str, _dispatcher: Dispatcher, _lifecycle: Lifecycle) -> None:
    return


async def build_owner(  # noqa: PLR0913 - whoever composes the worker names each part
    server: Redis,
    prefix: str,
    worker: Worker,
    ours: Ours,
    open_bus: OpenBus,
    clock: Clock,
    settings: DispatcherSettings,
    metrics: Metrics,
    *,
    wrap: Callable[[Telephony], Telephony] = lambda telephony: telephony,
    traces: Traces | None = None,
    started: Callable[[str, Dispatcher, Lifecycle], None] = _nothing_more,
) -> Owner:
    """
    Return the owner of whatever districts of *ours* fall to this worker.

    *clock* is that of the districts; leases are kept by the real one. The secret that codes and
    signed addresses are made with must be the same at every worker: DisagreementError when it is
    not, for then no code fits any more once a district has passed on. *started* is told of each
    district that is served from here, with what ends when it no longer is.
    """
    real = RealClock()
    secrets = load_secrets(settings.secrets_folder / SECRETS)
    seal = hashlib.sha256(b"jiaoying seal" + secrets.codes + secrets.urls).hexdigest()
    await agree(server, prefix, SECRETS, seal)
    by_district = {pack.rules.district: pack for pack in ours.packs}
    leases = Leases(server, prefix, worker.name, worker.url)

    async def serve(district: str, lease: Lease, lifecycle: Lifecycle) -> Served:
        pack = by_district[district]
        values = RedisValues(server, lease.keys, lease)
        bus = await open_bus(district, values, lifecycle)
        caught_up = await catch_up(bus, district, (pack, *ours.old_packs), values.aside)
        _log.info(
            "index_caught_up",
            district=district,
            way=caught_up.way.value,
            records=caught_up.records,
        )
        dispatcher = build_dispatcher(
            bus,
            clock,
            pack,
            {
                name: replace(
                    account, webhooks_base_url=base_url_of(account.webhooks_base_url, district)
                )
                for name, account in ours.accounts[district].items()
            },
            replace(
                settings,
                anchors=anchors_of(district, settings),
                window=lease.send_window,
            ),
            metrics,
            lifecycle.spawn,
            wrap,
            traces=traces,
        )

        async def close() -> None:
            dispatcher.pipeline.close()
            await dispatcher.aclose()

        # Given before its tasks, it runs when they have ended: none of them asks what is closed.
        lifecycle.on_stop("dispatcher", close)
        await dispatcher.start(lifecycle.spawn)
        app = FastAPI(openapi_url=None)
        app.include_router(dispatcher.router)
        metrics.takeovers.inc()
        started(district, dispatcher, lifecycle)
        return Served(app, lambda: dispatcher.pipeline.desk)

    presence = Presence(server, prefix, worker.name)
    ownership = Ownership(tuple(by_district), leases, presence, serve, real)

    def desks() -> list[Desk]:
        found = (tenure.served for tenure in ownership.tenures.values())
        return [served.desk() for served in found if served is not None]

    def app_of(district: str) -> ASGIApp | None:
        tenure = ownership.tenures.get(district)
        return tenure.served.app if tenure is not None and tenure.served is not None else None

    metrics.registry.register(DeskGauges(desks))
    metrics.watch_districts(len(by_district), lambda: len(desks()))
    door = DistrictDoor(by_district, app_of, leases, real)
    return Owner(ownership, door.router, door.aclose)


def anchors_of(district: str, settings: DispatcherSettings) -> AnchorSettings:
    """Return *settings*' places for anchors with a file for *district* alone."""
    file = settings.anchors.file or settings.data / ANCHORS
    return replace(settings.anchors, file=file.with_name(f"{file.stem}-{district}{file.suffix}"))
