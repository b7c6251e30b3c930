"""How one ask stands and what happens to it next, as far as the ledger and the pack tell."""

from datetime import datetime, timedelta

from services.console.domain.names import ASKS, OUTCOMES, RUNGS, Names
from services.console.domain.tracks import AttemptTrack, ChainTrack
from services.console.domain.views.callouts import AttemptView, ChainView
from services.console.domain.views.look import Look
from services.district.domain.matrix import is_night, limits_for
from services.district.domain.pack import Pack
from services.district.domain.policy import Limits

_ENDS = {
    "acknowledged": Look.ACKNOWLEDGED,
    "exhausted": Look.NOT_WOKEN,
    "cancelled": Look.CANCELLED,
    "superseded": Look.CANCELLED,
}
_HOLDER = "holder"
_VOICE = "voice"


def look_of(chain: ChainTrack) -> Look:
    """Return how *chain* stands: its end, else what its live call is doing, else how far it came."""
    if chain.end is not None:
        return _ENDS[chain.end]
    if chain.listed_at is not None:
        return Look.NOT_WOKEN
    live = live_call(chain)
    if live is not None:
        return _look_of_call(chain, live)
    if chain.escalated_to is not None:
        return Look.ESCALATED
    return Look.NO_ANSWER if _calls(chain) else Look.CREATED


def _look_of_call(chain: ChainTrack, live: AttemptTrack) -> Look:
    if live.answered_at is not None:
        return Look.ANSWERED
    if live.unknown_at is not None and live.accepted_at is None:
        return Look.UNKNOWN
    is_holder = live.rungs.get(chain.chain_id, _HOLDER) == _HOLDER
    return Look.RINGING if is_holder else Look.ESCALATED


def live_call(chain: ChainTrack) -> AttemptTrack | None:
    """Return the call that is under way for *chain*, or None."""
    for attempt in reversed(chain.attempts):
        if attempt.is_live and attempt.channel == _VOICE:
            return attempt
    return None


def limits_of(pack: Pack, chain: ChainTrack) -> Limits:
    """Return the limits that *chain* runs under: those of its level when its callout opened."""
    opened_at = chain.callout.opened_at
    return limits_for(pack, chain.callout.level, night=is_night(pack, opened_at))


def next_step(chain: ChainTrack, limits: Limits, ring_timeout: timedelta) -> tuple[datetime, str]:
    """
    Return when something next happens to the open *chain*, and what.

    The ledger tells what was done; what comes follows from the pack's limits in the way of the
    chain itself: pauses run from the end of the last call, deputies and superiors from the first
    ring, the list of those not woken from the opening.
    """
    live = live_call(chain)
    if live is not None and live.answered_at is None:
        return live.intended_at + ring_timeout, "响铃到时"
    steps: list[tuple[datetime, str]] = []
    first_ring_at = min((one.intended_at for one in _calls(chain)), default=None)
    if first_ring_at is not None:
        reached = {chain.escalated_to, *(one.rungs.get(chain.chain_id) for one in chain.attempts)}
        for rung, delay in (("deputy", limits.deputy_at), ("superior", limits.superior_at)):
            is_there = any(kind == rung for kind, _ in chain.people)
            if is_there and delay is not None and rung not in reached:
                steps.append((first_ring_at + delay, RUNGS[rung]))
    for rung, person in chain.people:
        calls = [one for one in _calls(chain) if one.person == person]
        ended_at = calls[-1].ended_at if calls else None
        if ended_at is not None and len(calls) < limits.attempts:
            again = "再打" if rung == _HOLDER else f"再打{RUNGS.get(rung, rung)}"
            steps.append((ended_at + limits.repeat_gap, again))
    if chain.listed_at is None:
        steps.append((chain.opened_at + limits.ack_limit, "列入未叫醒"))
    return min(steps, default=(chain.opened_at + limits.ack_limit, "继续呼叫"))


def chain_view(
    pack: Pack, names: Names, chain: ChainTrack, now: datetime, *, whole: bool
) -> ChainView:
    """Return *chain* for a page; its attempts only when it is asked for *whole*."""
    look = look_of(chain)
    limits = limits_of(pack, chain)
    is_open = chain.end is None
    next_at, step = None, ""
    if is_open:
        next_at, step = next_step(chain, limits, pack.policies.budget.ring_timeout)
    holder = next((person for kind, person in chain.people if kind == _HOLDER), None)
    ack_by = chain.opened_at + limits.ack_limit
    late = chain.listed_at or (ack_by if is_open and now > ack_by else None)
    return ChainView(
        chain_id=chain.chain_id,
        callout_id=chain.callout.callout_id,
        post=chain.post,
        post_name=names.post(chain.post),
        ask_name="" if chain.is_first else ASKS.get(chain.ask, chain.ask),
        holder_name=names.person(holder),
        look=look,
        doing=_doing(chain, now),
        level=chain.level,
        opened_at=chain.opened_at,
        ack_by=ack_by,
        next_at=next_at,
        next_step=step,
        late_since=late if chain.acknowledged_at is None else None,
        ended_at=chain.ended_at,
        acknowledged_at=chain.acknowledged_at,
        acknowledged_by=names.person(chain.acknowledged_by) if chain.acknowledged_at else "",
        by_deputy=chain.rung not in (None, _HOLDER),
        strength=chain.strength,
        channel=chain.ack_channel,
        faults=tuple(chain.faults),
        attempts=tuple(attempt_view(names, chain, one) for one in chain.attempts) if whole else (),
    )


def attempt_view(names: Names, chain: ChainTrack, attempt: AttemptTrack) -> AttemptView:
    """Return one try with each of its facts."""
    return AttemptView(
        attempt_id=attempt.attempt_id,
        channel=attempt.channel,
        rung=attempt.rungs.get(chain.chain_id, _HOLDER),
        person_name=names.person(attempt.person),
        contact=names.contact(attempt.contact),
        intended_at=attempt.intended_at,
        accepted_at=attempt.accepted_at,
        rang_at=attempt.rang_at,
        answered_at=attempt.answered_at,
        ended_at=attempt.ended_at,
        outcome=attempt.outcome,
        code=attempt.code,
        is_unknown=attempt.unknown_at is not None and attempt.accepted_at is None,
        keys=tuple(attempt.keys),
    )


def _calls(chain: ChainTrack) -> list[AttemptTrack]:
    return [one for one in chain.attempts if one.channel == _VOICE]


def _doing(chain: ChainTrack, now: datetime) -> str:
    calls = _calls(chain)
    live = live_call(chain)
    if live is not None:
        rung = live.rungs.get(chain.chain_id, _HOLDER)
        whom = "" if rung == _HOLDER else f"{RUNGS.get(rung, rung)}，"
        if live.answered_at is not None:
            heard = int((now - live.answered_at).total_seconds())
            return f"{whom}第 {len(calls)} 次 · 已听 {max(0, heard)} 秒"
        return f"{whom}第 {len(calls)} 次呼叫"
    if not calls:
        sent = [one for one in chain.attempts if one.channel != _VOICE]
        return "短信已发" if sent else "等待线路"
    last = calls[-1]
    ended = OUTCOMES.get(last.outcome or "", "没有回音")
    climbed = f" → {RUNGS.get(chain.escalated_to, '')}" if chain.escalated_to else ""
    return f"{len(calls)} 次未应，最后{ended}{climbed}"
