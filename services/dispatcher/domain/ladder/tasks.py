"""Sends people to posts that no phone has reached, and takes what they come back with."""

from dataclasses import replace
from datetime import datetime

from schemas.dispatch import Fact
from schemas.role import Role
from services.dispatcher.domain.asks.chain import Chain, ChainState
from services.dispatcher.domain.asks.informing import queue_inform
from services.dispatcher.domain.asks.rung import RungKind
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.ladder.task import Task, TaskEnd
from services.district.domain.policy import Resort
from services.district.domain.templates import TextKey

NO_RUNNER = "no_runner"


def open_task(desk: Desk, chain: Chain, resort: Resort, now: datetime) -> Task:
    """Send the nearest of *resort*'s roles for *chain*; without one, that is a fault of the roster."""
    runner = _nearest(desk, chain, resort.roles, now)
    task = Task(
        task_id=desk.new_id("task"),
        chain_id=chain.chain_id,
        callout_id=chain.callout_id,
        kind=resort.kind,
        runner=runner,
        opened_at=now,
        until=now + resort.within,
    )
    desk.put_task(task)
    desk.fact(
        Fact.TASK_OPENED,
        chain=chain,
        person=runner,
        detail={
            "task_id": task.task_id,
            "task": task.kind.value,
            "until": task.until.isoformat(),
        },
    )
    if runner is None:
        desk.fact(Fact.ROSTER_FAULT, chain=chain, detail={"reason": NO_RUNNER})
    else:
        _tell(desk, chain, runner, TextKey.SMS_TASK, now)
    return task


def end_task(desk: Desk, task: Task, how: TaskEnd, now: datetime, **told: str) -> None:
    """Record how *task* ended."""
    chain = desk.chains[task.chain_id]
    desk.put_task(replace(task, end=how, ended_at=now))
    desk.fact(
        Fact.TASK_ENDED,
        chain=chain,
        person=task.runner,
        detail={"task_id": task.task_id, "task": task.kind.value, "end": how.value, **told},
    )


def withdraw_tasks(desk: Desk, chain: Chain, now: datetime) -> None:
    """Call back whoever is under way for *chain*, which has ended."""
    for task in desk.open_tasks_of(chain.chain_id):
        end_task(desk, task, TaskEnd.WITHDRAWN, now)
        if task.runner is not None:
            _tell(desk, chain, task.runner, TextKey.SMS_TASK_WITHDRAWN, now)


def expire_tasks(desk: Desk, chain: Chain, now: datetime) -> None:
    """End the tasks of *chain* whose time is over."""
    for task in desk.open_tasks_of(chain.chain_id):
        if task.until <= now:
            end_task(desk, task, TaskEnd.EXPIRED, now)


def _tell(desk: Desk, chain: Chain, runner: str, key: TextKey, now: datetime) -> None:
    callout = desk.callouts[chain.callout_id]
    holders = (rung.person for rung in chain.rungs if rung.kind is RungKind.HOLDER)
    names = "、".join(desk.name_of(person) for person in holders)
    text = desk.words.to(runner).fixed(key, callout, chain.post, names=names)
    queue_inform(desk, callout.callout_id, runner, text, callout.level, now)


def _nearest(desk: Desk, chain: Chain, roles: tuple[Role, ...], now: datetime) -> str | None:
    """
    Return who is sent: nobody of the chain itself, and nobody who does not answer either.

    Whoever has confirmed in this callout is awake and comes first; then the role's order counts,
    then how near his post is.
    """
    roster = desk.pack.roster
    asked = {rung.person for rung in chain.rungs}
    peers = desk.chains_of_callout(chain.callout_id)
    awake = {one.acknowledged_by for one in peers if one.state is ChainState.ACKNOWLEDGED}
    silent = {
        rung.person
        for one in peers
        if one.listed_at is not None and one.state is not ChainState.ACKNOWLEDGED
        for rung in one.rungs
        if rung.opened_at is not None
    }
    place = roster.posts[chain.post].place
    found = []
    for post in desk.posts.answering_for(place, roles):
        person = roster.shift_at(post.post_id, now).holder
        if person is None or person in asked or (person in silent and person not in awake):
            continue
        depth = sum(1 for _ in desk.tree.upwards(post.place))
        found.append((person not in awake, roles.index(post.role), -depth, post.post_id, person))
    return min(found)[-1] if found else None
