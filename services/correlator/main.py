"""Wires the correlator; importing it does nothing."""

from services.correlator.entrypoints.embedded_runner import EmbeddedRunner
from services.correlator.pipeline import SNAPSHOT_EVERY, CorrelatorPipeline
from services.runtime.bus import Bus
from services.runtime.clock import Clock
from services.runtime.metrics import Metrics
from services.runtime.traces import Traces


def build_correlator(
    bus: Bus,
    clock: Clock,
    district: str,
    *,
    snapshot_every: int = SNAPSHOT_EVERY,
    metrics: Metrics | None = None,
    traces: Traces | None = None,
) -> EmbeddedRunner:
    """
    Return the correlator of *district*, to be run beside the bus.

    *clock* is used for one thing: to wait before a bus that could not store is asked again. What is
    decided, and when, follows from the log alone. *metrics* counts what it decided, and *traces*
    are told of it.
    """
    return EmbeddedRunner(
        bus, clock, district, CorrelatorPipeline(district, snapshot_every), metrics, traces
    )
