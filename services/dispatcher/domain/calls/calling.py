"""
Who is rung and written to next, and what rings for nothing any more.

The highest level goes first, first calls before repeats, then who waits longest. A person in
several callouts gets one call that carries all their asks.

Nobody starves for it, though the order is strict: an ask has a number of calls and no more, and so
has everything open that goes before it. Its call starts at the latest when so many permitted starts
have been used, and no permitted start is left unused while it waits.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from schemas.cap import Status
from schemas.dispatch import Fact
from services.dispatcher.domain.asks.chain import Ask, Chain, call_started
from services.dispatcher.domain.asks.rung import Rung
from services.dispatcher.domain.calls.attempt import Attempt, Channel, Purpose
from services.dispatcher.domain.calls.call_state import Progress
from services.dispatcher.domain.calls.inline import inline_script
from services.dispatcher.domain.calls.remedying import ring_instead
from services.dispatcher.domain.commands import CancelMessage, EndCall, PlaceCall, SendMessage
from services.dispatcher.domain.desk.desk import Desk
from services.district.domain.policy import MAIN
from services.district.domain.templates import TextKey

ANSWER_WITHIN = timedelta(seconds=20)
"""How long the carrier's answer to a request may take before its fate counts as unknown."""
SMS_LOOK_AFTER = timedelta(minutes=2)
_MOST_INFORMS_IN_ONE = 3
_SMS_OF = {Ask.SECOND_CALL: TextKey.SMS_SECOND_CALL, Ask.MEASURES: TextKey.SMS_MEASURES}


def start_permitted(desk: Desk, now: datetime) -> None:
    """Start every call and SMS that is permitted at *now*."""
    join_ringing(desk, now)
    while desk.accounts.for_call(now) is not None:
        waiting = desk.queue.next_call()
        if waiting is None:
            break
        _, _, due_at, chain_id, index = waiting
        chain = desk.chains[chain_id]
        rung = chain.rungs[index]
        if not chain.is_open or rung.due_at != due_at or rung.voice is None:
            continue  # answered, ended, or already carried by another call
        if rung.cut_off:
            continue  # offered again when calls reach him
        if desk.live_voice_of(rung.person, rung.voice) is not None:
            _join_or_queue(desk, chain, index, now)
        else:
            _ring_or_hold(desk, chain, index, now)
    _write_permitted(desk, now)


def _write_permitted(desk: Desk, now: datetime) -> None:
    while desk.accounts.for_sms(now) is not None:
        key = desk.queue.next_text()
        if key is None:
            break
        if key in desk.informs:
            _send_informs(desk, key, now)
        elif key in desk.chains and desk.chains[key].is_open:
            _send_asks(desk, desk.chains[key], now)


def _ring_or_hold(desk: Desk, chain: Chain, index: int, now: datetime) -> None:
    """
    Ring the person of the rung *index* at the first of his numbers that may be rung.

    Where none may be for more than a moment, that is told, and the next rung opens at once.
    """
    rung = chain.rungs[index]
    first = rung.calls % len(rung.voices)
    holds = []
    for voice in (*rung.voices[first:], *rung.voices[:first]):
        hold = desk.callees.hold(voice, chain.level, now)
        if hold is None:
            _ring(desk, chain, rung.person, voice, now)
            return
        holds.append(hold)
    hold = min(holds, key=lambda one: one.until)
    if hold.is_short or rung.barred:
        # A timer of its own: the chain's is set anew by whatever else is done for it, such as its SMS.
        desk.arm(hold.until, "held", chain.chain_id)
        return
    barred = replace(rung, barred=True, due_at=hold.until)
    desk.put_chain(chain.with_rung(index, barred), now)
    desk.fact(
        Fact.CALL_HELD_BACK,
        chain=chain,
        person=rung.person,
        detail={
            "rung": rung.kind.value,
            "reason": hold.reason.value,
            "until": hold.until.isoformat(),
        },
    )
    desk.arm(now, "chain", chain.chain_id)


def join_ringing(desk: Desk, now: datetime) -> None:
    """Let every ask that has just fallen due join a call that rings already, or queue."""
    for chain_id, index in desk.queue.take_offered():
        _join_or_queue(desk, desk.chains[chain_id], index, now)


def _join_or_queue(desk: Desk, chain: Chain, index: int, now: datetime) -> None:
    """
    Let a due call join the one that waits or rings for the same number, or queue for a start.

    A call that was answered already is not joined: its words would not be heard. The end of that
    call offers this one again.
    """
    rung = chain.rungs[index]
    if not chain.is_open or rung.due_at is None or rung.voice is None or rung.cut_off:
        return
    live = desk.live_voice_of(rung.person, rung.voice)
    if live is None:
        desk.queue.queue_call(
            chain.level, chain.chain_id, index, rung.due_at, repeat=rung.calls > 0
        )
    elif (attempt := desk.attempts[live]).can_be_joined and _fits(desk, chain, attempt.chains):
        desk.put_attempt(replace(attempt, chains=(*attempt.chains, chain.chain_id)))
        desk.put_chain(call_started(chain, index, live, now), now)
        desk.fact(Fact.ATTEMPT_JOINED, chain=chain, attempt=attempt)


def _fits(desk: Desk, chain: Chain, carried: tuple[str, ...]) -> bool:
    """
    Whether *chain* may be put in the call or SMS that carries *carried*: the key that says "done" to
    a measure ask must not say "received" to another, and an exercise stands in none with the
    real thing.
    """
    others = [desk.chains[key] for key in carried]
    return all(
        other.status is chain.status and (other.ask is Ask.MEASURES) is (chain.ask is Ask.MEASURES)
        for other in others
    )


def _ring(desk: Desk, first: Chain, person: str, contact: str, now: datetime) -> None:
    """Write down the intent to ring *contact* for *first* and what else is due of *person*, or soon."""
    soon = now + desk.pack.policies.join_within
    carried = [
        (chain, index)
        for chain in desk.open_chains_of(person)
        if (index := chain.rung_of(person)) is not None
        and (due_at := chain.rungs[index].due_at) is not None
        and due_at <= soon
        and _fits(desk, chain, (first.chain_id,))
    ]
    attempt = Attempt(
        attempt_id=desk.new_id("a"),
        channel=Channel.VOICE,
        purpose=Purpose.ASK,
        person=person,
        contact=contact,
        chains=tuple(chain.chain_id for chain, _ in carried),
        intended_at=now,
        look_at=now + ANSWER_WITHIN,
        account=desk.accounts.for_call(now, contact) or MAIN,
        words_went_along=not desk.capabilities.call_backs,
    )
    desk.accounts.use(attempt.account, attempt.attempt_id, now, voice=True)
    desk.remember_call(contact, now)
    desk.put_attempt(attempt)
    for chain, index in carried:
        rung = chain.rungs[index]
        desk.put_chain(call_started(chain, index, attempt.attempt_id, now), now)
        desk.fact(
            Fact.ATTEMPT_INTENDED,
            chain=chain,
            attempt=attempt,
            detail={
                "channel": Channel.VOICE.value,
                "rung": rung.kind.value,
                "call": rung.calls + 1,
            },
        )
    ring_timeout = desk.pack.policies.budget.ring_timeout
    script = inline_script(desk, person, [chain for chain, _ in carried])
    desk.command(PlaceCall(attempt.attempt_id, contact, ring_timeout, attempt.account, script))


def _send_asks(desk: Desk, first: Chain, now: datetime) -> None:
    waiting = [rung for rung in first.rungs if _may_be_sent(desk, rung, now)]
    if waiting and waiting[0].sms is not None:
        _send_ask(desk, first, waiting[0].person, waiting[0].sms, now)
    if len(waiting) > 1:
        desk.queue.queue_text(first.level, first.opened_at, first.chain_id)


def _may_be_sent(desk: Desk, rung: Rung, now: datetime) -> bool:
    is_due = rung.text_at is not None and rung.text_at <= now
    return is_due and not desk.is_dead(rung.place, Channel.SMS)


def _send_ask(desk: Desk, first: Chain, person: str, contact: str, now: datetime) -> None:
    due = [
        (chain, index)
        for chain in desk.open_chains_of(person)
        if (index := chain.rung_of(person)) is not None
        and _may_be_sent(desk, chain.rungs[index], now)
        and _fits(desk, chain, (first.chain_id,))
    ]
    if not desk.may_text(contact):
        for chain, index in due:
            unsent = chain.with_rung(index, replace(chain.rungs[index], text_at=None))
            desk.put_chain(ring_instead(desk, unsent, index, now), now)
            desk.arm(now, "chain", chain.chain_id)
        return
    asks = [(desk.callouts[chain.callout_id], chain.post) for chain, _ in due]
    coded = any(chain.limits.coded for chain, _ in due)
    text = desk.words.to(person).sms(asks, coded=coded, key=_SMS_OF.get(due[0][0].ask))
    attempt = _sms(desk, person, contact, text, now, tuple(chain.chain_id for chain, _ in due))
    for chain, index in due:
        rung = replace(chain.rungs[index], text_at=None)
        desk.put_chain(chain.with_rung(index, rung), now)
        desk.fact(
            Fact.ATTEMPT_INTENDED,
            chain=chain,
            attempt=attempt,
            detail={
                "channel": Channel.SMS.value,
                "rung": rung.kind.value,
                "segments": attempt.segments,
            },
        )


def _send_informs(desk: Desk, key: str, now: datetime) -> None:
    first = desk.informs[key]
    if not desk.may_text(first.contact):
        desk.drop_inform(key)
        return
    mine = [waiting for waiting in desk.informs_to(first.person) if waiting.status is first.status][
        :_MOST_INFORMS_IN_ONE
    ]
    text = "".join(dict.fromkeys(waiting.text for waiting in mine))
    attempt = _sms(desk, first.person, first.contact, text, now, (), first.status)
    for waiting in mine:
        desk.drop_inform(waiting.inform_id)
        desk.fact(
            Fact.ATTEMPT_INTENDED,
            attempt=attempt,
            callout=desk.callouts.get(waiting.callout_id or ""),
            detail={
                "channel": Channel.SMS.value,
                "purpose": Purpose.INFORM.value,
                "segments": attempt.segments,
            },
        )


def _sms(
    desk: Desk,
    person: str,
    contact: str,
    text: str,
    now: datetime,
    chains: tuple[str, ...],
    status: Status = Status.ACTUAL,
) -> Attempt:
    attempt = Attempt(
        attempt_id=desk.new_id("s"),
        channel=Channel.SMS,
        purpose=Purpose.ASK if chains else Purpose.INFORM,
        person=person,
        contact=contact,
        chains=chains,
        intended_at=now,
        look_at=now + ANSWER_WITHIN,
        text=text,
        status=status,
        account=desk.accounts.for_sms(now, contact) or MAIN,
    )
    desk.accounts.use(attempt.account, attempt.attempt_id, now, voice=False, count=attempt.segments)
    desk.put_attempt(attempt)
    limits = [desk.chains[chain_id].limits.ack_limit for chain_id in chains]
    valid_for = max(limits, default=timedelta(hours=1))
    desk.command(SendMessage(attempt.attempt_id, contact, text, valid_for, attempt.account))
    return attempt


def withdraw_idle(desk: Desk, person: str, keep: str | None = None) -> None:
    """Withdraw what still rings or waits for *person* without an open ask; not the attempt *keep*."""
    for attempt in desk.live_attempts_of(person):
        has_open = any(desk.chains[chain_id].is_open for chain_id in attempt.chains)
        if attempt.purpose is Purpose.INFORM or has_open or attempt.withdrawn:
            continue
        if attempt.attempt_id == keep:
            continue
        if attempt.script is not None and attempt.script.is_last:
            continue  # it is saying "recorded" and hangs up by itself
        desk.fact(Fact.ATTEMPT_WITHDRAWN, attempt=attempt)
        desk.put_attempt(replace(attempt, withdrawn=True))
        end_at_carrier(desk, attempt)


def end_at_carrier(desk: Desk, attempt: Attempt) -> None:
    """Ask the carrier to end *attempt*; without its id yet, its answer will bring that about."""
    if attempt.provider_id is None:
        return
    if attempt.channel is Channel.VOICE:
        answered = attempt.progress >= Progress.ANSWERED
        desk.command(EndCall(attempt.attempt_id, attempt.provider_id, answered, attempt.account))
    elif attempt.progress <= Progress.ACCEPTED:
        desk.command(CancelMessage(attempt.attempt_id, attempt.provider_id, attempt.account))
