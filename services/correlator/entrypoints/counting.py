"""What was decided and refused, in the metrics: only what is durable, and once."""

from collections.abc import Iterable

from services.correlator.pipeline import Outcome
from services.runtime.metrics import Metrics

STAGE = "correlator"


def count(metrics: Metrics | None, outcomes: Iterable[Outcome]) -> None:
    """Count *outcomes*, which have just become durable."""
    if metrics is None:
        return
    for outcome in outcomes:
        for kind in outcome.kinds:
            metrics.decisions.labels(kind).inc()
        if outcome.refusal is not None:
            metrics.dead_letters.labels(STAGE, outcome.refusal.value).inc()
