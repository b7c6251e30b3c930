"""The correlator in a process: Faust shares the districts among the workers."""

from collections.abc import Sequence

from schemas.topics import Topic
from services.correlator.entrypoints.faust_settings import FaustSettings
from services.correlator.main import build_faust_correlator
from services.runtime.clock import RealClock
from services.runtime.kafka.log import KafkaLog
from services.runtime.kafka_bus import KafkaBus
from services.runtime.lifecycle import Lifecycle
from services.runtime.no_values import NoValues
from services.system.apart.place import ProcessSettings, own_name
from services.system.door import bind


async def serve_correlator(
    districts: Sequence[str], settings: ProcessSettings, lifecycle: Lifecycle
) -> str:
    """
    Start a worker; return where its door is.

    It decides for every district that is assigned to it; *districts* are taken over at once, others
    with their next event.
    """
    door = bind(lifecycle, settings.host, settings.port, "correlator")
    bus = await KafkaBus.open(KafkaLog(settings.kafka), NoValues())
    lifecycle.on_stop("bus", bus.close)
    correlator = build_faust_correlator(
        bus,
        RealClock(),
        FaustSettings(settings.kafka, settings.data, own_name()),
        districts,
        metrics=door.metrics,
        traces=door.traces,
    )
    lifecycle.readiness.add("assignment", lambda: correlator.is_ready)
    door.metrics.watch_lag(Topic.EVENTS, lambda: correlator.lag)
    await door.open(())
    lifecycle.spawn("correlator", correlator.run())
    return door.base_url
