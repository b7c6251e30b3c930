"""A shift ends while its chain runs: whoever holds the post from now on is rung in its stead."""

from dataclasses import replace
from datetime import datetime

from schemas.dispatch import Fact
from services.dispatcher.domain.asks.chain import Chain
from services.dispatcher.domain.asks.rung import Rung, RungKind
from services.dispatcher.domain.asks.rungs import rungs_for
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.ladder.outages import with_outages


def hand_over(desk: Desk, chain: Chain, now: datetime) -> Chain:
    """
    Return *chain* with the people of the shift that began.

    Who goes off duty is not rung again, but a call that is live stays his to confirm in; who is on
    the new shift too keeps what was tried of him.
    """
    if chain.handover_at is None or chain.handover_at > now:
        return chain
    post = desk.pack.roster.posts[chain.post]
    coming, faults = rungs_for(desk.pack, post, chain.limits, now)
    known = {rung.person: rung for rung in chain.rungs}
    stay = [_as(known[rung.person], rung) if rung.person in known else rung for rung in coming]
    here = {rung.person for rung in stay}
    gone = [
        replace(rung, given_up=True, due_at=None, text_at=None)
        for rung in chain.rungs
        if rung.person not in here and rung.opened_at is not None
    ]
    for fault in faults:
        desk.fact(
            Fact.ROSTER_FAULT, chain=chain, person=fault.person, detail={"reason": fault.reason}
        )
    # Those who are gone stand first: nobody waits for them, and their answers still find a rung.
    changed = replace(
        chain,
        rungs=(*gone, *stay),
        handover_at=desk.pack.roster.changes_after(chain.post, now),
    )
    desk.fact(
        Fact.POST_HANDED_OVER,
        chain=chain,
        detail={
            "from": [rung.person for rung in chain.rungs if rung.kind is RungKind.HOLDER],
            "to": [rung.person for rung in coming if rung.kind is RungKind.HOLDER],
            "rungs": [[rung.kind.value, rung.person] for rung in changed.rungs],
        },
    )
    return with_outages(desk, changed)


def _as(rung: Rung, wanted: Rung) -> Rung:
    """Return *rung*, which was in the shift before, in its place in the one that began."""
    return replace(rung, kind=wanted.kind, place=wanted.place)
