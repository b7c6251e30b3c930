"""What waits for a person now: the red strip, in the order of how much it matters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.level import Level
from schemas.order import OrderState
from services.console.domain.callout_view import callout_view
from services.console.domain.chain_view import is_passed_over, live_call
from services.console.domain.dead_channels import DeadChannel
from services.console.domain.field_needs import FieldNeeds, outage_needs
from services.console.domain.kept import OfCallouts
from services.console.domain.names import ROLES, Names
from services.console.domain.tracks import CalloutTrack, ChainTrack, Tracks
from services.console.domain.views.board import Need
from services.console.domain.views.responses import ResponseView

ORDER_MAY_WAIT = timedelta(minutes=2)
LEVEL_MAY_WAIT = timedelta(minutes=5)
UNKNOWN_MAY_LAST = timedelta(minutes=1)
"""Reconciling with the carrier takes seconds; what lasts longer is for a person to look at."""


@dataclass(frozen=True, slots=True)
class _Trouble:
    """What of a callout a person may have to look at."""

    listed: tuple[ChainTrack, ...]
    """Not woken, the longest first."""
    unanswered: tuple[ChainTrack, ...]
    """The carrier's answer to a call was lost."""

    def __bool__(self) -> bool:
        return bool(self.listed or self.unanswered)


class Needs:
    """Finds what needs a person; what depends on one callout alone is kept until it changes."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._troubles = OfCallouts(_trouble)
        self._field = FieldNeeds(names)

    def of(
        self,
        tracks: Tracks,
        responses: Iterable[ResponseView],
        dead: Iterable[DeadChannel],
        now: datetime,
    ) -> tuple[Need, ...]:
        """
        Return what needs a person: orders first, then people not reached, then levels, then faults.

        *responses* are those in force, *dead* the channels that reach nobody.
        """
        troubles = [
            (callout, trouble)
            for callout in tracks.callouts.values()
            if callout.ended_at is None
            and ((trouble := self._troubles.of(tracks, callout)) or callout.held)
        ]
        found = [*_orders(self._names, tracks, now)]
        found += _callouts(self._names, tracks, troubles, now)
        found += self._field.of(tracks, now)
        found += outage_needs(self._names, dead)
        found += _levels(self._names, responses, now)
        found += _lowest(troubles)
        found += _faults(self._names, tracks)
        return tuple(found)


def _orders(names: Names, tracks: Tracks, now: datetime) -> list[Need]:
    waiting = [one for one in tracks.orders.values() if one.order.state is OrderState.PROPOSED]
    return [
        Need(
            key=f"order/{order.order_id}",
            kind="order_waits",
            label="命令待确认",
            title=f"{names.measure(order.measure)} {names.place(order.place)} {order.target}".strip(),
            text=f"O{order.number}，等{ROLES[order.confirm]}定。"
            if order.confirm
            else "等人确认。",
            since=order.proposed_at,
            href=f"/orders/{order.order_id}",
            act="查看",
            is_urgent=order.auto_at is not None or now - order.proposed_at > ORDER_MAY_WAIT,
        )
        for order in (one.order for one in waiting)
    ]


def _callouts(
    names: Names,
    tracks: Tracks,
    troubles: Sequence[tuple[CalloutTrack, _Trouble]],
    now: datetime,
) -> list[Need]:
    found = []
    for callout, trouble in sorted(troubles, key=lambda one: -one[0].level):
        number = f"C{callout.number}"
        if callout.held:
            title = callout_view(names, tracks, callout).title
            found.append(_about(number, callout, "held", "叫应暂缓", title, callout.opened_at))
        if trouble.listed and callout.level > Level.IV:
            found.append(_not_woken(names, number, callout, trouble.listed))
        unknown = [one for one in trouble.unanswered if _lasts(one, now)]
        if unknown:
            who = names.post(unknown[0].post)
            found.append(
                _about(number, callout, "unknown", "呼叫结果不明", who, unknown[0].opened_at)
            )
    return sorted(found, key=lambda need: need.kind != "held")


def _trouble(_tracks: Tracks, callout: CalloutTrack) -> _Trouble:
    chains = callout.chains.values()
    listed = [one for one in callout.firsts if one.listed_at and not one.acknowledged_at]
    listed.sort(key=lambda chain: (chain.listed_at or chain.opened_at, chain.post))
    return _Trouble(tuple(listed), tuple(one for one in chains if _is_unanswered(one)))


def _is_unanswered(chain: ChainTrack) -> bool:
    live = live_call(chain) if chain.end is None else None
    return live is not None and live.unknown_at is not None and live.accepted_at is None


def _lasts(chain: ChainTrack, now: datetime) -> bool:
    live = live_call(chain)
    since = live.unknown_at if live is not None else None
    return since is not None and now - since > UNKNOWN_MAY_LAST


def _lowest(troubles: Iterable[tuple[CalloutTrack, _Trouble]]) -> list[Need]:
    """At IV an SMS goes out and few are rung: those who never answered are told together."""
    listed = [
        chain
        for callout, trouble in troubles
        if callout.level is Level.IV
        for chain in trouble.listed
    ]
    if not listed:
        return []
    return [
        Need(
            key="not_woken/IV",
            kind="not_woken",
            label="Ⅳ级未应",
            title=f"{len(listed)} 岗没有回应",
            text="Ⅳ级以短信为主，请抽空核对。",
            since=min(chain.listed_at or chain.opened_at for chain in listed),
            href="/callouts",
            act="查看",
            is_urgent=False,
        )
    ]


def _about(
    number: str, callout: CalloutTrack, kind: str, label: str, title: str, since: datetime
) -> Need:
    text = {
        "held": f"{number} 的来源触发过多，其余岗位等值班员按 1 后再呼。",
        "unknown": f"{number}：运营商没有回音，正在核对，核清前不再呼叫。",
    }[kind]
    return Need(
        key=f"{kind}/{callout.callout_id}",
        kind=kind,
        label=label,
        title=title,
        text=text,
        since=since,
        href=f"/callouts/{callout.callout_id}",
        act="查看",
        is_urgent=True,
    )


def _not_woken(
    names: Names, number: str, callout: CalloutTrack, listed: Sequence[ChainTrack]
) -> Need:
    others = f" 等 {len(listed)} 岗" if len(listed) > 1 else ""
    calls = sum(one.channel == "voice" for one in listed[0].attempts)
    if is_passed_over(listed[0]):
        tried = "所在地电话中断，没有呼到"
    else:
        tried = f"呼叫 {calls} 次未应" if calls else "短信未应"
    return Need(
        key=f"not_woken/{callout.callout_id}",
        kind="not_woken",
        label="未叫醒",
        title=f"{names.post(listed[0].post)}{others}",
        text=f"{number}，{tried}，请派人上门。",
        since=listed[0].listed_at or listed[0].opened_at,
        href=f"/callouts/{callout.callout_id}",
        act="派人",
        is_urgent=True,
    )


def _levels(names: Names, responses: Iterable[ResponseView], now: datetime) -> list[Need]:
    waiting = [view for view in responses if view.needs_confirmation]
    return [
        Need(
            key=f"level/{view.place}/{view.hazard.value}",
            kind="level_waits",
            label="级别待确认",
            title=f"{view.place_name} {view.hazard_name}{names.level(view.response_level)}",
            text="已自动启动并呼叫，等人确认级别。",
            since=view.changed_at,
            href=f"/responses/{view.place}/{view.hazard.value}",
            act="确认",
            is_urgent=now - view.changed_at > LEVEL_MAY_WAIT,
        )
        for view in sorted(waiting, key=lambda view: (-view.response_level, view.changed_at))
    ]


def _faults(names: Names, tracks: Tracks) -> list[Need]:
    found = []
    for (event_id, sensor, occurred_at), held in tracks.quarantined.items():
        found.append(
            Need(
                key=f"quarantine/{event_id}/{sensor}/{occurred_at.isoformat()}",
                kind="quarantined",
                label="读数存疑",
                title=f"{sensor} {names.metric(held.metric, held.value)}",
                text=f"{names.place(held.place)}：未采用，等人核实或第二个设备印证。",
                since=held.decided_at,
                href="/quarantine",
                act="核实",
                is_urgent=False,
            )
        )
    if tracks.silent:
        first = min(tracks.silent, key=lambda sensor: tracks.silent[sensor])
        others = f" 等 {len(tracks.silent)} 台" if len(tracks.silent) > 1 else ""
        found.append(
            Need(
                key="silent",
                kind="silent",
                label="设备失联",
                title=f"{first}{others}",
                text="没有读数不等于没有险情，请人工观测。",
                since=tracks.silent[first],
                href="/roster#sensors",
                act="查看",
                is_urgent=False,
            )
        )
    return found
