"""
When a chain climbs: which rung opens at which instant, when a chain is spent, and when it must be
looked at next.
"""

from datetime import datetime

from services.dispatcher.domain.asks.chain import Chain
from services.dispatcher.domain.asks.rung import Rung, RungKind, is_passed_over, opened
from services.district.domain.policy import Resort


def opens_at(chain: Chain, index: int, now: datetime) -> datetime | None:
    """
    Return when the rung *index* opens, or None while that depends on a call not yet ended.

    *deputy_at* and *superior_at* run from the first ring. A rung also opens as soon as all before
    it are used up: nobody waits for a clock when there is nobody left to wait for. Those who hold a
    post together are rung together.
    """
    before = chain.rungs[:index]
    kind = chain.rungs[index].kind
    if kind is RungKind.HOLDER:
        return now
    if all(is_passed_over(rung, chain.limits.attempts) for rung in before):
        return now
    if any(rung.opened_at is None for rung in before):
        return None
    delay = chain.limits.deputy_at if kind is RungKind.DEPUTY else chain.limits.superior_at
    if kind is RungKind.DEPUTY and before[-1].kind is RungKind.DEPUTY:
        delay = None  # a second deputy follows the first, not the clock
    if delay is None or chain.first_ring_at is None:
        return None
    return chain.first_ring_at + delay


def climb(chain: Chain, now: datetime) -> Chain:
    """Return the chain with every rung opened that is due at *now*; each is due for call and SMS."""
    for index, rung in enumerate(chain.rungs):
        if rung.opened_at is not None:
            continue
        at = opens_at(chain, index, now)
        if at is None or at > now:
            break
        chain = chain.with_rung(index, opened(rung, now))
    return chain


def resort_at(chain: Chain, resort: Resort, now: datetime) -> datetime:
    """
    Return when *resort* is taken: at its time, or at once where no phone reaches anybody who is
    left. A dead network is not worth waiting out.
    """
    left = [rung for rung in chain.rungs if not rung.is_used_up(chain.limits.attempts)]
    return now if left and all(rung.cut_off for rung in left) else chain.opened_at + resort.at


def is_spent(chain: Chain, now: datetime) -> bool:
    """Whether nobody is left to call or sent, and the time to answer is over: it is exhausted."""
    return (
        now >= chain.ack_by
        and all(resort.kind in chain.resorts for resort in chain.limits.resorts)
        and (chain.tasks_until is None or now >= chain.tasks_until)
        and all(_is_over(rung, chain.limits.attempts) for rung in chain.rungs)
    )


def _is_over(rung: Rung, attempts: int) -> bool:
    # A call that still rings into a dead network may be taken where it is not dead after all.
    return rung.live is None and (rung.cut_off or rung.barred or rung.is_used_up(attempts))


def next_wake(chain: Chain, now: datetime) -> datetime | None:
    """
    Return the next instant at which the chain must be looked at, or None when it has ended.

    There is always one while it is open, unless a call is live: then the call's own deadline is.
    """
    if not chain.is_open:
        return None
    times = [
        at
        for rung in chain.rungs
        for at in (rung.due_at, rung.text_at)
        if at is not None and at > now
    ]
    for index, rung in enumerate(chain.rungs):
        if rung.opened_at is None:
            at = opens_at(chain, index, now)
            if at is not None:
                times.append(at)
            break
    if chain.listed_at is None:
        times.append(chain.ack_by)
    if chain.limits.reminder_at is not None and chain.reminded_at is None:
        times.append(chain.opened_at + chain.limits.reminder_at)
    times += [
        resort_at(chain, resort, now)
        for resort in chain.limits.resorts
        if resort.kind not in chain.resorts
    ]
    times += [at for at in (chain.handover_at, chain.tasks_until) if at is not None]
    return min(times, default=None)
