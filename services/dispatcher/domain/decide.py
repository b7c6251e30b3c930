"""The dispatcher's one door: an input and the time in; what to store, to do and to say out."""

from datetime import datetime

from schemas.decision import ActAnswered, OrderChanged, OrderProposed, ResponseChanged
from services.dispatcher.domain.asks.answering import call_heard, called_back
from services.dispatcher.domain.asks.clockwork import fire_timers, restarted
from services.dispatcher.domain.asks.ordering import order_changed, order_proposed
from services.dispatcher.domain.asks.planning import tell_plans
from services.dispatcher.domain.asks.replying import sms_received
from services.dispatcher.domain.asks.responding import response_changed
from services.dispatcher.domain.calls.calling import join_ringing, start_permitted
from services.dispatcher.domain.calls.carrier_news import (
    attempt_seen,
    not_found,
    request_answered,
    request_lost,
    request_refused,
)
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.desk.tidying import tidy
from services.dispatcher.domain.inputs import (
    AttemptSeen,
    Audited,
    CalledBack,
    CallHeard,
    DecisionRead,
    Input,
    NotFound,
    RequestAnswered,
    RequestLost,
    RequestRefused,
    SmsReceived,
    WokenUp,
)
from services.dispatcher.domain.ladder.field_acts import act_answered
from services.dispatcher.domain.script import Script
from services.dispatcher.domain.watch.auditing import audit


def decide(desk: Desk, what: Input, now: datetime) -> Script | None:
    """
    Apply *what* to *desk* at *now*; the effects are noted in the desk.

    Timers that are due fire first, so that an answer that comes at the limit finds the chain as
    the limit left it; then starts that became permitted are used, whatever the input was.
    """
    fire_timers(desk, now)
    script = _apply(desk, what, now)
    fire_timers(desk, now)
    join_ringing(desk, now)
    tell_plans(desk, now)
    start_permitted(desk, now)
    tidy(desk, now)
    return script


def _apply(desk: Desk, what: Input, now: datetime) -> Script | None:  # noqa: C901 - a table
    match what:
        case DecisionRead():
            _decision_read(desk, what, now)
        case RequestAnswered():
            request_answered(desk, what, now)
        case RequestRefused():
            request_refused(desk, what, now)
        case RequestLost():
            request_lost(desk, what, now)
        case AttemptSeen():
            attempt_seen(desk, what, now)
        case NotFound():
            not_found(desk, what, now)
        case CallHeard():
            return call_heard(desk, what, now)
        case SmsReceived():
            sms_received(desk, what, now)
        case CalledBack():
            return called_back(desk, what, now)
        case Audited():
            audit(desk, now)
        case WokenUp():
            if what.restarted:
                restarted(desk, now)
    return None


def _decision_read(desk: Desk, what: DecisionRead, now: datetime) -> None:
    decision = what.decision
    if not desk.note_once(decision.decision_id, now):
        return
    match decision:
        case ResponseChanged():
            response_changed(desk, decision, now)
        case OrderProposed():
            order_proposed(desk, decision, now)
        case OrderChanged():
            order_changed(desk, decision, now)
        case ActAnswered():
            act_answered(desk, decision, now)
        case _:
            pass  # refusals, silence and quarantine are on record; nobody is called for them
