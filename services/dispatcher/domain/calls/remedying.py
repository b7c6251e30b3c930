"""
What is done about an attempt that the carrier refused or could not carry out, remedy by remedy.

Which account a request goes to is not decided here: OTHER_PROVIDER, STOP_PROVIDER and LOWER_STARTS
are for whoever chooses it, and stand in the ledger.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from schemas.dispatch import Fact
from services.dispatcher.domain.asks.chain import Chain, drop_number
from services.dispatcher.domain.calls.attempt import Attempt, Channel
from services.dispatcher.domain.calls.call_state import Outcome
from services.dispatcher.domain.calls.remedy import Remedies, Remedy, after_retry, before_retry
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.watch.trouble import WARN_EVERY, tell_trouble
from services.district.domain.templates import TextKey

RETRY_PAUSE = timedelta(seconds=5)
"""Before a request that was not executed is made again: a carrier that is down is not hammered."""
SMS_AGAIN_AFTER = timedelta(minutes=2)
"""Before an SMS to a phone that was off is sent again, while it is being rung."""

BAD_NUMBER = "bad_number"
NO_SMS = "no_sms"

_FAILED = {Outcome.FAILED, Outcome.UNDELIVERED, Outcome.REFUSED}


@dataclass(frozen=True, slots=True)
class Consequence:
    """
    What an attempt's end means for its asks. *counts*: it was a try of that person.

    *gives_up*: nobody is reached at that number. *rings*: an SMS that cannot arrive is followed by
    a call. *again_after*: the same is made again then.
    """

    counts: bool
    gives_up: bool = False
    rings: bool = False
    again_after: timedelta | None = None


def consequence(
    desk: Desk,
    attempt: Attempt,
    outcome: Outcome,
    remedies: Remedies,
    now: datetime,
    *,
    counts: bool,
) -> Consequence:
    """Return what the end of *attempt* means; its one retry is used up by asking."""
    if not counts:
        return Consequence(counts=False, again_after=RETRY_PAUSE)
    if attempt.withdrawn:
        return Consequence(counts=True)
    retries = Remedy.RETRY_ONCE in remedies and bool(attempt.chains)
    if retries and desk.note_once(f"retried/{attempt.chains[0]}/{attempt.contact}", now):
        return _first_time(attempt, before_retry(remedies))
    done = after_retry(remedies)
    is_call = attempt.channel is Channel.VOICE
    is_dead = Remedy.OTHER_NUMBER in done or (outcome is Outcome.REFUSED and not remedies)
    return Consequence(
        counts=True, gives_up=is_call and is_dead, rings=not is_call and outcome in _FAILED
    )


def _first_time(attempt: Attempt, done: Remedies) -> Consequence:
    if attempt.channel is Channel.VOICE:
        return Consequence(counts=False, again_after=RETRY_PAUSE)
    rings = Remedy.OTHER_CHANNEL in done
    # Where he is rung meanwhile the SMS has time: his phone was off a moment ago.
    pause = SMS_AGAIN_AFTER if rings else RETRY_PAUSE
    return Consequence(counts=True, rings=rings, again_after=pause)


def told_as(outcome: Outcome, remedies: Remedies) -> Outcome:
    """Return *outcome* as the ledger tells it: a phone that is off has not been answered."""
    if outcome is Outcome.FAILED and Remedy.TREAT_AS_NO_ANSWER in remedies:
        return Outcome.NO_ANSWER
    return outcome


def report(
    desk: Desk, attempt: Attempt, code: str | None, remedies: Remedies, now: datetime
) -> None:
    """Say who has to mend what: the roster's keeper, or the administrator; each thing once."""
    version = desk.pack.rules.version
    no_sms = Remedy.NEVER_SMS_AGAIN in remedies
    if no_sms:
        desk.stop_texting(attempt.contact)
    if Remedy.MEND_ROSTER in remedies:
        reason = NO_SMS if no_sms or attempt.channel is Channel.SMS else BAD_NUMBER
        if desk.note_for_good(f"fault/{version}/{attempt.contact}/{reason}"):
            desk.fact(Fact.ROSTER_FAULT, attempt=attempt, detail={"reason": reason, "code": code})
    if Remedy.WARN_ADMIN in remedies and desk.may_warn(code or "", now, WARN_EVERY):
        desk.fact(
            Fact.CARRIER_TROUBLE,
            attempt=attempt,
            detail={
                "channel": attempt.channel.value,
                "code": code,
                "remedies": [remedy.value for remedy in remedies],
            },
        )
        tell_trouble(desk, TextKey.TROUBLE_CARRIER, now, code=code or "")


def ring_instead(desk: Desk, chain: Chain, index: int, now: datetime) -> Chain:
    """
    Return the chain with a call due at once to its rung *index*, whom an SMS did not reach.

    Nothing changes for somebody who is rung anyway, was rung before, or has no number for it.
    """
    rung = chain.rungs[index]
    person = desk.pack.roster.people.get(rung.person)
    contacts = person.voice_contacts if person is not None else ()
    voices = rung.voices or tuple(contact.contact_id for contact in contacts)
    is_rung = rung.live is not None or rung.calls > 0 or rung.given_up
    if not voices or is_rung or (rung.due_at is not None and rung.due_at <= now):
        return chain
    return chain.with_rung(index, replace(rung, voices=voices, due_at=now))


def after_call(chain: Chain, index: int, what: Consequence, contact: str, now: datetime) -> Chain:
    """Return the chain, whose call to *contact* has ended, as *what* leaves its rung *index*."""
    if what.gives_up:
        return drop_number(chain, index, contact, now)
    if what.again_after is not None:
        rung = chain.rungs[index]
        return chain.with_rung(index, replace(rung, due_at=now + what.again_after))
    return chain


def after_sms(desk: Desk, chain: Chain, index: int, what: Consequence, now: datetime) -> Chain:
    """Return the chain as the end of an SMS to its rung *index* leaves it."""
    if what.again_after is not None:
        rung = chain.rungs[index]
        chain = chain.with_rung(index, replace(rung, text_at=now + what.again_after))
    return ring_instead(desk, chain, index, now) if what.rings else chain
