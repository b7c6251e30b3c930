"""
What a human did: keys, codes, replies, calls back. Only what he did counts, never that a line was
open (invariant 7).
"""

from dataclasses import replace
from datetime import datetime

from schemas.dispatch import Fact
from services.dispatcher.domain.attempt import Attempt, Channel, Purpose
from services.dispatcher.domain.call_state import Progress
from services.dispatcher.domain.calling import withdraw_idle
from services.dispatcher.domain.carrier_news import LOOK_PAUSE
from services.dispatcher.domain.chain import Ask, Chain, ChainState, Strength, end, give_up
from services.dispatcher.domain.desk import Desk
from services.dispatcher.domain.informing import queue_inform
from services.dispatcher.domain.inputs import CalledBack, CallHeard, Heard, SmsAnswer, SmsReceived
from services.dispatcher.domain.responding import release
from services.dispatcher.domain.script import CODE_HERE, Await, Script
from services.dispatcher.domain.words import Asked, Words
from services.district.domain.templates import TextKey

MOST_UNHEARD = 2
"""How often the message is said again when nobody presses a key."""


def call_heard(desk: Desk, news: CallHeard, now: datetime) -> Script | None:
    """Record what was done in the call, and return what is said next; the same told twice is once."""
    attempt = desk.attempts.get(news.attempt_id)
    if attempt is None or attempt.channel is not Channel.VOICE:
        return None
    awaited = attempt.script.step if attempt.script is not None else 0
    if news.step != awaited or (attempt.script is not None and attempt.script.is_last):
        return attempt.script
    if attempt.progress < Progress.ANSWERED:
        attempt = replace(attempt, progress=Progress.ANSWERED, answered_at=now)
    attempt = replace(attempt, provider_id=attempt.provider_id or news.provider_id)
    if news.heard is not Heard.ANSWERED:
        desk.fact(
            Fact.KEY_PRESSED,
            attempt=attempt,
            detail={
                "heard": news.heard.value,
                "step": news.step,
                "listened_s": _listened(attempt, now),
            },
        )
    desk.put_attempt(attempt)
    attempt, words, awaits = _reply(desk, attempt, news.heard, now)
    script = Script(awaited + 1, words, awaits)
    desk.put_attempt(replace(attempt, script=script))
    return script


def _listened(attempt: Attempt, now: datetime) -> float:
    since = attempt.answered_at or now
    return round((now - since).total_seconds(), 1)


def _reply(
    desk: Desk, attempt: Attempt, heard: Heard, now: datetime
) -> tuple[Attempt, tuple[str, ...], Await]:
    """Return the attempt after what was heard, the words that answer it, and what they wait for."""
    words = desk.words
    pending = [desk.chains[key] for key in attempt.chains if desk.chains[key].is_open]
    pending.sort(key=lambda chain: (-chain.level, chain.opened_at, chain.chain_id))
    if not pending:
        return attempt, (words.fixed(TextKey.VOICE_NOTHING_PENDING),), Await.NOTHING
    first = desk.callouts[pending[0].callout_id]
    match heard:
        case Heard.ANSWERED:
            reply = (_message(desk, words, pending), Await.MENU_KEY)
        case Heard.CONFIRM if attempt.inbound or _confirm(
            desk, attempt, pending, Strength.KEYED, now
        ):
            # Caller ID is no proof of a person: who rings back gives the code at every level.
            reply = ((_code_text(words),), Await.CODE)
        case Heard.CONFIRM:
            reply = ((words.read_back(_asked(desk, pending), now),), Await.NOTHING)
        case Heard.CODE_RIGHT:
            _confirm(desk, attempt, pending, Strength.CODED, now)
            reply = ((words.read_back(_asked(desk, pending), now),), Await.NOTHING)
        case Heard.CODE_WRONG:
            attempt = replace(attempt, code_tries=attempt.code_tries + 1)
            if attempt.code_tries >= desk.pack.policies.max_code_tries:
                reply = ((words.fixed(TextKey.VOICE_GOODBYE),), Await.NOTHING)
            else:
                again = (words.fixed(TextKey.VOICE_WRONG_CODE), _code_text(words))
                reply = (again, Await.CODE)
        case Heard.DEPUTY:
            _pass_to_deputy(desk, attempt, pending, now)
            reply = ((words.fixed(TextKey.VOICE_DEPUTY, first),), Await.NOTHING)
        case _:
            return _say_again(desk, attempt, words, pending, heard)
    return attempt, *reply


def _say_again(
    desk: Desk, attempt: Attempt, words: Words, open_chains: list[Chain], heard: Heard
) -> tuple[Attempt, tuple[str, ...], Await]:
    # A wanted repeat is not counted; silence and wrong keys are, or a pocket would hold the line.
    unheard = 0 if heard is Heard.REPEAT else attempt.unheard + 1
    attempt = replace(attempt, unheard=unheard)
    if unheard > MOST_UNHEARD:
        return attempt, (words.fixed(TextKey.VOICE_GOODBYE),), Await.NOTHING
    if attempt.script is not None and attempt.script.awaits is Await.CODE:
        return attempt, (_code_text(words),), Await.CODE
    return attempt, _message(desk, words, open_chains), Await.MENU_KEY


def _message(desk: Desk, words: Words, open_chains: list[Chain]) -> tuple[str, ...]:
    asks = _asked(desk, open_chains)
    said = [words.message(asks)]
    if any(callout.held for callout, _ in asks):
        said.append(words.fixed(TextKey.VOICE_HELD))
    return *said, words.fixed(TextKey.VOICE_MENU)


def _asked(desk: Desk, chains: list[Chain]) -> list[Asked]:
    return [(desk.callouts[chain.callout_id], chain.post) for chain in chains]


def _code_text(words: Words) -> str:
    return words.fixed(TextKey.VOICE_CODE, code=CODE_HERE)


def _confirm(
    desk: Desk, attempt: Attempt, chains: list[Chain], strength: Strength, now: datetime
) -> bool:
    """Acknowledge each of *chains* that *strength* is enough for; True when some need more."""
    missing = False
    for chain in chains:
        release(desk, desk.callouts[chain.callout_id], chain.post, now)
        if chain.limits.coded and strength is Strength.KEYED:
            missing = True
        else:
            acknowledge(desk, chain, attempt, strength, now)
    return missing


def acknowledge(
    desk: Desk, chain: Chain, attempt: Attempt, strength: Strength, now: datetime
) -> None:
    """
    End *chain* acknowledged by the person of *attempt*, and stop whatever still rings for it.

    A deputy's word satisfies the post, not the holder: both stay on record (D.2.1.3).
    """
    index = chain.rung_of(attempt.person)
    confirmed = chain.rungs[index].kind.value if index is not None else None
    desk.put_chain(
        end(chain, ChainState.ACKNOWLEDGED, now, by=attempt.person, strength=strength), now
    )
    desk.fact(
        Fact.ACKNOWLEDGED,
        chain=chain,
        attempt=attempt,
        detail={
            "strength": strength.value,
            "channel": attempt.channel.value,
            "rung": confirmed,
            "late": now > chain.ack_by,
        },
    )
    desk.fact(Fact.CHAIN_ENDED, chain=chain, detail={"end": ChainState.ACKNOWLEDGED.value})
    callout = desk.callouts[chain.callout_id]
    if chain.ask is Ask.ORDER_RECEIVED and callout.order_id is not None:
        desk.effects.received.append((callout.callout_id, callout.order_id, chain.post))
    for rung in chain.rungs:
        withdraw_idle(desk, rung.person, keep=attempt.attempt_id)


def _pass_to_deputy(desk: Desk, attempt: Attempt, chains: list[Chain], now: datetime) -> None:
    for chain in chains:
        index = chain.rung_of(attempt.person)
        if index is not None:
            desk.put_chain(give_up(chain, index), now)
            desk.fact(Fact.CHAIN_ESCALATED, chain=chain, attempt=attempt, detail={"why": "key_2"})


def sms_received(desk: Desk, news: SmsReceived, now: datetime) -> None:
    """An SMS came from a contact of ours: "1" is keyed, the code of an SMS sent to him is coded."""
    if not desk.note_once(news.provider_id):
        return
    mine = [a for a in desk.attempts.values() if a.contact == news.contact and a.chains]
    desk.fact(
        Fact.SMS_RECEIVED,
        contact=news.contact,
        detail={"answer": news.answer.value, "provider_id": news.provider_id},
    )
    attempt = desk.attempts.get(news.attempt_id or "") or max(
        (a for a in mine if a.channel is Channel.SMS), key=lambda a: a.intended_at, default=None
    )
    if attempt is None or attempt.contact != news.contact or news.answer is SmsAnswer.OTHER:
        return
    strength = Strength.CODED if news.answer is SmsAnswer.CODE_RIGHT else Strength.KEYED
    carried = [desk.chains[key] for key in attempt.chains if desk.chains[key].is_open]
    if not carried:
        return
    _confirm(desk, attempt, carried, strength, now)
    if any(not desk.chains[chain.chain_id].is_open for chain in carried):
        callout = desk.callouts[carried[0].callout_id]
        text = desk.words.fixed(
            TextKey.SMS_RECORDED,
            callout,
            carried[0].post,
            time=desk.words.time_of_day(now),
        )
        queue_inform(desk, callout.callout_id, attempt.person, text, callout.level, now)


def called_back(desk: Desk, news: CalledBack, now: datetime) -> Script | None:
    """Somebody rang us: he hears what is pending for that number, and confirms with a code."""
    if news.attempt_id in desk.attempts:
        return desk.attempts[news.attempt_id].script
    person = next(
        (
            p
            for p in desk.pack.roster.people.values()
            if news.contact in {contact.contact_id for contact in p.contacts}
        ),
        None,
    )
    if person is None:
        return None
    pending = desk.open_chains_of(person.person_id)
    attempt = Attempt(
        attempt_id=news.attempt_id,
        channel=Channel.VOICE,
        purpose=Purpose.ASK,
        person=person.person_id,
        contact=news.contact,
        chains=tuple(chain.chain_id for chain in pending),
        intended_at=now,
        progress=Progress.ANSWERED,
        provider_id=news.provider_id,
        answered_at=now,
        # No call-back tells of the end of a call that came in, and while it counts as live nobody
        # is rung at this number: the carrier is asked.
        look_at=now + LOOK_PAUSE,
        inbound=True,
    )
    desk.fact(Fact.CALLED_BACK, attempt=attempt, detail={"pending": len(pending)})
    desk.put_attempt(attempt)
    return call_heard(desk, CallHeard(news.attempt_id, 0, Heard.ANSWERED), now)
