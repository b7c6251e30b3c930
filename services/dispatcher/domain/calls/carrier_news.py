"""What the carrier says about attempts, in any order, twice, or never; and finding out what it kept."""

from dataclasses import replace
from datetime import datetime, timedelta

from schemas.dispatch import Fact
from schemas.level import Level
from services.dispatcher.domain.asks.chain import call_ended
from services.dispatcher.domain.asks.informing import queue_inform
from services.dispatcher.domain.calls.account_news import account_refused, account_took
from services.dispatcher.domain.calls.attempt import Attempt, Channel, Purpose, hinted, seen
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.calls.calling import end_at_carrier
from services.dispatcher.domain.calls.remedy import Remedies, Remedy
from services.dispatcher.domain.calls.remedying import (
    Consequence,
    after_call,
    after_sms,
    consequence,
    report,
    told_as,
)
from services.dispatcher.domain.commands import AskStatus, EndCall, Reconcile
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.inputs import (
    AttemptSeen,
    NotFound,
    RequestAnswered,
    RequestLost,
    RequestRefused,
)
from services.dispatcher.domain.ladder.broadcasting import PLAYED_WITHIN, tell_again
from services.dispatcher.domain.script import CODE_HERE

RECONCILE_PAUSES = tuple(timedelta(seconds=s) for s in (1, 2, 4, 8))
"""Pauses between looks at the carrier's list, which may lag; after the last the answer is final."""
LOOK_PAUSE = timedelta(seconds=15)
_MOST_LOOKS = 8
_MOST_LOOKS_AT_A_CALL = 20
"""
Of a carrier that answers none of them, so that a call is not given up for five minutes: longer than
all that we have to say, or the number would be rung while somebody is listening.
"""
TALK_LIMIT = timedelta(minutes=1)
"""After so long without a key a call that was taken is asked for: its end may not have been told."""
_NEWS_LATE = timedelta(seconds=5)
"""
How long after its ring time-out the carrier may tell that a call has ended, or was taken. Later than
that its word is late or lost, and until it is there nobody else is rung: the carrier is asked.
"""


def request_answered(desk: Desk, news: RequestAnswered, now: datetime) -> None:
    """The carrier took the request: whatever else was heard of it stays."""
    attempt = desk.attempts.get(news.attempt_id)
    if attempt is None or attempt.provider_id is not None:
        return
    _accepted(desk, attempt, news.provider_id, now)


def _accepted(desk: Desk, attempt: Attempt, provider_id: str, now: datetime) -> Attempt:
    attempt = seen(attempt, Progress.ACCEPTED, now, provider_id=provider_id)
    patience = {
        Channel.VOICE: desk.pack.policies.budget.ring_timeout + _NEWS_LATE,
        Channel.SMS: timedelta(minutes=2),
        Channel.LOUDSPEAKER: PLAYED_WITHIN,
    }[attempt.channel]
    attempt = replace(attempt, look_at=now + patience, looks=0)
    desk.put_attempt(attempt)
    desk.fact(Fact.ATTEMPT_ACCEPTED, attempt=attempt, detail={"provider_id": provider_id})
    account_took(desk, attempt)
    if attempt.withdrawn:
        end_at_carrier(desk, attempt)
    return attempt


def request_refused(desk: Desk, news: RequestRefused, now: datetime) -> None:
    """The carrier did not execute the request: the try is given back, or the number is given up."""
    attempt = desk.attempts.get(news.attempt_id)
    if attempt is None or attempt.progress > Progress.UNKNOWN:
        return
    outcome = Outcome.CANCELLED if attempt.withdrawn else Outcome.REFUSED
    _end(desk, attempt, outcome, now, code=news.code, counts=not news.retry, remedies=news.remedies)


def request_lost(desk: Desk, news: RequestLost, now: datetime) -> None:
    """Nobody knows whether it rings: the carrier is asked before anybody is rung again."""
    attempt = desk.attempts.get(news.attempt_id)
    if attempt is not None and attempt.progress is Progress.INTENDED:
        become_unknown(desk, attempt, now)


def become_unknown(desk: Desk, attempt: Attempt, now: datetime) -> None:
    """Mark *attempt* as one whose fate is not known, and begin to reconcile it."""
    attempt = replace(
        seen(attempt, Progress.UNKNOWN, now), look_at=now + RECONCILE_PAUSES[0], looks=0
    )
    desk.put_attempt(attempt)
    desk.accounts.not_known(attempt.account, attempt.attempt_id)
    desk.fact(Fact.ATTEMPT_UNKNOWN, attempt=attempt)


def attempt_seen(desk: Desk, news: AttemptSeen, now: datetime) -> None:
    """A status from a call-back, a fetch or a list. An older word never wins."""
    attempt = desk.attempts.get(news.attempt_id)
    if attempt is None:
        return
    if news.sequence is not None:
        desk.note_call_back(now)
    if attempt.provider_id not in {None, news.provider_id}:
        _end_second(desk, attempt, news)
        return
    if news.answered_by_machine:
        attempt = _machine_heard(desk, attempt)
    if news.progress <= attempt.progress and attempt.provider_id is not None:
        _still_lives(desk, attempt, news.progress)
        return
    if attempt.provider_id is None:
        attempt = _accepted(desk, attempt, news.provider_id, now)
    if news.progress is Progress.ENDED:
        counts = Remedy.RETRY_LATER not in news.remedies
        outcome = told_as(news.outcome or Outcome.FAILED, news.remedies)
        _end(desk, attempt, outcome, now, code=news.code, counts=counts, remedies=news.remedies)
    elif news.progress > attempt.progress:
        _moved(desk, attempt, news, now)


def _moved(desk: Desk, attempt: Attempt, news: AttemptSeen, now: datetime) -> None:
    moved = seen(attempt, news.progress, now, sequence=news.sequence)
    if Remedy.POLL_STATUS in news.remedies:
        moved = replace(moved, look_at=now)
    elif moved.progress is Progress.ANSWERED and moved.channel is Channel.VOICE:
        moved = replace(moved, look_at=now + TALK_LIMIT)
    desk.put_attempt(moved)
    desk.fact(Fact.ATTEMPT_CHANGED, attempt=moved, detail={"progress": moved.progress.name.lower()})
    report(desk, moved, news.code, news.remedies, now)
    if moved.withdrawn:
        end_at_carrier(desk, moved)  # it lives on: our request to end it did not get through


def _machine_heard(desk: Desk, attempt: Attempt) -> Attempt:
    """Note the carrier's hint once. It is wrong too often to confirm or refuse anything."""
    if attempt.machine:
        return attempt
    attempt = hinted(attempt)
    desk.put_attempt(attempt)
    desk.fact(Fact.ATTEMPT_CHANGED, attempt=attempt, detail={"machine": True})
    return attempt


def _still_lives(desk: Desk, attempt: Attempt, progress: Progress) -> None:
    """A call of which the carrier says that it goes on is not given up, however long that takes."""
    is_call = attempt.channel is Channel.VOICE
    if is_call and attempt.looks and attempt.is_live and progress is attempt.progress:
        desk.put_attempt(replace(attempt, looks=0))


def _end_second(desk: Desk, attempt: Attempt, news: AttemptSeen) -> None:
    """
    End a second call under our attempt while it rings: somebody would be rung twice.

    Its URL is ours, so it is our request that was carried out twice. Our attempt stays with the
    first; one that is answered is left alone, for its keys speak for the same attempt.
    """
    if attempt.channel is Channel.VOICE and news.progress < Progress.ANSWERED:
        desk.command(
            EndCall(attempt.attempt_id, news.provider_id, answered=False, account=attempt.account)
        )


def not_found(desk: Desk, news: NotFound, now: datetime) -> None:
    """The carrier never had it: the try is given back."""
    attempt = desk.attempts.get(news.attempt_id)
    if attempt is not None and attempt.progress is Progress.UNKNOWN:
        _end(desk, attempt, Outcome.NOT_PLACED, now, code=None, counts=False)


def look(desk: Desk, attempt: Attempt, now: datetime) -> None:
    """The last word about *attempt* is overdue: ask the carrier, or give it up."""
    if not attempt.is_live or attempt.look_at is None or attempt.look_at > now:
        return
    if attempt.progress is Progress.INTENDED:
        become_unknown(desk, attempt, now)
    elif attempt.channel is Channel.LOUDSPEAKER:
        if not tell_again(desk, attempt, now):
            _end(desk, attempt, Outcome.EXPIRED, now, code=None, counts=True)
    elif attempt.progress is Progress.UNKNOWN:
        _reconcile(desk, attempt, now)
    elif attempt.looks >= _most_looks(attempt) or attempt.provider_id is None:
        _end(desk, attempt, Outcome.EXPIRED, now, code=None, counts=True)
    else:
        desk.put_attempt(replace(attempt, looks=attempt.looks + 1, look_at=now + LOOK_PAUSE))
        voice = attempt.channel is Channel.VOICE
        desk.command(AskStatus(attempt.attempt_id, attempt.provider_id, voice, attempt.account))


def _most_looks(attempt: Attempt) -> int:
    return _MOST_LOOKS_AT_A_CALL if attempt.channel is Channel.VOICE else _MOST_LOOKS


def _reconcile(desk: Desk, attempt: Attempt, now: datetime) -> None:
    # While an ask is open the question is repeated until the carrier answers it: nobody knows
    # whether the phone rang, and a second ring is worse than a late one. Rungs open meanwhile.
    has_open = any(desk.chains[chain_id].is_open for chain_id in attempt.chains)
    is_call = attempt.channel is Channel.VOICE
    if attempt.looks >= _MOST_LOOKS and not (is_call and has_open):
        _end(desk, attempt, Outcome.EXPIRED, now, code=None, counts=True)
        return
    final = attempt.looks >= len(RECONCILE_PAUSES) - 1
    pause = RECONCILE_PAUSES[min(attempt.looks + 1, len(RECONCILE_PAUSES) - 1)]
    desk.put_attempt(replace(attempt, looks=attempt.looks + 1, look_at=now + pause))
    known = tuple(
        sorted(
            other.provider_id
            for other in desk.attempts_to(attempt.contact)
            if other.provider_id is not None
        )
    )
    desk.command(
        Reconcile(
            attempt.attempt_id,
            attempt.contact,
            is_call,
            attempt.intended_at,
            known,
            final,
            attempt.account,
            coded=not is_call and CODE_HERE in attempt.text,
        )
    )


def _end(
    desk: Desk,
    attempt: Attempt,
    outcome: Outcome,
    now: datetime,
    *,
    code: str | None,
    counts: bool,
    remedies: Remedies = (),
) -> None:
    ended = seen(attempt, Progress.ENDED, now, outcome=outcome, code=code)
    desk.put_attempt(ended)
    desk.fact(
        Fact.ATTEMPT_ENDED,
        attempt=ended,
        detail={
            "channel": ended.channel.value,
            "outcome": outcome.value,
            "code": ended.code,
            **({"remedies": [remedy.value for remedy in remedies]} if remedies else {}),
        },
    )
    report(desk, ended, code, remedies, now)
    # The carrier never had it, or would not take it from this account: the same is due at once.
    is_due_again = account_refused(desk, ended, code, remedies, now) or (
        outcome is Outcome.NOT_PLACED
    )
    if attempt.purpose is Purpose.INFORM:
        if is_due_again and attempt.channel is Channel.SMS:
            status = attempt.status
            queue_inform(desk, None, attempt.person, attempt.text, Level.I, now, status)
        return
    if is_due_again and not attempt.withdrawn:
        what = Consequence(counts=False, again_after=timedelta(0))
    else:
        what = consequence(desk, ended, outcome, remedies, now, counts=counts)
    _leave_chains(desk, ended, what, now)


def _leave_chains(desk: Desk, ended: Attempt, what: Consequence, now: datetime) -> None:
    """Leave the asks of the attempt that has *ended* as *what* wants it."""
    for chain_id in ended.chains:
        chain = desk.chains[chain_id]
        index = chain.rung_of(ended.person)
        if not chain.is_open or index is None:
            continue
        rung = chain.rungs[index]
        if ended.channel is Channel.VOICE and rung.live == ended.attempt_id:
            # A call into a dead network says nothing about the person.
            rang = what.counts and not (rung.cut_off and ended.outcome is not Outcome.COMPLETED)
            chain = call_ended(chain, index, now, counts=rang, machine=ended.machine)
            desk.put_chain(after_call(chain, index, what, ended.contact, now), now)
            desk.arm(now, "chain", chain_id)
        elif ended.channel is Channel.SMS:
            after = after_sms(desk, chain, index, what, now)
            if after is not chain:
                desk.put_chain(after, now)
    for chain in desk.open_chains_of(ended.person):
        for index, rung in enumerate(chain.rungs):
            if rung.person == ended.person and rung.due_at is not None and rung.due_at <= now:
                desk.queue.offer(chain.chain_id, index)
