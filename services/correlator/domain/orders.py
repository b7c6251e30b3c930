"""
断禁停撤疏: orders proposed by rules or issued by people, and the states they go through.

A proposal stays until a person acts or its time comes, even when its rule no longer holds: nothing
lowers by itself where people could die.
"""

from typing import Any

from schemas.act import OrderIssued
from schemas.decision import Decision, OrderChanged, OrderProposed
from schemas.event import Act
from schemas.hazard import Hazard
from schemas.ids import hash_id
from schemas.level import Level
from schemas.measure import Measure
from schemas.order import IssuedBy, Order, OrderState
from schemas.reason import Reason, ReasonCode
from schemas.rule import OrderRule
from services.correlator.domain.grading import Grading
from services.correlator.domain.instants import from_us, to_us
from services.correlator.domain.scene import Scene

_OPEN = frozenset({OrderState.PROPOSED, OrderState.IN_FORCE})


class Orders:
    """The orders of a district, numbered from 1 in the order they came up."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.all: dict[str, Order] = {}
        self.reasons: dict[str, tuple[Reason, ...]] = {}

    def propose(self, grading: Grading, response: Level | None) -> None:
        """Propose what the rule of *grading* asks for at *response*, once while it holds."""
        if response is None:
            return
        for index, wanted in enumerate(grading.rule.orders):
            is_due = wanted.min_response is None or response >= wanted.min_response
            if is_due and index not in grading.proposed:
                grading.proposed.add(index)
                if not self._is_open(grading, wanted):
                    self._open(grading, wanted, response)

    def _is_open(self, grading: Grading, wanted: OrderRule) -> bool:
        about = (grading.place, grading.rule.hazard, wanted.measure, wanted.target)
        return any(
            order.state in _OPEN
            and (order.place, order.hazard, order.measure, order.target) == about
            for order in self.all.values()
        )

    def _open(self, grading: Grading, wanted: OrderRule, response: Level) -> None:
        scene = self._scene
        now = from_us(scene.now_us)
        at_once = wanted.confirm is None
        order = self._new(
            wanted.measure,
            grading.place,
            grading.rule.hazard,
            (grading.rule.id, grading.rule.version, wanted.target),
            level=response,
            target=wanted.target,
            state=OrderState.IN_FORCE if at_once else OrderState.PROPOSED,
            confirm=wanted.confirm,
            proposed_at=now,
            auto_at=None if at_once or wanted.auto_after is None else now + wanted.auto_after,
            starts_at=now if at_once else None,
            issued_by=IssuedBy(automatic=True) if at_once else None,
            executors=wanted.executors,
        )
        self.reasons[order.order_id] = grading.reasons()
        if order.auto_at is not None:
            scene.timers.set(("auto", order.order_id), to_us(order.auto_at))
        self._tell(order, OrderChanged if at_once else OrderProposed, grading.reasons())

    def _new(
        self,
        measure: Measure,
        place: str,
        hazard: Hazard,
        origin: tuple[str | int, ...],
        **fields: Any,
    ) -> Order:
        scene = self._scene
        number = len(self.all) + 1
        point = scene.register.points.get(place) if measure is Measure.EVACUATE else None
        return Order(
            order_id=hash_id("ord", scene.district, scene.status.value, place, number, origin),
            number=number,
            measure=measure,
            place=place,
            town=scene.register.town_of(place),
            hazard=hazard,
            households=None if point is None else point.households,
            people=None if point is None else point.people,
            shelter=None if point is None else point.shelter,
            **fields,
        )

    def issue(self, act: Act, body: OrderIssued) -> Order:
        """Put a person's own order in force."""
        now = from_us(self._scene.now_us)
        order = self._new(
            body.measure,
            body.place,
            body.hazard,
            (act.event_id,),
            level=body.level,
            target="",
            text=body.text,
            state=OrderState.IN_FORCE,
            proposed_at=now,
            starts_at=body.starts_at or now,
            ends_at=body.ends_at,
            issued_by=_issuer(act),
            executors=body.executors,
        )
        # An evacuation ends only with a person's act, whatever end was foreseen.
        if body.ends_at is not None and body.measure is not Measure.EVACUATE:
            self._scene.timers.set(("end", order.order_id), to_us(body.ends_at))
        self._tell(order, OrderChanged, (_by(act, order),))
        return order

    def confirm(self, act: Act, order: Order) -> None:
        """Put a proposal in force."""
        self._change(
            order,
            (*self.reasons.get(order.order_id, ()), _by(act, order)),
            state=OrderState.IN_FORCE,
            starts_at=from_us(self._scene.now_us),
            issued_by=_issuer(act),
        )

    def refuse(self, act: Act, order: Order) -> None:
        """Let a proposal not come into force."""
        self._change(order, (_by(act, order),), state=OrderState.REFUSED)

    def lift(self, act: Act, order: Order) -> None:
        """End an order in force."""
        now = from_us(self._scene.now_us)
        self._change(order, (_by(act, order),), state=OrderState.LIFTED, ends_at=now)

    def auto_came(self, order_id: str) -> None:
        """Nobody has confirmed in time: where the plan allows it, the order comes into force."""
        order = self.all[order_id]
        due = Reason(
            code=ReasonCode.AUTO_AFTER, place=order.place, hazard=order.hazard, level=order.level
        )
        self._change(
            order,
            (*self.reasons.get(order_id, ()), due),
            state=OrderState.IN_FORCE,
            starts_at=from_us(self._scene.now_us),
            issued_by=IssuedBy(automatic=True),
        )

    def end_came(self, order_id: str) -> None:
        """The end that an order was given has come."""
        self._change(self.all[order_id], (), state=OrderState.COMPLETED)

    def is_evacuating(self, place: str) -> bool:
        """Whether an evacuation is in force at *place* or in it."""
        return any(
            order.state is OrderState.IN_FORCE
            and order.measure is Measure.EVACUATE
            and self._scene.register.lies_in(order.place, place)
            for order in self.all.values()
        )

    def _change(self, order: Order, reasons: tuple[Reason, ...], **fields: Any) -> None:
        for timer in ("auto", "end") if fields["state"] is not OrderState.IN_FORCE else ("auto",):
            self._scene.timers.cancel((timer, order.order_id))
        self._tell(order.model_copy(update=fields), OrderChanged, reasons)

    def _tell(self, order: Order, kind: type[Decision], reasons: tuple[Reason, ...]) -> None:
        self.all[order.order_id] = order
        self._scene.decide(
            kind,
            (order.place, order.order_id, order.state.value),
            order=order,
            reasons=reasons,
        )


def _issuer(act: Act) -> IssuedBy:
    return IssuedBy(user=act.user, role=act.role, mandate=act.mandate)


def _by(act: Act, order: Order) -> Reason:
    return Reason(
        code=ReasonCode.ACT,
        place=order.place,
        hazard=order.hazard,
        level=order.level,
        event_ids=(act.event_id,),
    )
