"""What an acknowledgement does: it ends the ask, or counts towards a quorum, and stops what rings."""

from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue

from schemas.dispatch import Fact
from services.dispatcher.domain.asks.chain import Ask, Chain, ChainState, Strength, end, give_up
from services.dispatcher.domain.asks.listing import tell_on_duty
from services.dispatcher.domain.asks.responding import release
from services.dispatcher.domain.calls.attempt import Attempt
from services.dispatcher.domain.calls.call_state import Progress
from services.dispatcher.domain.calls.calling import withdraw_idle
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.ladder.tasks import withdraw_tasks
from services.district.domain.templates import TextKey


@dataclass(frozen=True, slots=True)
class Confirmation:
    """
    That *person* confirmed, how strongly, and through what. *attempt* is the call or SMS it came
    by; None where a named user recorded it, who stands in *told* with when it was heard.
    """

    person: str
    strength: Strength
    channel: str
    attempt: Attempt | None = None
    told: tuple[tuple[str, str], ...] = ()
    listened_s: float | None = None


def acknowledge(desk: Desk, chain: Chain, said: Confirmation, now: datetime) -> None:
    """
    Take *said* as an acknowledgement of *chain*, and stop whatever still rings for it.

    A deputy's word satisfies the post, not the holder: both stay on record (D.2.1.3). Where several
    must confirm, the last of them ends the chain, and the others are not rung again meanwhile.
    """
    if said.person in chain.confirmed:
        return
    confirmed = (*chain.confirmed, said.person)
    chain = replace(chain, confirmed=confirmed)
    is_enough = len(confirmed) >= chain.need
    _record(desk, chain, said, now, is_enough=is_enough)
    if not is_enough:
        index = chain.rung_of(said.person)
        desk.put_chain(chain if index is None else give_up(chain, index), now)
        withdraw_idle(desk, said.person, keep=_key(said))
        return
    desk.put_chain(
        end(chain, ChainState.ACKNOWLEDGED, now, by=said.person, strength=said.strength), now
    )
    desk.fact(Fact.CHAIN_ENDED, chain=chain, detail={"end": ChainState.ACKNOWLEDGED.value})
    if chain.ask is Ask.MEASURES:
        done = {"done": not chain.needs_support}
        desk.fact(Fact.MEASURES_REPORTED, chain=chain, person=said.person, detail={**done})
    callout = desk.callouts[chain.callout_id]
    if chain.ask is Ask.ORDER_RECEIVED and callout.order_id is not None:
        desk.effects.received.append((callout.callout_id, callout.order_id, chain.post))
    for rung in chain.rungs:
        withdraw_idle(desk, rung.person, keep=_key(said))
    withdraw_tasks(desk, chain, now)


def pending_for(desk: Desk, attempt: Attempt) -> list[Chain]:
    """Return the asks of *attempt* that still wait for its person, the highest level first."""
    carried = (desk.chains[key] for key in attempt.chains)
    pending = [one for one in carried if one.is_open and attempt.person not in one.confirmed]
    return sorted(pending, key=lambda chain: (-chain.level, chain.opened_at, chain.chain_id))


def confirm(
    desk: Desk,
    attempt: Attempt,
    chains: list[Chain],
    strength: Strength,
    now: datetime,
    listened_s: float | None = None,
) -> bool:
    """Acknowledge each of *chains* that *strength* is enough for; True when some need more."""
    missing = False
    said = Confirmation(
        attempt.person, strength, attempt.channel.value, attempt, listened_s=listened_s
    )
    for chain in chains:
        release(desk, desk.callouts[chain.callout_id], chain.post, now)
        if chain.limits.coded and strength is Strength.KEYED:
            missing = True
        else:
            acknowledge(desk, chain, said, now)
    return missing


def need_support(desk: Desk, attempt: Attempt, chains: list[Chain], now: datetime) -> None:
    """Take the answer to measure asks that the measures are not done: who is on duty is told."""
    said = Confirmation(attempt.person, Strength.KEYED, attempt.channel.value, attempt)
    for chain in chains:
        acknowledge(desk, replace(chain, needs_support=True), said, now)
        tell_on_duty(desk, chain, TextKey.SMS_SUPPORT, now)


def pass_to_deputy(desk: Desk, attempt: Attempt, chains: list[Chain], now: datetime) -> None:
    """Take his word that he cannot act: he is not rung again, and whoever comes next is."""
    for chain in chains:
        index = chain.rung_of(attempt.person)
        if index is not None:
            desk.put_chain(give_up(chain, index), now)
            desk.fact(Fact.CHAIN_ESCALATED, chain=chain, attempt=attempt, detail={"why": "key_2"})


def _key(said: Confirmation) -> str | None:
    """Return the call that says what was recorded, and hangs up by itself; others are ended."""
    attempt = said.attempt
    if attempt is None or attempt.words_went_along or attempt.progress is Progress.INTENDED:
        return None  # a text that has not left is not the one that was answered
    return attempt.attempt_id


def _record(
    desk: Desk, chain: Chain, said: Confirmation, now: datetime, *, is_enough: bool
) -> None:
    index = chain.rung_of(said.person)
    detail: dict[str, JsonValue] = {
        "strength": said.strength.value,
        "channel": said.channel,
        "rung": chain.rungs[index].kind.value if index is not None else None,
        "late": now > chain.ack_by,
        "listened_s": said.listened_s,
        **dict(said.told),
    }
    if chain.need > 1:
        detail |= {"confirmed": len(chain.confirmed), "need": chain.need}
    fact = Fact.ACKNOWLEDGED if is_enough else Fact.CONFIRMED_IN_PART
    if said.attempt is not None:
        desk.fact(fact, chain=chain, attempt=said.attempt, detail=detail)
    else:
        desk.fact(fact, chain=chain, person=said.person, detail=detail)
