"""One callout in one line: who was asked, who confirmed, who was not woken, and how fast."""

from datetime import datetime

from services.dispatcher.domain.asks.chain import ChainState
from services.dispatcher.domain.desk.desk import Desk


def summed_up(desk: Desk, callout_id: str) -> dict[str, object] | None:
    """
    Return what *callout_id* came to, or None while any of its asks is open.

    *end* is None where the callout stays open though all its asks have ended; spans count from t0,
    the instant at which the cause was accepted.
    """
    callout = desk.callouts.get(callout_id)
    if callout is None or not desk.book.is_over(callout_id):
        return None
    chains = desk.chains_of_callout(callout_id)
    rung_at = [chain.first_ring_at for chain in chains if chain.first_ring_at is not None]
    confirmed = [chain for chain in chains if chain.state is ChainState.ACKNOWLEDGED]
    confirmed_at = [chain.ended_at for chain in confirmed if chain.ended_at is not None]

    def after(instant: datetime | None) -> float | None:
        return None if instant is None else round((instant - callout.opened_at).total_seconds(), 3)

    return {
        "callout_id": callout_id,
        "status": callout.status.value,
        "level": callout.level.name,
        "hazard": callout.hazard.value,
        "town": callout.town,
        "order_id": callout.order_id,
        "posts": len(chains),
        "acknowledged": len(confirmed),
        "not_woken": sum(
            chain.listed_at is not None and chain.state is not ChainState.ACKNOWLEDGED
            for chain in chains
        ),
        "attempts": desk.book.attempts(callout_id),
        "first_ring_s": after(min(rung_at, default=None)),
        "last_ack_s": after(max(confirmed_at, default=None)),
        "end": callout.end.value if callout.end is not None else None,
    }
