"""Wires the correlator; importing it does nothing."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from services.correlator.entrypoints.embedded_runner import EmbeddedRunner
from services.correlator.pipeline import SNAPSHOT_EVERY, CorrelatorPipeline
from services.runtime.bus import Bus
from services.runtime.clock import Clock
from services.runtime.metrics import Metrics
from services.runtime.traces import Traces

if TYPE_CHECKING:
    from faust.types import TP

    from services.correlator.entrypoints.faust_app import CorrelatorApp
    from services.correlator.entrypoints.faust_correlator import FaustCorrelator
    from services.correlator.entrypoints.faust_settings import FaustSettings

_SHORT_TAIL_BYTES = 16 * 1024 * 1024
"""
What a worker that takes over has to fold again at most, while others wait: two seconds of it. To keep
the state of 1,000 sensors that often costs a tenth of the time.
"""


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


def build_faust_correlator(
    bus: Bus,
    clock: Clock,
    settings: "FaustSettings",
    districts: Sequence[str],
    *,
    snapshot_every: int = SNAPSHOT_EVERY,
    metrics: Metrics | None = None,
    traces: Traces | None = None,
) -> "FaustCorrelator":
    """
    Return a worker of the correlator on Faust, to be run beside the bus, which must be Kafka's.

    It decides for whatever districts are assigned to it; *districts* it takes over at once, others
    when their first record comes.
    """
    # A second of imports that the embedded system need not spend.
    from services.correlator.adapters.kept_state import KeptState  # noqa: PLC0415
    from services.correlator.adapters.state_table import TableRows  # noqa: PLC0415
    from services.correlator.adapters.topic_shape import ask_shape  # noqa: PLC0415
    from services.correlator.entrypoints.district_runner import DistrictRunner  # noqa: PLC0415
    from services.correlator.entrypoints.faust_correlator import FaustCorrelator  # noqa: PLC0415

    def make_runner(made: "CorrelatorApp", district: str, at: "TP") -> DistrictRunner:
        state = KeptState(TableRows(made.table, district, at))
        pipeline = CorrelatorPipeline(district, snapshot_every, _SHORT_TAIL_BYTES)
        return DistrictRunner(bus, state, clock, district, pipeline, metrics, traces)

    return FaustCorrelator(
        bus, clock, settings, partial(ask_shape, settings.kafka), districts, make_runner
    )
