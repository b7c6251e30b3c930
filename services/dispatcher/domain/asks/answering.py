"""
What a human did in a call, his or ours: keys and codes. Only what he did counts, never that a line
was open (invariant 7).
"""

from dataclasses import replace
from datetime import datetime

from schemas.cap import Status
from schemas.dispatch import Fact
from services.dispatcher.domain.asks.acknowledging import (
    confirm,
    need_support,
    pass_to_deputy,
    pending_for,
)
from services.dispatcher.domain.asks.callout import Callout
from services.dispatcher.domain.asks.chain import Ask, Chain, Strength
from services.dispatcher.domain.calls.attempt import Attempt, Channel, Purpose
from services.dispatcher.domain.calls.call_state import Progress
from services.dispatcher.domain.calls.carrier_news import LOOK_PAUSE, TALK_LIMIT
from services.dispatcher.domain.calls.inline import VOICE_OF
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.inputs import CalledBack, CallHeard, Heard
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
    if attempt.is_live and not attempt.inbound:
        attempt = replace(attempt, look_at=now + TALK_LIMIT)
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
    script = Script(awaited + 1, words, awaits, desk.words.to(attempt.person).voice)
    desk.put_attempt(replace(attempt, script=script))
    return script


def _listened(attempt: Attempt, now: datetime) -> float:
    since = attempt.answered_at or now
    return round((now - since).total_seconds(), 1)


def _reply(
    desk: Desk, attempt: Attempt, heard: Heard, now: datetime
) -> tuple[Attempt, tuple[str, ...], Await]:
    """Return the attempt after what was heard, the words that answer it, and what they wait for."""
    words = desk.words.to(attempt.person)
    pending = pending_for(desk, attempt)
    if not pending:
        ended = desk.chains[attempt.chains[0]] if attempt.chains else None
        about = desk.callouts[ended.callout_id] if ended is not None else None
        return attempt, (words.fixed(TextKey.VOICE_NOTHING_PENDING, about),), Await.NOTHING
    asks = _asked(desk, pending)
    first, post = asks[0]
    is_measures = pending[0].ask is Ask.MEASURES
    recorded = TextKey.VOICE_MEASURES_RECORDED if is_measures else TextKey.VOICE_RECORDED
    match heard:
        case Heard.ANSWERED:
            reply = (_message(desk, words, pending), Await.MENU_KEY)
        case Heard.CONFIRM if attempt.inbound or confirm(
            desk, attempt, pending, Strength.KEYED, now, _listened(attempt, now)
        ):
            # Caller ID is no proof of a person: who rings back gives the code at every level.
            reply = ((_code_text(words, first, post),), Await.CODE)
        case Heard.CONFIRM:
            reply = ((words.read_back(asks, now, recorded),), Await.NOTHING)
        case Heard.CODE_RIGHT:
            confirm(desk, attempt, pending, Strength.CODED, now, _listened(attempt, now))
            reply = ((words.read_back(asks, now, recorded),), Await.NOTHING)
        case Heard.CODE_WRONG:
            attempt = replace(attempt, code_tries=attempt.code_tries + 1)
            if attempt.code_tries >= desk.pack.policies.max_code_tries:
                reply = ((words.fixed(TextKey.VOICE_GOODBYE, first, post),), Await.NOTHING)
            else:
                wrong = words.fixed(TextKey.VOICE_WRONG_CODE, first, post)
                reply = ((wrong, _code_text(words, first, post, exercise="")), Await.CODE)
        case Heard.DEPUTY if is_measures:
            need_support(desk, attempt, pending, now)
            said = words.read_back(asks, now, TextKey.VOICE_MEASURES_OPEN)
            reply = ((said,), Await.NOTHING)
        case Heard.DEPUTY:
            pass_to_deputy(desk, attempt, pending, now)
            reply = ((words.fixed(TextKey.VOICE_DEPUTY, first, post),), Await.NOTHING)
        case _:
            return _say_again(desk, attempt, words, pending, heard)
    return attempt, *reply


def _asked(desk: Desk, chains: list[Chain]) -> list[Asked]:
    return [(desk.callouts[chain.callout_id], chain.post) for chain in chains]


def _say_again(
    desk: Desk, attempt: Attempt, words: Words, open_chains: list[Chain], heard: Heard
) -> tuple[Attempt, tuple[str, ...], Await]:
    # A wanted repeat is not counted; silence and wrong keys are, or a pocket would hold the line.
    unheard = 0 if heard is Heard.REPEAT else attempt.unheard + 1
    attempt = replace(attempt, unheard=unheard)
    first, post = _asked(desk, open_chains[:1])[0]
    # A machine has recorded the message once; the line is wanted for people.
    is_machine = attempt.machine and heard is Heard.NOTHING
    if is_machine or unheard > MOST_UNHEARD:
        return attempt, (words.fixed(TextKey.VOICE_GOODBYE, first, post),), Await.NOTHING
    if attempt.script is not None and attempt.script.awaits is Await.CODE:
        return attempt, (_code_text(words, first, post),), Await.CODE
    return attempt, _message(desk, words, open_chains), Await.MENU_KEY


def _message(desk: Desk, words: Words, open_chains: list[Chain]) -> tuple[str, ...]:
    asks = _asked(desk, open_chains)
    ask = open_chains[0].ask
    said = [words.message(asks, VOICE_OF.get(ask))]
    if any(callout.held for callout, _ in asks):
        said.append(words.fixed(TextKey.VOICE_HELD, *asks[0]))
    menu = TextKey.VOICE_MEASURES_MENU if ask is Ask.MEASURES else TextKey.VOICE_MENU
    return *said, words.fixed(menu, *asks[0])


def _code_text(words: Words, first: Callout, post: str, **values: str) -> str:
    return words.fixed(TextKey.VOICE_CODE, first, post, code=CODE_HERE, **values)


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
    if any(chain.status is Status.ACTUAL for chain in pending):
        pending = [chain for chain in pending if chain.status is Status.ACTUAL]
    # The keys of a measure ask mean something else: it is put only where nothing else is open.
    others = [chain for chain in pending if chain.ask is not Ask.MEASURES]
    pending = others or pending
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
        account=news.account,
        inbound=True,
    )
    desk.fact(Fact.CALLED_BACK, attempt=attempt, detail={"pending": len(pending)})
    desk.put_attempt(attempt)
    return call_heard(desk, CallHeard(news.attempt_id, 0, Heard.ANSWERED), now)
