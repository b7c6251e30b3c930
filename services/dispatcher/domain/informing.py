"""A word to people without an ask: queued here, sent when the budget allows."""

from collections.abc import Iterable
from datetime import datetime

from schemas.level import Level
from services.dispatcher.domain.callout import Callout
from services.dispatcher.domain.desk import Desk
from services.dispatcher.domain.inform import Inform
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
    desk: Desk, callout_id: str | None, person: str, text: str, level: Level, now: datetime
) -> None:
    """Queue *text* for *person*; nothing happens where he has no number for SMS."""
    contact = desk.pack.roster.people[person].sms_contact
    if contact is not None:
        inform_id = desk.new_id("inform")
        desk.put_inform(Inform(inform_id, callout_id, person, contact.contact_id, text, level, now))
