"""
One dispatcher worker among several, as a process of its own: over a real Kafka and a real Redis,
with the practice network for a carrier.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import uvloop
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from services.dispatcher.adapters.owned_bus import owned_buses
from services.dispatcher.main import DispatcherSettings
from services.dispatcher.owner import Ours, Worker, build_owner
from services.district.load import load_pack
from services.runtime.health import Readiness
from services.runtime.http_server import HttpServer
from services.runtime.kafka.settings import KafkaSettings
from services.runtime.lifecycle import Lifecycle
from services.runtime.logs import configure_logs
from services.runtime.metrics import Metrics
from services.runtime.redis.connection import connect
from services.runtime.redis.settings import RedisSettings
from services.system.settings import CarrierSettings, accounts_of
from tests.resilience.doomed import night_clock


@dataclass(frozen=True, slots=True)
class Place:
    """What the workers of one installation share."""

    pack: Path
    data: Path
    log: Path
    kafka: KafkaSettings
    redis: RedisSettings
    carrier: CarrierSettings
    public_url: str
    began_at: datetime
    speed: float


def live(place: Place, name: str, port: int) -> None:
    """Be the worker *name* until SIGTERM."""
    with place.log.open("a") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        configure_logs(stream=log)
        raise SystemExit(uvloop.run(_live(place, name, port)))


async def _live(place: Place, name: str, port: int) -> int:
    pack = load_pack(place.pack)
    lifecycle = Lifecycle(Readiness())
    server = connect(place.redis)
    lifecycle.on_stop("redis", server.aclose)
    http = HttpServer("127.0.0.1", port)
    lifecycle.on_stop("http", http.stop)
    owner = await build_owner(
        server,
        place.redis.prefix,
        Worker(name, http.base_url),
        Ours(
            (pack,),
            {pack.rules.district: accounts_of(pack, (place.carrier,), place.public_url)},
        ),
        owned_buses(place.kafka),
        night_clock(place.began_at, place.speed),
        DispatcherSettings(place.data),
        Metrics(CollectorRegistry()),
    )
    lifecycle.on_stop("door", owner.aclose)
    app = FastAPI()
    app.include_router(owner.router)
    await http.serve(app)
    lifecycle.spawn("ownership", owner.ownership.run())
    return await lifecycle.run_until_signal()
