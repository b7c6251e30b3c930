"""Callouts open, are joined, supersede one another and end: what a decision means for people."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from schemas.decision import OrderChanged, OrderProposed, ResponseChanged
from schemas.dispatch import Fact
from schemas.ids import hash_id
from schemas.level import Level
from schemas.order import OrderState
from schemas.reason import RaiseRule
from services.dispatcher.domain import muster, words
from services.dispatcher.domain.calling import join_ringing, withdraw_idle
from services.dispatcher.domain.callout import (
    Callout,
    CalloutEnd,
    CalloutKind,
    Family,
    Member,
    family_key,
)
from services.dispatcher.domain.chain import Ask, Chain, ChainState, climb, end
from services.dispatcher.domain.desk import Desk
from services.dispatcher.domain.inform import Inform
from services.district.domain.roster import Post
from services.district.domain.templates import TextKey


def response_changed(desk: Desk, decision: ResponseChanged, now: datetime) -> None:
    """
    Open, join or end the callout of the family that *decision* belongs to.

    There is one per (hazard family, town, level) while it is open (design.md section 3): a higher
    level opens a new one, the same or a lower one joins, a fall ends it.
    """
    key = family_key(decision.status, decision.family, decision.town)
    before = desk.families.get(key, Family(key))
    known = before.member(decision.place, decision.hazard)
    others = tuple(member for member in before.members if member is not known)
    level = decision.response_level
    mine = (
        ()
        if level is None
        else (Member(decision.place, decision.hazard, level, decision.warning_level),)
    )
    after = replace(before, members=(*others, *mine))
    callout = desk.callouts.get(before.callout_id) if before.callout_id else None
    rose = level is not None and (known is None or level > known.level)

    if rose and after.level is not None and (callout is None or after.level > callout.level):
        opened = _open_response(desk, decision, after, callout, now)
        desk.put_family(replace(after, callout_id=opened.callout_id))
    elif callout is not None and (after.level is None or after.level < callout.level):
        end_callout(desk, callout, CalloutEnd.LOWERED, now)
        desk.put_family(replace(after, callout_id=None))
    else:
        desk.put_family(after)
        if callout is not None and level is not None and rose:
            _join(desk, callout, decision, level, now)
        elif callout is not None and known is not None and _is_higher(decision, known):
            _inform_all(desk, callout, decision, now)


def _is_higher(decision: ResponseChanged, known: Member) -> bool:
    return (decision.warning_level or 0) > (known.warning_level or 0)


def _open_response(
    desk: Desk, decision: ResponseChanged, family: Family, old: Callout | None, now: datetime
) -> Callout:
    level = max(member.level for member in family.members)
    night = RaiseRule.UP1 in decision.raises
    callout = Callout(
        callout_id=hash_id("callout", family.key, level.name, decision.decision_id),
        kind=CalloutKind.RESPONSE,
        status=decision.status,
        town=decision.town,
        place=decision.place,
        hazard=decision.hazard,
        level=level,
        limits=muster.limits_for(desk.pack, level, night=night),
        opened_at=decision.decided_at,
        decision_id=decision.decision_id,
        causes=decision.causes,
        why=words.why(desk.pack, desk.tree, decision.reasons),
        family=decision.family,
        follows=old.callout_id if old is not None else None,
    )
    _record_opening(desk, callout)
    for member in family.members:
        roles = muster.roles_called(desk.pack, member.level, member.hazard)
        posts = muster.posts_for(desk.pack, desk.tree, member.place, roles)
        open_chains(desk, callout, posts, Ask.CONFIRM, now)
    if old is not None:
        join_ringing(desk, now)  # before the old asks end, or their calls would be hung up
        end_callout(desk, old, CalloutEnd.SUPERSEDED, now)
    return callout


def _join(
    desk: Desk, callout: Callout, decision: ResponseChanged, level: Level, now: datetime
) -> None:
    """A further hazard of the family: its posts are added, and who is in already gets one SMS."""
    roles = muster.roles_called(desk.pack, level, decision.hazard)
    posts = muster.posts_for(desk.pack, desk.tree, decision.place, roles)
    already = _reached_for(desk, callout)
    added = replace(
        callout,
        place=decision.place,
        hazard=decision.hazard,
        why=words.why(desk.pack, desk.tree, decision.reasons) or callout.why,
    )
    desk.fact(
        Fact.CALLOUT_JOINED,
        callout=callout,
        detail={
            "decision_id": decision.decision_id,
            "place": decision.place,
            "hazard": decision.hazard.value,
            "level": level.name,
        },
    )
    open_chains(desk, callout, posts, Ask.CONFIRM, now)
    _inform(desk, callout, already, desk_words(desk).fixed(TextKey.SMS_INFO, added), now)


def order_proposed(desk: Desk, decision: OrderProposed, now: datetime) -> None:
    """Tell whoever must confirm the order that it waits for him."""
    order = decision.order
    if order.confirm is None:
        return
    posts = muster.posts_for(desk.pack, desk.tree, order.place, (order.confirm,))
    holders = {desk.pack.roster.shift_at(post.post_id, now).holder for post in posts}
    text = desk_words(desk).proposed(order, decision.status)
    for person in sorted(holder for holder in holders if holder is not None):
        _queue_inform(desk, None, person, text, order.level, now)


def order_changed(desk: Desk, decision: OrderChanged, now: datetime) -> None:
    """An order in force opens its own callout to whoever executes it; its end ends the callout."""
    order = decision.order
    callout_id = hash_id("callout", order.order_id)
    known = desk.callouts.get(callout_id)
    if order.state is not OrderState.IN_FORCE:
        if known is not None and known.is_open:
            end_callout(desk, known, CalloutEnd.LIFTED, now)
        return
    if known is not None:
        return
    callout = Callout(
        callout_id=callout_id,
        kind=CalloutKind.ORDER,
        status=decision.status,
        town=order.town,
        place=order.place,
        hazard=order.hazard,
        level=order.level,
        limits=muster.limits_for(
            desk.pack, order.level, night=muster.is_night(desk.pack, decision.decided_at)
        ),
        opened_at=decision.decided_at,
        decision_id=decision.decision_id,
        causes=decision.causes,
        why=order.text,
        order_id=order.order_id,
        measure=order.measure,
        target=order.target,
    )
    _record_opening(desk, callout)
    posts = muster.posts_for(desk.pack, desk.tree, order.place, order.executors)
    open_chains(desk, callout, posts, Ask.ORDER_RECEIVED, now)


def _record_opening(desk: Desk, callout: Callout) -> None:
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
    """Open a chain for each of *posts* that has none in *callout* yet."""
    asked = {chain.post for chain in desk.chains_of_callout(callout.callout_id)}
    for post in posts:
        if post.post_id in asked:
            continue
        rungs, faults = muster.rungs_for(desk.pack, post, callout.limits, now)
        chain = Chain(
            chain_id=hash_id("chain", callout.callout_id, post.post_id, ask.value),
            callout_id=callout.callout_id,
            status=callout.status,
            post=post.post_id,
            ask=ask,
            level=callout.level,
            limits=callout.limits,
            opened_at=now,
            rungs=rungs,
        )
        desk.fact(
            Fact.CHAIN_OPENED,
            chain=chain,
            detail={
                "ask": ask.value,
                "level": chain.level.name,
                "rungs": [[rung.kind.value, rung.person] for rung in rungs],
            },
        )
        for fault in faults:
            desk.fact(
                Fact.ROSTER_FAULT, chain=chain, person=fault.person, detail={"reason": fault.reason}
            )
        if rungs:
            desk.put_chain(climb(chain, now), now)
        else:
            # Nobody can be reached at all: the list of those not woken is the only way left.
            desk.fact(Fact.NOT_WOKEN_LISTED, chain=chain, detail={"reason": "nobody_on_roster"})
            desk.fact(Fact.CHAIN_ENDED, chain=chain, detail={"end": ChainState.EXHAUSTED.value})
            desk.put_chain(end(replace(chain, listed_at=now), ChainState.EXHAUSTED, now), now)


def end_callout(desk: Desk, callout: Callout, why: CalloutEnd, now: datetime) -> None:
    """End *callout*: its open chains end with it, what rings for them stops, people are told."""
    state = ChainState.SUPERSEDED if why is CalloutEnd.SUPERSEDED else ChainState.CANCELLED
    desk.put_callout(replace(callout, ended_at=now, end=why))
    desk.fact(Fact.CALLOUT_ENDED, callout=callout, detail={"end": why.value})
    touched = _reached_for(desk, callout)
    for chain in desk.chains_of_callout(callout.callout_id):
        if chain.is_open:
            desk.fact(Fact.CHAIN_ENDED, chain=chain, detail={"end": state.value})
            desk.put_chain(end(chain, state, now), now)
    for person in sorted(touched):
        withdraw_idle(desk, person)
    if why is not CalloutEnd.SUPERSEDED:
        _inform(desk, callout, touched, desk_words(desk).fixed(TextKey.SMS_RELEASE, callout), now)


def _reached_for(desk: Desk, callout: Callout) -> set[str]:
    return {
        rung.person
        for chain in desk.chains_of_callout(callout.callout_id)
        for rung in chain.rungs
        if rung.opened_at is not None
    }


def _inform_all(desk: Desk, callout: Callout, decision: ResponseChanged, now: datetime) -> None:
    said = words.why(desk.pack, desk.tree, decision.reasons) or callout.why
    text = desk_words(desk).fixed(TextKey.SMS_INFO, replace(callout, why=said))
    _inform(desk, callout, _reached_for(desk, callout), text, now)


def _inform(desk: Desk, callout: Callout, people: Iterable[str], text: str, now: datetime) -> None:
    for person in sorted(people):
        _queue_inform(desk, callout.callout_id, person, text, callout.level, now)


def _queue_inform(
    desk: Desk, callout_id: str | None, person: str, text: str, level: Level, now: datetime
) -> None:
    contact = desk.pack.roster.people[person].sms_contact
    if contact is not None:
        inform_id = desk.new_id("inform")
        desk.put_inform(Inform(inform_id, callout_id, person, contact.contact_id, text, level, now))


def desk_words(desk: Desk) -> words.Words:
    """Return the texts of the desk's pack."""
    return words.Words(desk.pack, desk.tree)
