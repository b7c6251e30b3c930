"""
The engines of the distributed mode under all services in one process, on the stepping clock: the
brokers, Redis and Faust are real, and so is each service's own way through them.

What one process alone does not have is missing: several workers. `tests/resilience/cluster` has them.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from schemas.topics import Topic
from services.correlator.entrypoints.faust_settings import FaustSettings
from services.correlator.main import build_faust_correlator
from services.district.domain.pack import Pack
from services.ingest.main import open_outbox
from services.ingest.settings import IngestSettings
from services.runtime.bus import Outgoing
from services.runtime.clock import Clock
from services.runtime.kafka.log import KafkaLog
from services.runtime.kafka.settings import KafkaSettings
from services.runtime.kafka_bus import KafkaBus
from services.runtime.lifecycle import Lifecycle
from services.runtime.redis.connection import connect
from services.runtime.redis.lease import Leases
from services.runtime.redis.settings import RedisSettings
from services.runtime.redis.values import RedisValues
from services.system.door import Door
from services.system.engines import Engines
from services.system.pack_in_force import activate
from services.system.settings import Around, SystemSettings

_PATIENCE = timedelta(minutes=1)


class _ThroughTheLog:
    """
    Publishes what ingest accepts by the process's one log, so that this knows what its followers
    have still to come to. The publisher of ingest's own processes is a thread beside the loop.
    """

    def __init__(self, log: KafkaLog) -> None:
        self._log = log

    async def publish(self, records: Sequence[Outgoing]) -> None:
        await self._log.append(records)


class _NobodyDied:
    """A part that is always at rest, and says so when another has died and never will be."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    @property
    def at_rest(self) -> bool:
        assert self._lifecycle.exit_code == 0, self._lifecycle.readiness.failing()
        return True


class KafkaEngines:
    """`OpenEngines` over the servers that *kafka* and *redis_url* name."""

    def __init__(self, kafka: KafkaSettings, redis_url: str) -> None:
        # On the stepping clock a server that is merely slow must not count as away: the night would
        # go on without it.
        self._kafka = kafka.model_copy(update={"answer_within": _PATIENCE})
        self._redis = RedisSettings(
            url=redis_url, prefix=secrets.token_hex(6), answer_within=_PATIENCE
        )

    async def __call__(
        self, pack: Pack, settings: SystemSettings, clock: Clock, door: Door, around: Around
    ) -> Engines:
        """Open them; the door's lifecycle closes them."""
        district, lifecycle = pack.rules.district, door.lifecycle
        server = connect(self._redis)
        lifecycle.on_stop("redis", server.aclose)
        leases = Leases(server, self._redis.prefix, "alone", door.base_url, lambda: 0.0)
        lease = await leases.take(district)  # there is no other worker: it never runs out
        assert lease is not None
        lifecycle.on_stop("lease", lease.release)
        log = KafkaLog(self._kafka, f"dispatcher-{district}")
        fenced = await KafkaBus.open(
            log, RedisValues(server, lease.keys, lease), fenced=(Topic.DISPATCH, district)
        )
        lifecycle.on_stop("bus", fenced.close)
        outbox = await open_outbox(
            _ThroughTheLog(log),
            clock,
            district,
            IngestSettings(data=settings.data),
            lifecycle,
            door.metrics,
        )
        await activate(outbox, clock, pack)
        correlator = build_faust_correlator(
            fenced,
            clock,
            FaustSettings(self._kafka, settings.data / "faust", "alone", standby_replicas=0),
            [district],
            metrics=door.metrics,
            traces=door.traces,
        )
        bus = around.bus(fenced)
        parts = (_NobodyDied(lifecycle), fenced, outbox)
        return Engines(bus, outbox, correlator, parts, lambda: outbox.is_disk_full)
