"""How one ask stands and what happens to it next, as far as the ledger and the pack tell."""

from datetime import datetime, timedelta

from services.console.domain.names import ASKS, OUTCOMES, RESORTS, RUNGS, TASK_ENDS, Names
from services.console.domain.tracks import AttemptTrack, ChainTrack, TaskTrack
from services.console.domain.views.callouts import AttemptView, ChainView, TaskView
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
    if is_passed_over(chain):
        return Look.CUT_OFF
    if chain.escalated_to is not None:
        return Look.ESCALATED
    return Look.NO_ANSWER if _calls(chain) else Look.CREATED


def is_passed_over(chain: ChainTrack) -> bool:
    """Whether no phone reaches anybody whom *chain* has come to so far."""
    if not chain.dead_rungs or chain.end is not None:
        return False
    tried = {one.rungs.get(chain.chain_id, _HOLDER) for one in _calls(chain)}
    there = {kind for kind, _ in chain.people}
    return ({_HOLDER, chain.escalated_to, *tried} & there) <= chain.dead_rungs


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
    opened_at, level = chain.callout.opened_at, chain.callout.level
    policy = pack.policies.levels[level]
    follow = {"second_call": policy.second_call, "measures": policy.measures}.get(chain.ask)
    if follow is not None:
        return follow.limits
    return limits_for(pack, level, night=is_night(pack, opened_at))


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
        if rung in chain.dead_rungs:
            continue
        if ended_at is not None and len(calls) < limits.attempts:
            again = "再打" if rung == _HOLDER else f"再打{RUNGS.get(rung, rung)}"
            steps.append((ended_at + limits.repeat_gap, again))
    if chain.listed_at is None:
        listing = "列入未叫醒" if chain.is_first else "报值班员未应"
        steps.append((chain.opened_at + limits.ack_limit, listing))
    steps += _past_the_phone(chain, limits)
    return min(steps, default=(chain.opened_at + limits.ack_limit, "继续呼叫"))


def _past_the_phone(chain: ChainTrack, limits: Limits) -> list[tuple[datetime, str]]:
    sent = {task.kind for task in chain.tasks.values()}
    steps = [
        (chain.opened_at + resort.at, RESORTS[resort.kind])
        for resort in limits.resorts
        if resort.roles and resort.kind not in sent
    ]
    steps += [(task.until, "等任务回报") for task in chain.tasks.values() if task.end is None]
    return steps


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
        ask=chain.ask,
        need=chain.need,
        confirmed=tuple(names.person(one) for one in chain.confirmed),
        vouched_by=names.user(chain.vouched_by),
        needs_support=chain.needs_support,
        passed_over=is_passed_over(chain),
        tasks=tuple(task_view(names, task) for task in chain.tasks.values()),
    )


def task_view(names: Names, task: TaskTrack) -> TaskView:
    """Return *task* in words."""
    return TaskView(
        task_id=task.task_id,
        kind=task.kind,
        name=RESORTS.get(task.kind, task.kind),
        runner_name=names.person(task.runner),
        opened_at=task.opened_at,
        until=task.until,
        end=task.end,
        end_name=TASK_ENDS.get(task.end or "", ""),
        ended_at=task.ended_at,
        user_name=names.user(task.user),
        note=task.note,
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
    said = _of_the_call(chain, now)
    if chain.need > 1:
        said = f"已确认 {len(chain.confirmed)}/{chain.need} 人 · {said}"
    return said


def _of_the_call(chain: ChainTrack, now: datetime) -> str:
    calls = _calls(chain)
    live = live_call(chain)
    climbed = f" → {RUNGS.get(chain.escalated_to, '')}" if chain.escalated_to else ""
    if live is not None:
        rung = live.rungs.get(chain.chain_id, _HOLDER)
        whom = "" if rung == _HOLDER else f"{RUNGS.get(rung, rung)}，"
        if live.answered_at is not None:
            heard = int((now - live.answered_at).total_seconds())
            return f"{whom}第 {len(calls)} 次 · 已听 {max(0, heard)} 秒"
        return f"{whom}第 {len(calls)} 次呼叫"
    if is_passed_over(chain):
        return f"所在地电话中断，已跳过{climbed}"
    if not calls:
        sent = [one for one in chain.attempts if one.channel != _VOICE]
        return f"短信已发{climbed}" if sent else f"等待线路{climbed}"
    last = calls[-1]
    ended = OUTCOMES.get(last.outcome or "", "没有回音")
    return f"{len(calls)} 次未应，最后{ended}{climbed}"
