"""The list of those not woken, told to who is on duty: an exhausted chain ends with a person told."""

from datetime import datetime

from schemas.role import Role
from services.dispatcher.domain.asks.callout import Callout
from services.dispatcher.domain.asks.chain import Chain, ChainState
from services.dispatcher.domain.asks.informing import queue_inform
from services.dispatcher.domain.desk.desk import Desk
from services.district.domain.templates import MOST_NAMES, TextKey


def tell_who_is_on_duty(desk: Desk, callout: Callout, now: datetime) -> None:
    """Send the duty officers the posts of *callout* that nobody has confirmed for, as of *now*."""
    listed = [
        chain.post
        for chain in desk.chains_of_callout(callout.callout_id)
        if chain.listed_at is not None and chain.state in {ChainState.OPEN, ChainState.EXHAUSTED}
    ]
    names = [desk.pack.roster.posts[post].name for post in listed[:MOST_NAMES]]
    counted = {"count": str(len(listed)), "names": "、".join(names)}
    _send(desk, callout, TextKey.SMS_NOT_WOKEN, "", now, **counted)


def tell_on_duty(desk: Desk, chain: Chain, key: TextKey, now: datetime) -> None:
    """Send the duty officers the text *key* about the post of *chain*."""
    _send(desk, desk.callouts[chain.callout_id], key, chain.post, now)


def _send(
    desk: Desk, callout: Callout, key: TextKey, about: str, now: datetime, **values: str
) -> None:
    for post in desk.posts.answering_for(callout.place, (Role.DUTY_OFFICER,)):
        for holder in desk.pack.roster.shift_at(post.post_id, now).holders:
            text = desk.words.to(holder).fixed(key, callout, about, **values)
            queue_inform(desk, callout.callout_id, holder, text, callout.level, now)
