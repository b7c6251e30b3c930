"""An SMS that came from a contact of ours: "1" is keyed, the code of an SMS sent to him is coded."""

from datetime import datetime

from schemas.dispatch import Fact
from services.dispatcher.domain.asks.acknowledging import (
    confirm,
    need_support,
    pass_to_deputy,
    pending_for,
)
from services.dispatcher.domain.asks.chain import Ask, Strength
from services.dispatcher.domain.asks.informing import queue_inform
from services.dispatcher.domain.calls.attempt import Attempt, Channel
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.inputs import SmsAnswer, SmsReceived
from services.district.domain.templates import TextKey


def sms_received(desk: Desk, news: SmsReceived, now: datetime) -> None:
    """Take the reply to the SMS whose code it holds, or else to the newest that was sent to him."""
    if not desk.note_once(news.provider_id, now):
        return
    around = desk.attempts_around(news.contact)
    mine = [a for a in around if a.chains and may_answer(desk, a, news.contact)]
    desk.fact(
        Fact.SMS_RECEIVED,
        contact=news.contact,
        detail={"answer": news.answer.value, "provider_id": news.provider_id},
    )
    attempt = desk.attempts.get(news.attempt_id or "") or max(
        mine, key=lambda a: a.intended_at, default=None
    )
    if attempt is None or attempt not in mine or news.answer is SmsAnswer.OTHER:
        return
    carried = pending_for(desk, attempt)
    if not carried:
        return
    if news.answer is SmsAnswer.CANNOT:
        is_measures = carried[0].ask is Ask.MEASURES
        (need_support if is_measures else pass_to_deputy)(desk, attempt, carried, now)
        return
    strength = Strength.CODED if news.answer is SmsAnswer.CODE_RIGHT else Strength.KEYED
    confirm(desk, attempt, carried, strength, now)
    if any(attempt.person in desk.chains[chain.chain_id].confirmed for chain in carried):
        callout = desk.callouts[carried[0].callout_id]
        words = desk.words.to(attempt.person)
        text = words.fixed(
            TextKey.SMS_RECORDED,
            callout,
            carried[0].post,
            time=words.time_of_day(now),
        )
        queue_inform(desk, callout.callout_id, attempt.person, text, callout.level, now)


def may_answer(desk: Desk, attempt: Attempt, contact: str) -> bool:
    """
    Whether an SMS from *contact* may answer *attempt*: an SMS to it, or a call without keys.

    Such a call may have gone to another number of his: it asked him to write.
    """
    if not attempt.words_went_along:
        return attempt.channel is Channel.SMS and attempt.contact == contact
    person = desk.pack.roster.people.get(attempt.person)
    return person is not None and contact in {one.contact_id for one in person.contacts}
