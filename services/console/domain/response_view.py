"""Responses and orders for the pages."""

from collections.abc import Iterable

from schemas.level import Level
from schemas.order import Order, OrderState
from schemas.reason import RaiseRule, Reason, ReasonCode
from services.console.domain.callout_view import counts_of
from services.console.domain.names import ROLES, Names
from services.console.domain.sentences import measured, reason_views
from services.console.domain.tracks import OrderTrack, ResponseTrack, Tracks
from services.console.domain.views.look import Look
from services.console.domain.views.orders import OrderView
from services.console.domain.views.responses import ResponseView


def response_view(names: Names, track: ResponseTrack) -> ResponseView:
    """Return a response in force: three levels side by side, and why."""
    decision = track.decision
    level = decision.response_level or Level.IV
    point = names.point(decision.place)
    return ResponseView(
        place=decision.place,
        place_name=names.place(decision.place),
        town=decision.town,
        hazard=decision.hazard,
        hazard_name=names.hazard(decision.hazard),
        warning_level=decision.warning_level,
        hazard_level=decision.hazard_level,
        response_level=level,
        confirmed=decision.confirmed,
        needs_confirmation=level >= Level.II and not decision.confirmed,
        raises=tuple(rule.value for rule in decision.raises),
        began_at=track.began_at,
        changed_at=decision.decided_at,
        measured=measured(names, decision.reasons),
        decided=_decided(decision.reasons, decision.raises),
        reasons=reason_views(names, decision.reasons),
        people=point.people if point else None,
        households=point.households if point else None,
    )


def order_view(names: Names, tracks: Tracks, track: OrderTrack) -> OrderView:
    """Return an order and how many of those who execute it have confirmed."""
    order = track.order
    callout_id = tracks.callout_of_order.get(order.order_id)
    callout = tracks.callouts.get(callout_id or "")
    word, place = names.measure(order.measure), names.place(order.place)
    return OrderView(
        order_id=order.order_id,
        number=f"O{order.number}",
        measure=order.measure,
        measure_name=word,
        status=tracks.status,
        title=f"{word} {place}{' ' + order.target if order.target else ''}",
        place=order.place,
        place_name=place,
        town=order.town,
        hazard=order.hazard,
        hazard_name=names.hazard(order.hazard),
        level=order.level,
        target=order.target,
        text=order.text,
        state=order.state,
        confirm=order.confirm,
        confirm_name=ROLES[order.confirm] if order.confirm else "",
        proposed_at=order.proposed_at,
        changed_at=track.changed_at,
        in_force_at=track.in_force_at,
        auto_at=order.auto_at if order.state is OrderState.PROPOSED else None,
        starts_at=order.starts_at,
        ends_at=order.ends_at,
        issued_by=_issued_by(names, order),
        executors=tuple(ROLES[role] for role in order.executors),
        households=order.households,
        people=order.people,
        shelter=order.shelter or "",
        callout_id=callout_id,
        shares=sum(counts_of(callout).values()) if callout is not None else 0,
        acknowledged=counts_of(callout).get(Look.ACKNOWLEDGED, 0) if callout is not None else 0,
        reasons=reason_views(names, track.reasons),
    )


def _decided(reasons: Iterable[Reason], raises: Iterable[RaiseRule]) -> str:
    codes = {reason.code for reason in reasons}
    if ReasonCode.ACT in codes:
        return "人工决定"
    # UP1 tightens limits and never changes a level.
    acting = [rule.value for rule in raises if rule is not RaiseRule.UP1]
    if acting:
        return f"{'、'.join(acting)} 提级"
    if ReasonCode.RULE not in codes and ReasonCode.WARNING in codes:
        return "按预警启动"
    return "自动启动"


def _issued_by(names: Names, order: Order) -> str:
    by = order.issued_by
    if by is None or order.state is OrderState.PROPOSED:
        return ""
    if by.user is None:
        return "按预案自动生效"
    mandate = f"（{by.mandate}）" if by.mandate else ""
    return f"{names.user(by.user)}{mandate}"
