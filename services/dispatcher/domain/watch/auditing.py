"""
A watch on the dispatcher itself: it looks at what should have happened by now and has not.

It judges by effects, not by the timers and queues that bring them about, so that a timer that was
lost is found by what it left undone. What is found is put right where it can be, recorded, and told
to who is on duty.
"""

from collections import Counter
from datetime import datetime, timedelta
from enum import StrEnum

from schemas.dispatch import Fact
from services.dispatcher.domain.asks.chain import Chain
from services.dispatcher.domain.asks.climbing import next_wake, opens_at
from services.dispatcher.domain.calls.attempt import Attempt, Channel
from services.dispatcher.domain.calls.call_state import Progress
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.watch.trouble import WARN_EVERY, tell_trouble
from services.district.domain.templates import TextKey

AUDIT_EVERY = timedelta(seconds=30)
GRACE = timedelta(seconds=60)
"""How late a thing may be before it counts as forgotten; nothing of ours takes so long by itself."""
SILENT_AFTER = timedelta(seconds=90)
"""How long accepted calls may go without any call-back; the carrier's own limit for one is 15 s."""
_MOST_AT_ONCE = 5_000
"""Chains an audit looks at: a tenth of a second's work. More than that come in turn."""
_MANY = 3
"""One call without a call-back is that call's misfortune; three are the carrier's."""


class Neglect(StrEnum):
    """What the audit can find."""

    FORGOTTEN = "forgotten"
    """A chain is open, and nothing that was due for it has happened, or ever will."""
    STARVED = "starved"
    """A call or SMS has been due for longer than its limit, and no start was left for it."""
    NO_CALL_BACKS = "no_call_backs"
    """The carrier takes calls and tells us nothing of them."""


_TOLD = {
    Neglect.FORGOTTEN: TextKey.TROUBLE_FORGOTTEN,
    Neglect.STARVED: TextKey.TROUBLE_STARVED,
    Neglect.NO_CALL_BACKS: TextKey.TROUBLE_NO_CALL_BACKS,
}


def audit(desk: Desk, now: datetime) -> None:
    """Look at everything that is open, mend what was forgotten, and tell what was found."""
    found: Counter[Neglect] = Counter()
    for chain in desk.next_to_audit(_MOST_AT_ONCE):
        neglect = neglect_of(desk, chain, now)
        if neglect is None:
            continue
        found[neglect] += 1
        if desk.may_warn(f"{neglect}/{chain.chain_id}", now, WARN_EVERY):
            desk.fact(Fact.CHAIN_NEGLECTED, chain=chain, detail={"reason": neglect.value})
        if neglect is Neglect.FORGOTTEN:
            desk.arm(now, "chain", chain.chain_id)
    if _is_silent(desk, now):
        found[Neglect.NO_CALL_BACKS] += 1
        if desk.may_warn(Neglect.NO_CALL_BACKS, now, WARN_EVERY):
            desk.fact(Fact.CARRIER_SILENT, detail={"calls": len(desk.live_call)})
    for neglect, count in sorted(found.items()):
        if desk.may_warn(f"told/{neglect}", now, WARN_EVERY):
            tell_trouble(desk, _TOLD[neglect], now, count=str(count))


def neglect_of(desk: Desk, chain: Chain, now: datetime) -> Neglect | None:
    """Return what has been neglected about the open *chain* at *now*, or None."""
    late = now - GRACE
    waits = any(rung.live is not None for rung in chain.rungs)
    if next_wake(chain, late) is None and not waits and not _is_due(chain, now):
        return Neglect.FORGOTTEN
    should_be_over = [
        chain.ack_by if chain.listed_at is None else None,
        chain.handover_at,
        chain.tasks_until,
        *(opens_at(chain, index, late) for index in _unopened(chain)[:1]),
    ]
    if any(at is not None and at < late for at in should_be_over):
        return Neglect.FORGOTTEN
    return Neglect.STARVED if _is_starved(desk, chain, now) else None


def _unopened(chain: Chain) -> list[int]:
    return [index for index, rung in enumerate(chain.rungs) if rung.opened_at is None]


def _is_due(chain: Chain, now: datetime) -> bool:
    return any(
        at is not None and at <= now for rung in chain.rungs for at in (rung.due_at, rung.text_at)
    )


def _is_starved(desk: Desk, chain: Chain, now: datetime) -> bool:
    """
    Whether a start has been due beyond its limit. Whoever has been rung as often as his carrier
    permits, or is cut off, waits for another reason.
    """
    ring_within = chain.limits.first_ring_within or timedelta(0)
    for rung in chain.rungs:
        if rung.due_at is not None and rung.voice is not None and not rung.cut_off:
            is_late = now - rung.due_at > ring_within + GRACE
            if is_late and desk.callees.allows(rung.voice, chain.level, now):
                return True
        is_due = rung.text_at is not None and not desk.is_dead(rung.place, Channel.SMS)
        if is_due and now - (rung.text_at or now) > chain.limits.sms_within + GRACE:
            return True
    return False


def _is_silent(desk: Desk, now: datetime) -> bool:
    """Whether calls that the carrier took long ago have brought no call-back of any call since."""
    heard_at = desk.heard_back_at
    if heard_at is None or now - heard_at < SILENT_AFTER:
        return False  # where nothing was ever called back, statuses are asked for
    live = desk.live_call.values()
    return sum(_is_untold(desk.attempts[key], now) for key in live) >= _MANY


def _is_untold(attempt: Attempt, now: datetime) -> bool:
    is_accepted = attempt.progress is Progress.ACCEPTED and not attempt.inbound
    return is_accepted and now - attempt.intended_at >= SILENT_AFTER
