"""
What a callout asks of those who have acknowledged: the second call (再呼应) and the feedback of
measures, each round with its clock. It stands apart from the counts, which are over first asks.
"""

from datetime import datetime

from services.console.domain.chain_view import chain_view, look_of
from services.console.domain.names import ASKS, Names
from services.console.domain.tracks import CalloutTrack, ChainTrack
from services.console.domain.views.callouts import FollowUpView
from services.console.domain.views.look import Look
from services.district.domain.pack import Pack
from services.district.domain.policy import FollowUp

_SECOND_CALL, _MEASURES = "second_call", "measures"


def follow_ups(
    pack: Pack, names: Names, callout: CalloutTrack, now: datetime
) -> tuple[FollowUpView, ...]:
    """Return the rounds of follow-up asks, those that were put and the next of each kind."""
    rounds: dict[tuple[str, datetime], list[ChainTrack]] = {}
    for chain in callout.follow_ups:
        rounds.setdefault((chain.ask, chain.opened_at), []).append(chain)
    views = []
    counted: dict[str, int] = {}
    for (ask, at), chains in sorted(rounds.items(), key=lambda one: one[0][1]):
        counted[ask] = counted.get(ask, 0) + 1
        views.append(_round(pack, names, ask, counted[ask], at, chains, now))
    if callout.ended_at is None and callout.kind == "response":
        policy = pack.policies.levels[callout.level]
        for ask, follow in ((_SECOND_CALL, policy.second_call), (_MEASURES, policy.measures)):
            next_at = _next_at(callout, ask, follow)
            if next_at is not None:
                views.append(_round(pack, names, ask, counted.get(ask, 0) + 1, next_at, [], now))
    return tuple(sorted(views, key=lambda view: (view.at, view.ask)))


def _next_at(callout: CalloutTrack, ask: str, follow: FollowUp | None) -> datetime | None:
    """Return when *ask* is put next, or None where it is not."""
    if follow is None or not callout.firsts:
        return None
    put = [chain.opened_at for chain in callout.follow_ups if chain.ask == ask]
    if not put:
        return callout.opened_at + follow.at
    if follow.every is None or not _unsettled(callout):
        return None
    return max(put) + follow.every


def _unsettled(callout: CalloutTrack) -> bool:
    """Whether a post that has acknowledged has not reported its measures done."""
    done = {
        chain.post
        for chain in callout.follow_ups
        if chain.ask == _MEASURES and chain.acknowledged_at and not chain.needs_support
    }
    return any(chain.acknowledged_at and chain.post not in done for chain in callout.firsts)


def _round(
    pack: Pack,
    names: Names,
    ask: str,
    nth: int,
    at: datetime,
    chains: list[ChainTrack],
    now: datetime,
) -> FollowUpView:
    looks = [look_of(chain) for chain in chains]
    name = ASKS.get(ask, ask)
    return FollowUpView(
        ask=ask,
        name=f"{name}（第 {nth} 次）" if nth > 1 else name,
        at=at,
        asked=len(chains),
        acknowledged=looks.count(Look.ACKNOWLEDGED),
        not_answered=looks.count(Look.NOT_WOKEN),
        need_support=sum(chain.needs_support for chain in chains),
        chains=tuple(chain_view(pack, names, chain, now, whole=True) for chain in chains),
    )
