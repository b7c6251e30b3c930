"""The correlator's part of the traces: one span for each decision, when it is durable."""

from collections.abc import Iterable
from datetime import datetime

from schemas.decision import Decision
from services.runtime.traces import Span, Step, Told, Traces, trace_of


def tell_decided(
    traces: Traces, decisions: Iterable[Decision], began: datetime, ended: datetime
) -> None:
    """
    Tell *traces* of *decisions*, worked out and published between *began* and *ended*.

    A decision follows from the event that its trace is of; the other events that it has as causes
    are linked.
    """
    for decision in decisions:
        trace = trace_of(decision.causes, decision.decision_id)
        traces.see(
            Span(
                Told(Step.DECIDE, decision.decision_id),
                trace,
                began,
                ended,
                Told(Step.ACCEPT, trace) if decision.causes else None,
                [(cause, Told(Step.ACCEPT, cause)) for cause in decision.causes if cause != trace],
                attributes={
                    "decision_id": decision.decision_id,
                    "kind": type(decision).__name__,
                    "status": decision.status.value,
                },
            )
        )
