"""Callouts and chains are opened here, and ended with everything that rings for them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from schemas.dispatch import Fact
from schemas.ids import hash_id
from services.dispatcher.domain.asks.callout import Callout, CalloutEnd
from services.dispatcher.domain.asks.chain import Ask, Chain, ChainState, end
from services.dispatcher.domain.asks.climbing import climb
from services.dispatcher.domain.asks.informing import inform, reached_for
from services.dispatcher.domain.asks.listing import tell_who_is_on_duty
from services.dispatcher.domain.asks.rungs import rungs_for
from services.dispatcher.domain.calls.calling import withdraw_idle
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.ladder.outages import with_outages
from services.dispatcher.domain.ladder.resorting import take_resorts
from services.dispatcher.domain.ladder.tasks import withdraw_tasks
from services.district.domain.policy import Limits
from services.district.domain.roster import Post
from services.district.domain.templates import TextKey


def record_opening(desk: Desk, callout: Callout) -> None:
    """Keep *callout*, and record what opened it."""
    desk.put_callout(callout)
    desk.fact(
        Fact.CALLOUT_OPENED,
        callout=callout,
        detail={
            "kind": callout.kind.value,
            "level": callout.level.name,
            "hazard": callout.hazard.value,
            "place": callout.place,
            "town": callout.town,
            "why": callout.why,
            "decision_id": callout.decision_id,
            "causes": list(callout.causes),
            "follows": callout.follows,
            "order_id": callout.order_id,
        },
    )


def open_chains(
    desk: Desk, callout: Callout, posts: Iterable[Post], ask: Ask, now: datetime
) -> None:
    """Put *ask* to each of *posts* that it was not put to in *callout* yet."""
    asked = {chain.post for chain in desk.chains_of_callout(callout.callout_id) if chain.ask is ask}
    reachable = [
        open_chain(desk, callout, post, ask, callout.limits, now)
        for post in posts
        if post.post_id not in asked
    ]
    if not all(reachable):
        tell_who_is_on_duty(desk, callout, now)


def open_chain(
    desk: Desk,
    callout: Callout,
    post: Post,
    ask: Ask,
    limits: Limits,
    now: datetime,
    count: int = 0,
    first: str | None = None,
) -> bool:
    """
    Put *ask* to *post*, for the *count*-th time, and return whether anybody can be reached.

    *first* is who is rung first: whoever has confirmed already is awake.
    """
    rungs, faults = rungs_for(desk.pack, post, limits, now)
    rungs = tuple(sorted(rungs, key=lambda rung: rung.person != first))
    repeated = (str(count),) if count else ()
    chain = Chain(
        chain_id=hash_id("chain", callout.callout_id, post.post_id, ask.value, *repeated),
        callout_id=callout.callout_id,
        status=callout.status,
        post=post.post_id,
        ask=ask,
        level=callout.level,
        limits=limits,
        opened_at=now,
        rungs=rungs,
        need=post.need if ask.is_first else 1,
        count=count,
        handover_at=desk.pack.roster.changes_after(post.post_id, now),
    )
    desk.fact(
        Fact.CHAIN_OPENED,
        chain=chain,
        detail={
            "ask": ask.value,
            "level": chain.level.name,
            "rungs": [[rung.kind.value, rung.person] for rung in rungs],
            "need": chain.need if chain.need > 1 else None,
        },
    )
    for fault in faults:
        desk.fact(
            Fact.ROSTER_FAULT, chain=chain, person=fault.person, detail={"reason": fault.reason}
        )
    if rungs:
        desk.put_chain(take_resorts(desk, climb(with_outages(desk, chain), now), now), now)
        return True
    # Nobody can be reached by phone: the list of those not woken, and whoever is sent, are left.
    desk.fact(Fact.NOT_WOKEN_LISTED, chain=chain, detail={"reason": "nobody_on_roster"})
    chain = take_resorts(desk, replace(chain, listed_at=now), now)
    if chain.limits.resorts:
        desk.put_chain(chain, now)
    else:
        desk.fact(Fact.CHAIN_ENDED, chain=chain, detail={"end": ChainState.EXHAUSTED.value})
        desk.put_chain(end(chain, ChainState.EXHAUSTED, now), now)
    return False


def end_callout(desk: Desk, callout: Callout, why: CalloutEnd, now: datetime) -> None:
    """End *callout*: its open chains end with it, what rings for them stops, people are told."""
    state = ChainState.SUPERSEDED if why is CalloutEnd.SUPERSEDED else ChainState.CANCELLED
    desk.put_callout(replace(callout, ended_at=now, end=why))
    desk.fact(Fact.CALLOUT_ENDED, callout=callout, detail={"end": why.value})
    touched = reached_for(desk, callout)
    for chain in desk.chains_of_callout(callout.callout_id):
        if chain.is_open:
            desk.fact(Fact.CHAIN_ENDED, chain=chain, detail={"end": state.value})
            desk.put_chain(end(chain, state, now), now)
            withdraw_tasks(desk, chain, now)
    for person in sorted(touched):
        withdraw_idle(desk, person)
    if why is not CalloutEnd.SUPERSEDED:
        inform(desk, callout, touched, TextKey.SMS_RELEASE, now)
