"""What the dispatcher did, as log lines and metrics, once it is durable."""

from collections.abc import Sequence

import structlog

from schemas.dispatch import Fact
from services.dispatcher.domain.desk import Draft
from services.runtime.metrics import Metrics

_TOLD = {
    Fact.CALLOUT_OPENED,
    Fact.CALLOUT_ENDED,
    Fact.CHAIN_ENDED,
    Fact.ACKNOWLEDGED,
    Fact.NOT_WOKEN_LISTED,
    Fact.ROSTER_FAULT,
    Fact.ATTEMPT_UNKNOWN,
}
"""What a log line is worth; the rest is in the ledger."""

log = structlog.get_logger()


class Witness:
    """Tells what happened. It changes nothing."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def see(self, drafts: Sequence[Draft]) -> None:
        """Count *drafts*, and log those that a night is understood by."""
        for draft in drafts:
            self._count(draft)
            if draft.fact in _TOLD:
                ids = {key: value for key, value in draft.values.items() if value is not None}
                log.info(draft.fact.value, status=draft.status.value, **ids, **draft.detail)

    def _count(self, draft: Draft) -> None:
        if draft.fact is Fact.ACKNOWLEDGED:
            self._metrics.acknowledgements.labels(draft.detail["strength"]).inc()
        elif draft.fact is Fact.CHAIN_ENDED:
            self._metrics.chains.labels(draft.detail["end"]).inc()
        elif draft.fact is Fact.ATTEMPT_ENDED:
            channel, outcome = draft.detail["channel"], draft.detail["outcome"]
            self._metrics.attempts.labels(channel, outcome).inc()
