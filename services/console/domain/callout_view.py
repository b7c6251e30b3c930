"""Callouts for the pages: sums that add up, and one callout with all its asks."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from services.console.domain.chain_view import chain_view, look_of
from services.console.domain.follow_ups import follow_ups
from services.console.domain.names import SPOKEN, Names
from services.console.domain.sentences import reason_views
from services.console.domain.tracks import AttemptTrack, CalloutTrack, Tracks
from services.console.domain.views.callouts import (
    CalloutPage,
    CalloutView,
    ChainView,
    SpokenView,
)
from services.console.domain.views.look import Look
from services.district.domain.pack import Pack

_DONE = {Look.ACKNOWLEDGED: 2, Look.CANCELLED: 3}


def counts_of(callout: CalloutTrack) -> dict[Look, int]:
    """Return how many first asks of *callout* stand how; they add up to its posts."""
    found = Counter(look_of(chain) for chain in callout.firsts)
    return {look: found[look] for look in Look if found[look]}


def callout_view(names: Names, tracks: Tracks, callout: CalloutTrack) -> CalloutView:
    """Return *callout* for a list."""
    counts = counts_of(callout)
    order = tracks.orders.get(callout.order_id or "")
    place = names.place(callout.place)
    title = f"{place} {names.hazard(callout.hazard)}"
    if order is not None:
        word = names.measure(order.order.measure)
        title = f"执行 O{order.order.number} {word} {names.place(order.order.place)}"
    return CalloutView(
        callout_id=callout.callout_id,
        number=f"C{callout.number}",
        kind=callout.kind,
        status=callout.status,
        title=title,
        level=callout.level,
        hazard=callout.hazard,
        place=callout.place,
        place_name=place,
        town=callout.town,
        why=callout.why,
        opened_at=callout.opened_at,
        ended_at=callout.ended_at,
        end=callout.end,
        posts=sum(counts.values()),
        acknowledged=counts.get(Look.ACKNOWLEDGED, 0),
        not_woken=counts.get(Look.NOT_WOKEN, 0),
        counts=dict(counts),
        order_id=callout.order_id,
        follows=callout.follows,
        held=callout.held,
    )


def callout_page(
    pack: Pack, names: Names, tracks: Tracks, callout: CalloutTrack, now: datetime
) -> CalloutPage:
    """Return one callout with all its asks: over their limit, then open, then as they ended."""
    chains = [chain_view(pack, names, chain, now, whole=True) for chain in callout.firsts]
    chains.sort(key=_urgency)
    confirmed = sorted(
        chain.acknowledged_at for chain in chains if chain.acknowledged_at is not None
    )
    calls = {
        attempt.attempt_id: attempt
        for chain in callout.chains.values()
        for attempt in chain.attempts
        if attempt.channel == "voice"
    }
    return CalloutPage(
        callout=callout_view(names, tracks, callout),
        chains=tuple(chains),
        strengths=dict(Counter(chain.strength for chain in chains if chain.strength)),
        by_deputy=sum(chain.by_deputy for chain in chains),
        attempts=len(calls),
        lines_at_most=_most_at_once(calls.values(), now),
        curve=tuple((at, nth) for nth, at in enumerate(confirmed, start=1)),
        reasons=reason_views(names, tracks.reasons.get(callout.decision_id or "", ())),
        follow_ups=follow_ups(pack, names, callout, now),
        spoken=tuple(_spoken(names, one) for one in callout.spoken.values()),
    )


def _spoken(names: Names, told: AttemptTrack) -> SpokenView:
    if told.outcome is not None:
        outcome = SPOKEN.get(told.outcome, told.outcome)
    else:
        outcome = "已受理" if told.accepted_at is not None else "正在发出"
    return SpokenView(
        attempt_id=told.attempt_id,
        station_name=names.station(told.person),
        intended_at=told.intended_at,
        accepted_at=told.accepted_at,
        ended_at=told.ended_at,
        outcome=told.outcome,
        outcome_name=outcome,
    )


def _urgency(chain: ChainView) -> tuple[int, datetime, str]:
    if chain.look is Look.NOT_WOKEN:
        return 0, chain.late_since or chain.opened_at, chain.post
    if chain.look in _DONE:
        return _DONE[chain.look], chain.ended_at or chain.opened_at, chain.post
    return 1, chain.next_at or chain.opened_at, chain.post


def _most_at_once(calls: Iterable[AttemptTrack], now: datetime) -> int:
    changes: list[tuple[datetime, int]] = []
    for call in calls:
        changes += [(call.intended_at, 1), (call.ended_at or now, -1)]
    most = live = 0
    for _, change in sorted(changes):
        live += change
        most = max(most, live)
    return most
