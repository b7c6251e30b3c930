"""What waits for a person past the phone: results of tasks, support that was asked for, dead channels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.console.domain.dead_channels import DeadChannel
from services.console.domain.kept import OfCallouts
from services.console.domain.names import CHANNELS, RESORTS, Names
from services.console.domain.tracks import CalloutTrack, ChainTrack, TaskTrack, Tracks
from services.console.domain.views.board import Need

ALMOST_OVER = timedelta(minutes=5)
"""So long before its end a task without a result is asked for."""


@dataclass(frozen=True, slots=True)
class _Trouble:
    """What of a callout a person has to see to; *tasks* are open, with their asks."""

    tasks: tuple[tuple[ChainTrack, TaskTrack], ...]
    support: tuple[ChainTrack, ...]
    silent: tuple[ChainTrack, ...]

    def __bool__(self) -> bool:
        return bool(self.tasks or self.support or self.silent)


class FieldNeeds:
    """Finds open tasks, support that was asked for, and follow-ups without an answer."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._troubles = OfCallouts(_trouble)

    def of(self, tracks: Tracks, now: datetime) -> list[Need]:
        """Return them, the highest level first."""
        found: list[Need] = []
        troubles = [
            (callout, trouble)
            for callout in tracks.callouts.values()
            if callout.ended_at is None and (trouble := self._troubles.of(tracks, callout))
        ]
        for callout, trouble in sorted(troubles, key=lambda one: -one[0].level):
            if trouble.tasks:
                found.append(_tasks(self._names, callout, trouble.tasks, now))
            if trouble.support:
                found.append(_about(self._names, callout, "support", trouble.support))
            if trouble.silent:
                found.append(_about(self._names, callout, "follow_up", trouble.silent))
        return found


def _trouble(_tracks: Tracks, callout: CalloutTrack) -> _Trouble:
    tasks = [
        (chain, task)
        for chain in callout.chains.values()
        for task in chain.tasks.values()
        if task.end is None
    ]
    # Whoever has nobody under way comes first, then whose time is over soonest.
    tasks.sort(key=lambda one: (one[1].runner is not None, one[1].until, one[1].task_id))
    # The last follow-up ask of each kind to each post is what counts.
    newest = {(chain.ask, chain.post): chain for chain in callout.follow_ups}.values()
    return _Trouble(
        tuple(tasks),
        tuple(chain for chain in newest if chain.needs_support),
        tuple(chain for chain in newest if chain.listed_at and not chain.acknowledged_at),
    )


def outage_needs(names: Names, dead: Iterable[DeadChannel]) -> list[Need]:
    """Return one item for each place with dead channels: phones there are passed over meanwhile."""
    places: dict[str, list[DeadChannel]] = {}
    for one in dead:
        places.setdefault(one.place, []).append(one)
    return [
        Need(
            key=f"dead/{place}",
            kind="channel_dead",
            label="通信中断",
            title=names.place(place),
            text=f"{_channels(there)}不通，{names.user(there[0].user)}报；跳过电话，恢复后请登记。",
            since=there[0].since,
            href="/channels",
            act="登记恢复",
            is_urgent=False,
        )
        for place, there in places.items()
    ]


def _channels(there: Sequence[DeadChannel]) -> str:
    return "、".join(CHANNELS.get(one.channel, one.channel) for one in there)


def _tasks(
    names: Names,
    callout: CalloutTrack,
    tasks: Sequence[tuple[ChainTrack, TaskTrack]],
    now: datetime,
) -> Need:
    chain, task = tasks[0]
    others = f" 等 {len(tasks)} 项" if len(tasks) > 1 else ""
    runner = names.person(task.runner)
    return Need(
        key=f"tasks/{callout.callout_id}",
        kind="task_open",
        label="任务待回报",
        title=f"{names.post(chain.post)} {RESORTS.get(task.kind, '')}{others}",
        text=f"C{callout.number}，{runner + ' 已派出' if runner else '无人可派，请值班员指定'}。",
        since=task.opened_at,
        href=f"/callouts/{callout.callout_id}/posts/{chain.post}",
        act="报结果",
        is_urgent=task.runner is None or now > task.until - ALMOST_OVER,
    )


def _about(names: Names, callout: CalloutTrack, kind: str, chains: Sequence[ChainTrack]) -> Need:
    others = f" 等 {len(chains)} 岗" if len(chains) > 1 else ""
    label, told = {
        "support": ("要支援", "报告措施尚未落实，需要支援。"),
        "follow_up": ("再问未应", "此前确认过，再问时没有回应。"),
    }[kind]
    return Need(
        key=f"{kind}/{callout.callout_id}",
        kind=kind,
        label=label,
        title=f"{names.post(chains[0].post)}{others}",
        text=f"C{callout.number}：{told}",
        since=chains[0].ended_at or chains[0].listed_at or chains[0].opened_at,
        href=f"/callouts/{callout.callout_id}",
        act="查看",
        is_urgent=True,
    )
