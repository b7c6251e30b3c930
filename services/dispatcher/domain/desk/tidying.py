"""
What is over leaves the desk, memory and store alike; the ledger alone remembers for ever.

A day is long enough for everything that may still be said of it: a call-back or an SMS with a code
that comes late, a webhook or a decision that comes twice. What is committed by its position comes
twice only when its writer died before it had noted that it had written, and that is repaired by
the writer's next start; a carrier tries a webhook again for minutes.
"""

from datetime import datetime, timedelta

from services.dispatcher.domain.desk.desk import Desk

KEPT_FOR = timedelta(days=1)
MOST_AT_ONCE = 32
"""Of each kind, with each input: what is over must not hold up who waits."""


def tidy(desk: Desk, now: datetime) -> None:
    """Let some of what has been over for a day leave *desk*."""
    over = now - KEPT_FOR
    for _ in range(MOST_AT_ONCE):
        if not any([_noted(desk, over), _called(desk, over), _attempt(desk, over, now)]):
            break
    _callout(desk, over, now)


def _noted(desk: Desk, over: datetime) -> bool:
    key = next(iter(desk.noted), None)
    if key is None or desk.noted[key] > over:
        return False
    del desk.noted[key]
    desk.effects.rows["noted", key] = None
    return True


def _called(desk: Desk, over: datetime) -> bool:
    contact = next(iter(desk.called), None)
    if contact is None or desk.called[contact] > over:
        return False
    del desk.called[contact]
    desk.callees.forget(contact)
    desk.effects.rows["history", contact] = None
    return True


def _attempt(desk: Desk, over: datetime, now: datetime) -> bool:
    if not desk.ended_attempts or desk.ended_attempts[0][0] > over:
        return False
    _, attempt_id = desk.ended_attempts.popleft()
    attempt = desk.attempts[attempt_id]
    callouts = desk.callouts_of(attempt.chains)
    if any(desk.callouts[callout_id].is_open for callout_id in callouts):
        desk.ended_attempts.append((now, attempt_id))  # its code may still confirm
        desk.put_off += 1
    else:
        desk.forget_attempt(attempt, callouts)
    return True


def _callout(desk: Desk, over: datetime, now: datetime) -> None:
    if not desk.ended_callouts or desk.ended_callouts[0][0] > over:
        return
    _, callout_id = desk.ended_callouts.popleft()
    if desk.book.is_over(callout_id) and not desk.book.attempts(callout_id):
        desk.forget_callout(callout_id)
    else:
        desk.ended_callouts.append((now, callout_id))
        desk.put_off += 1
