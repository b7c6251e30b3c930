"""
The frozen state of one escalation: one ask put to one post, climbing from the holder over his
deputies to the superior until somebody confirms or nobody is left.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from schemas.cap import Status
from schemas.level import Level
from services.dispatcher.domain.asks.rung import Rung, without
from services.district.domain.policy import Limits, ResortKind


class Ask(StrEnum):
    """The question put to a post."""

    CONFIRM = "confirm"
    ORDER_RECEIVED = "order_received"
    SECOND_CALL = "second_call"
    """再呼应: some time after the first, whether measures have really begun."""
    MEASURES = "measures"
    """Whether the measures are done; asked again until they are."""

    @property
    def is_first(self) -> bool:
        """Whether it is what a callout opens with; the others follow an acknowledgement."""
        return self in {Ask.CONFIRM, Ask.ORDER_RECEIVED}


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


@dataclass(frozen=True, slots=True)
class Chain:
    """
    The running escalation of one ask.

    *listed_at* is when it was put on the duty officer's list of those not woken: at the limit for
    acknowledging, though calls may go on. *need* persons must confirm (a quorum, else 1). *count*
    tells the repetitions of an ask apart.
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
    need: int = 1
    confirmed: tuple[str, ...] = ()
    """Who has confirmed so far; the last of them ends the chain."""
    count: int = 0
    handover_at: datetime | None = None
    """When the post's shift ends, and somebody else holds it."""
    resorts: tuple[ResortKind, ...] = ()
    """The ways past the phone that have been taken."""
    tasks_until: datetime | None = None
    """Until when people who were sent may still report."""
    needs_support: bool = False
    """The answer to a measure ask was that the measures are not done yet."""

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


def call_started(chain: Chain, index: int, attempt_id: str, now: datetime) -> Chain:
    """Return the chain with a call under way to its rung *index*."""
    rung = chain.rungs[index]
    chain = chain.with_rung(
        index,
        replace(
            rung,
            calls=rung.calls + 1,
            due_at=None,
            live=attempt_id,
            barred=False,
            machine=False,
        ),
    )
    return chain if chain.first_ring_at else replace(chain, first_ring_at=now)


def call_ended(
    chain: Chain, index: int, now: datetime, *, counts: bool = True, machine: bool = False
) -> Chain:
    """
    Return the chain after the call to its rung *index* ended without a confirmation.

    The pause runs from now, the end of that call. *counts* False: the carrier never rang, so the
    try is given back and may be made again at once. *machine* is the carrier's hint that no human
    took it: the next rung does not wait for its time then.
    """
    rung = chain.rungs[index]
    calls = rung.calls if counts else rung.calls - 1
    again = calls < chain.limits.attempts and not rung.given_up
    due_at = (now + chain.limits.repeat_gap if counts else now) if again else None
    return chain.with_rung(
        index, replace(rung, calls=calls, live=None, due_at=due_at, machine=machine)
    )


def give_up(chain: Chain, index: int) -> Chain:
    """Return the chain without further calls to its rung *index*; the next rung may open."""
    return chain.with_rung(index, replace(chain.rungs[index], given_up=True, due_at=None))


def drop_number(chain: Chain, index: int, contact: str, now: datetime) -> Chain:
    """Return the chain without *contact* in its rung *index*; what is left is due at once."""
    rung = without(chain.rungs[index], contact)
    return chain.with_rung(index, replace(rung, due_at=now if rung.voices else None))


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
        chain,
        state=state,
        ended_at=now,
        rungs=rungs,
        acknowledged_by=by,
        strength=strength,
        tasks_until=None,
    )
