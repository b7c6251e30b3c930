"""Says how long the first round of a callout takes, from what is queued and what rings just now."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from schemas.dispatch import Fact
from services.dispatcher.domain.asks.callout import Callout
from services.dispatcher.domain.asks.chain import Chain
from services.dispatcher.domain.desk.desk import Desk
from services.district.domain.planner import Capacity, call_lengths, plan
from services.district.domain.templates import TextKey

_MOST_LOOKED_AT = 5000


def tell_plans(desk: Desk, now: datetime) -> None:
    """Tell the plan of each callout that has gained first calls, before any of them is made."""
    for callout_id in desk.take_unplanned():
        callout = desk.callouts[callout_id]
        if callout.is_open:
            _tell(desk, callout, now)


def _tell(desk: Desk, callout: Callout, now: datetime) -> None:
    mine, positions = _positions(desk, callout)
    if not mine:
        return
    ring_timeout = desk.pack.policies.budget.ring_timeout
    words = desk.words.message([(callout, mine[0].post)]) + desk.words.fixed(TextKey.VOICE_MENU)
    lengths = call_lengths(
        desk.pack.policies.expected, words, ring_timeout, coded=callout.limits.coded
    )
    capacities = list(_capacities(desk, positions[-1] + 1, lengths.mean, now))
    found = plan(positions, capacities, lengths)
    desk.fact(
        Fact.CALLOUT_PLANNED,
        callout=callout,
        detail={
            "calls": found.calls,
            "ahead": found.ahead,
            "call_s": round(found.lasts.total_seconds(), 1),
            "lines": sum(one.account.lines for one in capacities),
            "accounts": [one.account.name for one in capacities],
            "last_first_s": round(found.last_in.total_seconds(), 1),
            "over_s": round(found.over_in.total_seconds(), 1),
            "last_first_at": (now + found.last_in).isoformat(),
            "over_at": (now + found.over_in).isoformat(),
        },
    )


def _positions(desk: Desk, callout: Callout) -> tuple[list[Chain], Sequence[int]]:
    """
    Return the asks of *callout* that wait for a first call, and their places in the queue.

    A person is rung once for all his asks, in the place of the first. Where very many wait, all of
    them are taken to come first, because looking at each would keep those waiting who are next.
    """
    waiting = desk.queue.calls
    if waiting > _MOST_LOOKED_AT:
        opened = [chain for chain in desk.chains_of_callout(callout.callout_id) if chain.is_open]
        return opened, range(waiting - len(opened), waiting)
    people: set[str] = set()
    mine, positions = [], []
    for _, _, due_at, chain_id, index in desk.queue.in_order():
        chain = desk.chains[chain_id]
        rung = chain.rungs[index]
        if not chain.is_open or rung.due_at != due_at or rung.person in people:
            continue
        if chain.callout_id == callout.callout_id and rung.calls == 0:
            mine.append(chain)
            positions.append(len(people))
        people.add(rung.person)
    return mine, positions


def _capacities(desk: Desk, calls: int, lasts: timedelta, now: datetime) -> Iterable[Capacity]:
    """
    Yield the accounts that are up, or all where none is: one has to be up again some time.

    Where an account has lines for all *calls*, those that ring on the others are not looked at.
    """
    budget = desk.pack.policies.budget
    up = [one for one in budget.accounts if not desk.accounts.is_down(one.name, now)]
    for account in up or budget.accounts:
        if account.lines - desk.accounts.lines_used(account.name) >= calls:
            yield Capacity(account)
            continue
        ringing = (desk.attempts[key] for key in desk.accounts.calls_of(account.name))
        busy = tuple(max(timedelta(0), call.intended_at + lasts - now) for call in ringing)
        yield Capacity(account, busy)
