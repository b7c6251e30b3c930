"""What happens because time passed: rungs open, posts are listed and reminded, chains are spent."""

from dataclasses import replace
from datetime import datetime

from schemas.dispatch import Fact
from services.dispatcher.domain.asks.chain import Chain, ChainState, end
from services.dispatcher.domain.asks.climbing import climb, is_spent
from services.dispatcher.domain.asks.following_up import follow_up
from services.dispatcher.domain.asks.handing_over import hand_over
from services.dispatcher.domain.asks.listing import tell_who_is_on_duty
from services.dispatcher.domain.asks.rung import RungKind
from services.dispatcher.domain.calls.call_state import Progress
from services.dispatcher.domain.calls.calling import end_at_carrier, withdraw_idle
from services.dispatcher.domain.calls.carrier_news import become_unknown, look
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.desk.desk_rows import FOLLOW_UPS
from services.dispatcher.domain.ladder.resorting import take_resorts
from services.dispatcher.domain.ladder.tasks import expire_tasks


def fire_timers(desk: Desk, now: datetime) -> None:
    """Deal with everything that is due at *now*."""
    listed = set()
    for kind, key in desk.due_timers(now):
        if kind in FOLLOW_UPS:
            follow_up(desk, desk.callouts[key], now)
        elif kind in {"chain", "held"}:
            before = desk.chains.get(key)
            if before is None:
                continue  # what its call waited for came too late
            tend(desk, before, now)
            if before.listed_at is None and desk.chains[key].listed_at is not None:
                listed.add(before.callout_id)
        else:
            look(desk, desk.attempts[key], now)
    for callout_id in sorted(listed):
        tell_who_is_on_duty(desk, desk.callouts[callout_id], now)


def tend(desk: Desk, chain: Chain, now: datetime) -> None:
    """Move *chain* as far as the time allows."""
    if not chain.is_open:
        return
    chain = hand_over(desk, chain, now)
    climbed = climb(chain, now)
    for before, after in zip(chain.rungs, climbed.rungs, strict=True):
        if before.opened_at is None and after.opened_at is not None:
            desk.fact(
                Fact.CHAIN_ESCALATED,
                chain=chain,
                person=after.person,
                detail={"to": after.kind.value},
            )
    remind_at = chain.limits.reminder_at
    if remind_at is not None and chain.reminded_at is None and now >= chain.opened_at + remind_at:
        climbed = replace(
            climbed,
            reminded_at=now,
            rungs=tuple(
                replace(rung, text_at=now if rung.sms and rung.kind is RungKind.HOLDER else None)
                for rung in climbed.rungs
            ),
        )
    if climbed.listed_at is None and now >= chain.ack_by:
        climbed = replace(climbed, listed_at=now)
        desk.fact(Fact.NOT_WOKEN_LISTED, chain=chain, detail={"reason": "ack_limit"})
    expire_tasks(desk, climbed, now)
    climbed = take_resorts(desk, climbed, now)
    if not desk.open_tasks_of(climbed.chain_id):
        climbed = replace(climbed, tasks_until=None)
    if is_spent(climbed, now):
        desk.fact(Fact.CHAIN_ENDED, chain=chain, detail={"end": ChainState.EXHAUSTED.value})
        climbed = end(climbed, ChainState.EXHAUSTED, now)
    desk.put_chain(climbed, now)
    if not climbed.is_open:
        for rung in climbed.rungs:
            withdraw_idle(desk, rung.person)  # an SMS that has not left yet would ask for nothing


def restarted(desk: Desk, now: datetime) -> None:
    """
    Take up what the process before left under way.

    An intent on disk may or may not have reached the carrier, so it is unknown and is reconciled;
    what the carrier has is asked for at once, because its call-backs may have come to a closed door.
    """
    for attempt in sorted(desk.live_attempts(), key=lambda a: (a.intended_at, a.attempt_id)):
        if attempt.progress is Progress.INTENDED:
            become_unknown(desk, attempt, now)
        else:
            desk.put_attempt(replace(attempt, look_at=now))
            if attempt.withdrawn:
                end_at_carrier(desk, attempt)  # the request to end it may have been lost with us
