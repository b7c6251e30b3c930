"""What an order means for people: who must confirm it is told, who executes it is called."""

from datetime import datetime

from schemas.decision import OrderChanged, OrderProposed
from schemas.ids import hash_id
from schemas.order import OrderState
from services.dispatcher.domain.asks.callout import Callout, CalloutEnd, CalloutKind
from services.dispatcher.domain.asks.chain import Ask
from services.dispatcher.domain.asks.informing import queue_inform
from services.dispatcher.domain.asks.opening import end_callout, open_chains, record_opening
from services.dispatcher.domain.desk.desk import Desk
from services.district.domain.matrix import is_night, limits_for


def order_proposed(desk: Desk, decision: OrderProposed, now: datetime) -> None:
    """Tell whoever must confirm the order that it waits for him."""
    order = decision.order
    if order.confirm is None:
        return
    posts = desk.posts.answering_for(order.place, (order.confirm,))
    holders = {desk.pack.roster.shift_at(post.post_id, now).holder for post in posts}
    for person in sorted(holder for holder in holders if holder is not None):
        text = desk.words.to(person).proposed(order, decision.status)
        queue_inform(desk, None, person, text, order.level, now, decision.status)


def order_changed(desk: Desk, decision: OrderChanged, now: datetime) -> None:
    """An order in force opens its own callout to whoever executes it; its end ends the callout."""
    order = decision.order
    callout_id = hash_id("callout", order.order_id)
    known = desk.callouts.get(callout_id)
    if order.state is not OrderState.IN_FORCE:
        if known is not None and known.is_open:
            end_callout(desk, known, CalloutEnd.LIFTED, now)
        return
    if known is not None:
        return
    callout = Callout(
        callout_id=callout_id,
        kind=CalloutKind.ORDER,
        status=decision.status,
        town=order.town,
        place=order.place,
        hazard=order.hazard,
        level=order.level,
        limits=limits_for(desk.pack, order.level, night=is_night(desk.pack, decision.decided_at)),
        opened_at=decision.decided_at,
        decision_id=decision.decision_id,
        causes=decision.causes,
        why=order.text,
        order_id=order.order_id,
        measure=order.measure,
        target=order.target,
    )
    record_opening(desk, callout)
    posts = desk.posts.answering_for(order.place, order.executors)
    open_chains(desk, callout, posts, Ask.ORDER_RECEIVED, now)
