"""
The asks that follow an acknowledgement: the second call (再呼应), and the feedback of measures, each
with a clock of its own that runs from the opening of the callout (domain.md D.2).
"""

from dataclasses import replace
from datetime import datetime

from services.dispatcher.domain.asks.callout import Callout, CalloutKind
from services.dispatcher.domain.asks.chain import Ask, Chain, ChainState
from services.dispatcher.domain.asks.opening import open_chain
from services.dispatcher.domain.desk.desk import Desk
from services.district.domain.policy import FollowUp


def with_follow_ups(desk: Desk, callout: Callout) -> Callout:
    """Return *callout* with the instants at which its posts are asked again."""
    if callout.kind is not CalloutKind.RESPONSE:
        return callout
    policy = desk.pack.policies.levels[callout.level]
    opened = callout.opened_at
    return replace(
        callout,
        second_call_at=opened + policy.second_call.at if policy.second_call else None,
        measures_at=opened + policy.measures.at if policy.measures else None,
    )


def follow_up(desk: Desk, callout: Callout, now: datetime) -> None:
    """Put the asks of *callout* that are due to the posts that have acknowledged."""
    if not callout.is_open:
        return
    policy = desk.pack.policies.levels[callout.level]
    if callout.second_call_at is not None and callout.second_call_at <= now and policy.second_call:
        callout = replace(callout, second_call_at=None)
        desk.put_callout(callout)
        for chain in _answered(desk, callout, Ask.CONFIRM):
            _ask(desk, callout, chain, Ask.SECOND_CALL, policy.second_call, now)
    if callout.measures_at is not None and callout.measures_at <= now and policy.measures:
        every = policy.measures.every
        callout = replace(
            callout,
            measures_at=now + every if every is not None else None,
            measures_asked=callout.measures_asked + 1,
        )
        desk.put_callout(callout)
        settled = _settled(desk, callout)
        for chain in _answered(desk, callout, Ask.CONFIRM):
            if chain.post not in settled:
                _ask(
                    desk,
                    callout,
                    chain,
                    Ask.MEASURES,
                    policy.measures,
                    now,
                    count=callout.measures_asked,
                )


def _answered(desk: Desk, callout: Callout, ask: Ask) -> list[Chain]:
    return [
        chain
        for chain in desk.chains_of_callout(callout.callout_id)
        if chain.ask is ask and chain.state is ChainState.ACKNOWLEDGED
    ]


def _settled(desk: Desk, callout: Callout) -> set[str]:
    """Return the posts that have reported their measures done, or are being asked already."""
    return {
        chain.post
        for chain in desk.chains_of_callout(callout.callout_id)
        if chain.ask is Ask.MEASURES
        and (chain.is_open or (chain.state is ChainState.ACKNOWLEDGED and not chain.needs_support))
    }


def _ask(
    desk: Desk,
    callout: Callout,
    answered: Chain,
    ask: Ask,
    follow: FollowUp,
    now: datetime,
    count: int = 0,
) -> None:
    post = desk.pack.roster.posts[answered.post]
    first = answered.acknowledged_by
    open_chain(desk, callout, post, ask, follow.limits, now, count=count, first=first)
