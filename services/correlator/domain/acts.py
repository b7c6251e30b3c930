"""
What people do: each act is done or refused with a reason from a closed list, and answered once.
"""

from schemas.act import (
    ChannelReported,
    ConsultationRecorded,
    FieldAct,
    LevelConfirmed,
    LevelLowered,
    LevelRaised,
    OrderConfirmed,
    OrderIssued,
    OrderLifted,
    OrderRefused,
    QuarantineReleased,
)
from schemas.decision import ActAnswered, ActRefusal
from schemas.event import Act
from schemas.level import Level
from schemas.order import Order, OrderState
from schemas.reason import RaiseRule, Reason, ReasonCode
from services.correlator.domain.instants import to_us
from services.correlator.domain.lowering import refuse_lowering
from services.correlator.domain.mandates import may
from services.correlator.domain.orders import Orders
from services.correlator.domain.response import Response, worse_of
from services.correlator.domain.scene import Key, Scene
from services.correlator.domain.sensing import Sensing
from services.correlator.domain.settling import Responses

_AboutOrder = OrderConfirmed | OrderRefused | OrderLifted


class Acts:
    """The acts of people under one pack. *known* are those that have been answered."""

    def __init__(
        self, scene: Scene, sensing: Sensing, orders: Orders, responses: Responses
    ) -> None:
        self._scene = scene
        self._sensing = sensing
        self._orders = orders
        self._responses = responses
        self.known: set[str] = set()
        self.consulted: set[Key] = set()

    def do(self, act: Act) -> None:
        """Do *act*, settle what it touches, then answer it; the same act again is nothing."""
        if act.event_id in self.known:
            return
        self.known.add(act.event_id)
        order = self._named(act)
        refusal: ActRefusal | None = None
        if not may(self._scene.pack.mandates, act.role, act.body, order):
            refusal = ActRefusal.NO_MANDATE
        elif isinstance(act.body, OrderIssued):
            refusal, order = self._issue(act, act.body)
        elif isinstance(act.body, _AboutOrder):
            refusal = self._about_order(act, act.body, order)
        elif isinstance(act.body, QuarantineReleased):
            refusal = self._release(act.body)
        elif isinstance(act.body, FieldAct):
            refusal = self._in_the_field(act.body)
        elif not self._scene.register.knows(act.body.place):
            refusal = ActRefusal.UNKNOWN_PLACE
        else:
            refusal = self._about_level(act)
        self._responses.settle()
        answer(self._scene, act, refusal, None if order is None else order.order_id)

    def _named(self, act: Act) -> Order | None:
        body = act.body
        return self._orders.all.get(body.order_id) if isinstance(body, _AboutOrder) else None

    def _issue(self, act: Act, body: OrderIssued) -> tuple[ActRefusal | None, Order | None]:
        if not self._scene.register.knows(body.place):
            return ActRefusal.UNKNOWN_PLACE, None
        return None, self._orders.issue(act, body)

    def _about_order(self, act: Act, body: _AboutOrder, order: Order | None) -> ActRefusal | None:
        if order is None:
            return ActRefusal.UNKNOWN_ORDER
        needed = OrderState.IN_FORCE if isinstance(body, OrderLifted) else OrderState.PROPOSED
        if order.state is not needed:
            return ActRefusal.WRONG_STATE
        if isinstance(body, OrderLifted):
            self._orders.lift(act, order)
        elif isinstance(body, OrderConfirmed):
            self._orders.confirm(act, order)
        else:
            self._orders.refuse(act, order)
        return None

    def _release(self, body: QuarantineReleased) -> ActRefusal | None:
        held = self._sensing.quarantine.release(
            body.event_id, body.sensor_id, to_us(body.occurred_at)
        )
        for reading, event_id in held:
            self._sensing.use(reading, event_id)
        return None if held else ActRefusal.UNKNOWN_READING

    def _in_the_field(self, body: FieldAct) -> ActRefusal | None:
        # Callouts and tasks are the dispatcher's: it judges whether there is such a one.
        if isinstance(body, ChannelReported) and not self._scene.register.knows(body.place):
            return ActRefusal.UNKNOWN_PLACE
        return None

    def _about_level(self, act: Act) -> ActRefusal | None:
        body = act.body
        if isinstance(body, LevelRaised):
            return self._raise(act, body)
        if isinstance(body, LevelLowered):
            return self._lower(body)
        if isinstance(body, LevelConfirmed):
            return self._confirm(body)
        if isinstance(body, ConsultationRecorded):
            self.consulted.add((body.place, body.hazard))
        return None

    def _raise(self, act: Act, body: LevelRaised) -> ActRefusal | None:
        key = body.place, body.hazard
        response = self._responses.items.get(key, Response())
        if worse_of(body.level, response.level) is response.level:
            return ActRefusal.NOT_HIGHER
        reason = Reason(
            code=ReasonCode.ACT,
            place=body.place,
            hazard=body.hazard,
            level=body.level,
            raise_rule=RaiseRule.UP10,
            event_ids=(act.event_id,),
        )
        self._responses.items[key] = response
        self._responses.tell_raise(key, RaiseRule.UP10, reason, body.level - (response.level or 0))
        response.act = reason
        response.peak = tuple(sorted({*response.peak, act.event_id}))
        response.level = body.level
        response.confirmed = body.level >= Level.II
        response.stepped_us = None
        self._scene.touch(key)
        return None

    def _lower(self, body: LevelLowered) -> ActRefusal | None:
        key = body.place, body.hazard
        response = self._responses.items.get(key, Response())
        base = self._responses.base_at(key)
        refusal = refuse_lowering(
            response.level,
            body.level,
            base,
            consulted=body.consultation is not None or key in self.consulted,
            evacuating=self._orders.is_evacuating(body.place),
        )
        if refusal is not None:
            return refusal
        self.consulted.discard(key)
        response.level = body.level
        response.take_off_raises(base)
        response.stepped_us = self._scene.now_us
        response.confirmed = body.level is not None and body.level >= Level.II
        self._scene.touch(key)
        return None

    def _confirm(self, body: LevelConfirmed) -> ActRefusal | None:
        key = body.place, body.hazard
        response = self._responses.items.get(key, Response())
        if response.level is None or response.level < Level.II or response.level is not body.level:
            return ActRefusal.WRONG_STATE
        response.confirmed = True
        self._scene.touch(key)
        return None


def answer(scene: Scene, act: Act, refusal: ActRefusal | None, order_id: str | None = None) -> None:
    """Lay down what became of *act*."""
    field = act.body if refusal is None and isinstance(act.body, FieldAct) else None
    scene.decide(
        ActAnswered,
        (act.event_id,),
        act_id=act.event_id,
        done=refusal is None,
        refusal=refusal,
        order_id=order_id,
        user=act.user if field is not None else None,
        field=field,
    )
