"""What named users recorded: whom they heard, what a task came to, where phones are dead."""

from datetime import datetime

from pydantic import JsonValue

from schemas.act import AckVouched, ChannelReported, FieldAct, HeardBy, TaskReported, TaskResult
from schemas.cap import Status
from schemas.decision import ActAnswered
from schemas.dispatch import Fact
from services.dispatcher.domain.asks.acknowledging import Confirmation, acknowledge
from services.dispatcher.domain.asks.chain import Chain, Strength
from services.dispatcher.domain.asks.clockwork import tend
from services.dispatcher.domain.asks.rung import RungKind
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.ladder.outages import channel_reported
from services.dispatcher.domain.ladder.task import Task, TaskEnd
from services.dispatcher.domain.ladder.tasks import end_task
from services.district.domain.policy import ResortKind

NO_SUCH_CHAIN = "no_such_chain"
NO_SUCH_TASK = "no_such_task"
TASK_OVER = "task_over"
OTHER_STATUS = "other_status"


def act_answered(desk: Desk, decision: ActAnswered, now: datetime) -> None:
    """Carry out the act that *decision* says was permitted, if it is one for the dispatcher."""
    user = decision.user or ""
    if _is_mixed(desk, decision):
        said = decision.field
        desk.fact(
            Fact.ACT_WITHOUT_EFFECT,
            detail={"act": said.type if said else "", "user": user, "reason": OTHER_STATUS},
            status=decision.status,
        )
        return
    match decision.field:
        case AckVouched():
            _vouched(desk, decision.field, user, now)
        case TaskReported():
            _task_reported(desk, decision.field, user, now)
        case ChannelReported():
            for chain in channel_reported(desk, decision.field, user, now):
                tend(desk, chain, now)
        case None:
            pass


def _is_mixed(desk: Desk, decision: ActAnswered) -> bool:
    """
    Whether the act is of an exercise and what it is about is real, or the other way round
    (invariant 12). Phones are dead in reality alone: an exercise must not keep real ones silent.
    """
    match decision.field:
        case AckVouched(callout_id=callout_id):
            callout = desk.callouts.get(callout_id)
        case TaskReported(task_id=task_id):
            task = desk.tasks.get(task_id)
            callout = desk.callouts.get(task.callout_id) if task is not None else None
        case ChannelReported():
            return decision.status is not Status.ACTUAL
        case None:
            return False
    return callout is not None and callout.status is not decision.status


def _vouched(desk: Desk, said: AckVouched, user: str, now: datetime) -> None:
    mine = [one for one in desk.chains_of_callout(said.callout_id) if one.post == said.post]
    told = {
        "user": user,
        "heard_at": said.heard_at.isoformat(),
        "note": said.note,
    }
    chain = next((one for one in mine if one.is_open), None)
    if chain is not None:
        person = said.person or _holder(chain)
        acknowledge(
            desk,
            chain,
            Confirmation(person, Strength.VOUCHED, said.by.value, told=tuple(told.items())),
            now,
        )
    elif mine:
        detail: dict[str, JsonValue] = {**told, "channel": said.by.value}
        desk.fact(Fact.VOUCHED_LATE, chain=mine[-1], person=said.person, detail=detail)
    else:
        _without_effect(desk, said, user, NO_SUCH_CHAIN)


def _task_reported(desk: Desk, said: TaskReported, user: str, now: datetime) -> None:
    task = desk.tasks.get(said.task_id)
    if task is None:
        _without_effect(desk, said, user, NO_SUCH_TASK)
        return
    if not task.is_open:
        _without_effect(desk, said, user, TASK_OVER)
        return
    end_task(desk, task, TaskEnd(said.result.value), now, user=user, note=said.note)
    chain = desk.chains[task.chain_id]
    if not chain.is_open:
        return
    if said.result is TaskResult.CONFIRMED:
        acknowledge(desk, chain, _found(task, chain, said, user, now), now)
    else:
        tend(desk, chain, now)


def _found(task: Task, chain: Chain, said: TaskReported, user: str, now: datetime) -> Confirmation:
    by = HeardBy.DOOR if task.kind is ResortKind.DOOR else HeardBy.RADIO
    told = {
        "user": user,
        "heard_at": now.isoformat(),
        "note": said.note,
        "runner": task.runner or "",
    }
    return Confirmation(_holder(chain), Strength.VOUCHED, by.value, told=tuple(told.items()))


def _holder(chain: Chain) -> str:
    """Return who is taken to have confirmed for the post where nobody is named."""
    holders = [rung.person for rung in chain.rungs if rung.kind is RungKind.HOLDER]
    waiting = [person for person in holders if person not in chain.confirmed]
    return next(iter(waiting or holders), chain.post)


def _without_effect(desk: Desk, said: FieldAct, user: str, reason: str) -> None:
    desk.fact(Fact.ACT_WITHOUT_EFFECT, detail={"act": said.type, "user": user, "reason": reason})
