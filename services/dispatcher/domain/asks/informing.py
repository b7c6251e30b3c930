"""A word to people without an ask: queued here, sent when the budget allows."""

from collections.abc import Iterable
from datetime import datetime

from schemas.cap import Status
from schemas.level import Level
from services.dispatcher.domain.asks.callout import Callout
from services.dispatcher.domain.asks.inform import Inform
from services.dispatcher.domain.desk.desk import Desk
from services.district.domain.templates import TextKey


def reached_for(desk: Desk, callout: Callout) -> set[str]:
    """Return everybody whom *callout* has tried to reach, or is about to."""
    return {
        rung.person
        for chain in desk.chains_of_callout(callout.callout_id)
        for rung in chain.rungs
        if rung.opened_at is not None
    }


def inform(
    desk: Desk,
    callout: Callout,
    people: Iterable[str],
    key: TextKey,
    now: datetime,
    *,
    about: Callout | None = None,
) -> None:
    """Queue the text *key* about *callout*, or *about*, for each of *people* in his language."""
    for person in sorted(people):
        text = desk.words.to(person).fixed(key, about or callout)
        queue_inform(desk, callout.callout_id, person, text, callout.level, now)


def queue_inform(
    desk: Desk,
    callout_id: str | None,
    person: str,
    text: str,
    level: Level,
    now: datetime,
    status: Status = Status.ACTUAL,
) -> None:
    """
    Queue *text* for *person*; nothing happens where he has no number for SMS.

    *status* is for a text without a callout; else it is the callout's.
    """
    contact = desk.pack.roster.people[person].sms_contact
    if contact is None:
        return
    callout = desk.callouts.get(callout_id or "")
    waiting = Inform(
        inform_id=desk.new_id("inform"),
        callout_id=callout_id,
        person=person,
        contact=contact.contact_id,
        text=text,
        level=level,
        queued_at=now,
        status=callout.status if callout is not None else status,
    )
    desk.put_inform(waiting)
