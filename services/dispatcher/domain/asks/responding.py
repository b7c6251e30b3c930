"""What a response means for people: its family's callout opens, is joined, superseded or ended."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from schemas.decision import ResponseChanged
from schemas.dispatch import Fact
from schemas.ids import hash_id
from schemas.level import Level
from schemas.reason import RaiseRule
from schemas.role import Role
from services.dispatcher.domain.asks.callout import (
    Callout,
    CalloutEnd,
    CalloutKind,
    Family,
    Member,
    family_key,
)
from services.dispatcher.domain.asks.chain import Ask
from services.dispatcher.domain.asks.following_up import with_follow_ups
from services.dispatcher.domain.asks.grounds import grounds_of, in_words
from services.dispatcher.domain.asks.informing import inform, reached_for
from services.dispatcher.domain.asks.opening import end_callout, open_chains, record_opening
from services.dispatcher.domain.calls.calling import join_ringing
from services.dispatcher.domain.desk.desk import Desk
from services.district.domain.matrix import limits_for, roles_called
from services.district.domain.templates import TextKey

_ON_DUTY = (Role.DUTY_OFFICER, Role.DUTY_LEADER)
"""Who is called at once even for a source that has caused more callouts than it may."""


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
        limits=limits_for(desk.pack, level, night=night),
        opened_at=decision.decided_at,
        decision_id=decision.decision_id,
        causes=decision.causes,
        grounds=grounds_of(decision.reasons),
        why=_why(desk, decision),
        family=decision.family,
        follows=old.callout_id if old is not None else None,
        source=decision.source,
        held=decision.source is not None and not desk.may_cause(decision.source, now),
    )
    callout = with_follow_ups(desk, callout)
    record_opening(desk, callout)
    if callout.held:
        desk.fact(Fact.CALLOUT_HELD, callout=callout, detail={"source": decision.source})
    _call_members(desk, callout, family, now)
    if old is not None:
        join_ringing(desk, now)  # before the old asks end, or their calls would be hung up
        end_callout(desk, old, CalloutEnd.SUPERSEDED, now)
    return callout


def _call_members(desk: Desk, callout: Callout, family: Family, now: datetime) -> None:
    for member in family.members:
        roles = roles_called(desk.pack, member.level, member.hazard)
        posts = desk.posts.answering_for(member.place, _not_held(callout, roles))
        open_chains(desk, callout, posts, Ask.CONFIRM, now)


def _not_held(callout: Callout, roles: Iterable[Role]) -> Iterable[Role]:
    return _ON_DUTY if callout.held else roles


def release(desk: Desk, callout: Callout, post: str, now: datetime) -> None:
    """Call the rest of a held *callout*, since who is on duty has pressed a key for *post*."""
    if not callout.held or not callout.is_open or callout.family is None:
        return
    if desk.pack.roster.posts[post].role not in _ON_DUTY:
        return
    released = replace(callout, held=False)
    desk.put_callout(released)
    desk.fact(Fact.CALLOUT_RELEASED, callout=released, post=post)
    family = desk.families[family_key(callout.status, callout.family, callout.town)]
    _call_members(desk, released, family, now)


def _join(
    desk: Desk, callout: Callout, decision: ResponseChanged, level: Level, now: datetime
) -> None:
    """A further hazard of the family: its posts are added, and who is in already gets one SMS."""
    roles = roles_called(desk.pack, level, decision.hazard)
    posts = desk.posts.answering_for(decision.place, _not_held(callout, roles))
    already = reached_for(desk, callout)
    added = replace(
        callout,
        place=decision.place,
        hazard=decision.hazard,
        grounds=grounds_of(decision.reasons) or callout.grounds,
        why=_why(desk, decision) or callout.why,
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
    inform(desk, callout, already, TextKey.SMS_INFO, now, about=added)


def _inform_all(desk: Desk, callout: Callout, decision: ResponseChanged, now: datetime) -> None:
    told = replace(
        callout,
        grounds=grounds_of(decision.reasons) or callout.grounds,
        why=_why(desk, decision) or callout.why,
    )
    inform(desk, callout, reached_for(desk, callout), TextKey.SMS_INFO, now, about=told)


def _why(desk: Desk, decision: ResponseChanged) -> str:
    return in_words(grounds_of(decision.reasons), desk.pack.templates, desk.tree)
