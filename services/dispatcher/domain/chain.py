"""
The frozen state of one escalation: one ask put to one post, climbing from the holder over his
deputies to the superior until somebody confirms or nobody is left.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from schemas.cap import Status
from schemas.level import Level
from services.district.domain.policy import Limits


class Ask(StrEnum):
    """The question put to a post."""

    CONFIRM = "confirm"
    ORDER_RECEIVED = "order_received"


class ChainState(StrEnum):
    """OPEN has a live timer or a live call; the others are ends (invariant 5)."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    EXHAUSTED = "exhausted"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


class Strength(StrEnum):
    """How strongly a human confirmed. II and I need CODED or VOUCHED."""

    KEYED = "keyed"
    CODED = "coded"
    VOUCHED = "vouched"


class RungKind(StrEnum):
    """Whom a rung reaches: same post first, then one layer up."""

    HOLDER = "holder"
    DEPUTY = "deputy"
    SUPERIOR = "superior"


@dataclass(frozen=True, slots=True)
class Rung:
    """
    One person of a chain. *voice* and *sms* are contact ids, None where he has none or is not to
    be rung. *due_at* is when the next call may start; None while one is live, or when used up.
    """

    kind: RungKind
    person: str
    voice: str | None
    sms: str | None
    opened_at: datetime | None = None
    due_at: datetime | None = None
    calls: int = 0
    live: str | None = None
    text_at: datetime | None = None
    """When his SMS may go; None when it has gone."""
    given_up: bool = False
    """He asked for his deputy (key 2), or his number cannot be called at all."""

    def is_used_up(self, attempts: int) -> bool:
        """Whether no further call will be made to this person for this ask."""
        if self.opened_at is None or self.live is not None:
            return False
        return self.given_up or self.voice is None or self.calls >= attempts


@dataclass(frozen=True, slots=True)
class Chain:
    """
    The running escalation of one ask.

    *listed_at* is when it was put on the duty officer's list of those not woken: at the limit for
    acknowledging, though calls may go on.
    """

    chain_id: str
    callout_id: str
    status: Status
    post: str
    ask: Ask
    level: Level
    limits: Limits
    opened_at: datetime
    rungs: tuple[Rung, ...]
    state: ChainState = ChainState.OPEN
    first_ring_at: datetime | None = None
    reminded_at: datetime | None = None
    listed_at: datetime | None = None
    ended_at: datetime | None = None
    acknowledged_by: str | None = None
    strength: Strength | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody is still to be reached."""
        return self.state is ChainState.OPEN

    @property
    def ack_by(self) -> datetime:
        """The limit for acknowledging."""
        return self.opened_at + self.limits.ack_limit

    def rung_of(self, person: str) -> int | None:
        """Return the index of the opened rung of *person*, or None."""
        for index, rung in enumerate(self.rungs):
            if rung.person == person and rung.opened_at is not None:
                return index
        return None

    def with_rung(self, index: int, rung: Rung) -> "Chain":
        """Return the chain with its rung *index* replaced."""
        return replace(self, rungs=(*self.rungs[:index], rung, *self.rungs[index + 1 :]))


def opens_at(chain: Chain, index: int, now: datetime) -> datetime | None:
    """
    Return when the rung *index* opens, or None while that depends on a call not yet ended.

    *deputy_at* and *superior_at* run from the first ring. A rung also opens as soon as all before
    it are used up: nobody waits for a clock when there is nobody left to wait for.
    """
    before = chain.rungs[:index]
    if all(rung.is_used_up(chain.limits.attempts) for rung in before):
        return now
    if any(rung.opened_at is None for rung in before):
        return None
    kind = chain.rungs[index].kind
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
        chain = chain.with_rung(
            index,
            replace(
                rung,
                opened_at=now,
                due_at=now if rung.voice is not None else None,
                text_at=now if rung.sms is not None else None,
            ),
        )
    return chain


def is_spent(chain: Chain, now: datetime) -> bool:
    """Whether nobody is left to call and the time to answer is over: the chain is exhausted."""
    return now >= chain.ack_by and all(
        rung.is_used_up(chain.limits.attempts) for rung in chain.rungs
    )


def call_started(chain: Chain, index: int, attempt_id: str, now: datetime) -> Chain:
    """Return the chain with a call under way to its rung *index*."""
    rung = chain.rungs[index]
    chain = chain.with_rung(
        index, replace(rung, calls=rung.calls + 1, due_at=None, live=attempt_id)
    )
    return chain if chain.first_ring_at else replace(chain, first_ring_at=now)


def call_ended(chain: Chain, index: int, now: datetime, *, counts: bool = True) -> Chain:
    """
    Return the chain after the call to its rung *index* ended without a confirmation.

    The pause runs from now, the end of that call. *counts* False: the carrier never rang, so the
    try is given back and may be made again at once.
    """
    rung = chain.rungs[index]
    calls = rung.calls if counts else rung.calls - 1
    again = calls < chain.limits.attempts and not rung.given_up
    due_at = (now + chain.limits.repeat_gap if counts else now) if again else None
    return chain.with_rung(index, replace(rung, calls=calls, live=None, due_at=due_at))


def give_up(chain: Chain, index: int) -> Chain:
    """Return the chain without further calls to its rung *index*; the next rung may open."""
    return chain.with_rung(index, replace(chain.rungs[index], given_up=True, due_at=None))


def end(
    chain: Chain,
    state: ChainState,
    now: datetime,
    *,
    by: str | None = None,
    strength: Strength | None = None,
) -> Chain:
    """Return the chain at its end; nothing of it is due any more."""
    rungs = tuple(replace(rung, due_at=None, live=None, text_at=None) for rung in chain.rungs)
    return replace(
        chain, state=state, ended_at=now, rungs=rungs, acknowledged_by=by, strength=strength
    )


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
    return min(times, default=None)
