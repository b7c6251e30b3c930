"""The list of those not woken, told to who is on duty: an exhausted chain ends with a person told."""

from datetime import datetime

from schemas.role import Role
from services.dispatcher.domain.callout import Callout
from services.dispatcher.domain.chain import Chain, ChainState
from services.dispatcher.domain.desk import Desk
from services.dispatcher.domain.informing import queue_inform
from services.district.domain.templates import TextKey

_MOST_NAMES = 10
"""An SMS that goes on for ever is not read; the whole list is in the ledger."""


def tell_who_is_on_duty(desk: Desk, callout: Callout, now: datetime) -> None:
    """Send the duty officers the posts of *callout* that nobody has confirmed for, as of *now*."""
    listed = [
        chain.post
        for chain in desk.chains_of_callout(callout.callout_id)
        if chain.listed_at is not None and chain.state in {ChainState.OPEN, ChainState.EXHAUSTED}
    ]
    names = [desk.pack.roster.posts[post].name for post in listed[:_MOST_NAMES]]
    text = desk.words.fixed(
        TextKey.SMS_NOT_WOKEN, callout, count=str(len(listed)), names="、".join(names)
    )
    _send(desk, callout, text, now)


def tell_on_duty(desk: Desk, chain: Chain, key: TextKey, now: datetime) -> None:
    """Send the duty officers the text *key* about the post of *chain*."""
    callout = desk.callouts[chain.callout_id]
    _send(desk, callout, desk.words.fixed(key, callout, chain.post), now)


def _send(desk: Desk, callout: Callout, text: str, now: datetime) -> None:
    for post in desk.posts.answering_for(callout.place, (Role.DUTY_OFFICER,)):
        for holder in desk.pack.roster.shift_at(post.post_id, now).holders:
            queue_inform(desk, callout.callout_id, holder, text, callout.level, now)
