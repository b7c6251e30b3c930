"""
What must be known of a row that is not in memory: enough to find it, count it, and know when it is
due. A slip is stored with its row, and read at the start instead of it.
"""

from dataclasses import dataclass
from datetime import datetime

from schemas.level import Level
from services.dispatcher.domain.asks.chain import Chain, ChainState
from services.dispatcher.domain.calls.attempt import Attempt, Channel

NOBODY = ""
"""Stands for the persons of a chain that nobody on the roster can answer, and somebody is sent for."""


@dataclass(frozen=True, slots=True)
class ChainSlip:
    """
    A chain in short. *nth* is its place among those of its callout; *persons* are those on the
    rungs of one that is open, NOBODY where it has none.
    """

    callout_id: str
    nth: int
    level: Level
    state: ChainState
    opened_at: datetime
    persons: tuple[str, ...]
    wake_at: datetime | None
    """When it must next be looked at."""
    due: tuple[tuple[int, bool, datetime], ...]
    """The calls that wait for a start: rung, whether it is a repeat, since when."""
    has_text_due: bool


@dataclass(frozen=True, slots=True)
class AttemptSlip:
    """An attempt in short. *callouts* are those whose asks it carries."""

    contact: str
    callouts: tuple[str, ...]
    started: Channel | None
    """Which budget its start was taken from; None: it came in."""
    account: str
    parts: int
    """How many starts of its budget it took: an SMS takes one for each of its parts."""
    intended_at: datetime
    ended_at: datetime | None


def persons_of(chain: Chain) -> tuple[str, ...]:
    """Return under whom *chain* is found while it is open: the persons on its rungs."""
    if not chain.is_open:
        return ()
    return tuple(dict.fromkeys(rung.person for rung in chain.rungs)) or (NOBODY,)


def chain_slip(chain: Chain, nth: int, wake_at: datetime | None, now: datetime) -> ChainSlip:
    """Return the slip of *chain* as it is at *now*."""
    rungs = chain.rungs if chain.is_open else ()
    return ChainSlip(
        chain.callout_id,
        nth,
        chain.level,
        chain.state,
        chain.opened_at,
        persons_of(chain),
        wake_at,
        tuple(
            (index, rung.calls > 0, rung.due_at)
            for index, rung in enumerate(rungs)
            if rung.due_at is not None and rung.due_at <= now
        ),
        any(rung.text_at is not None and rung.text_at <= now for rung in rungs),
    )


def attempt_slip(attempt: Attempt, callouts: tuple[str, ...]) -> AttemptSlip:
    """Return the slip of *attempt*."""
    started = None if attempt.inbound else attempt.channel
    return AttemptSlip(
        attempt.contact,
        callouts,
        started,
        attempt.account,
        attempt.segments,
        attempt.intended_at,
        attempt.ended_at,
    )
