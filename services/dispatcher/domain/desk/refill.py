"""
Taking up what the process before left: from the slips, in the order of their instants.

Rows themselves are read when they are due or named. Nothing is read here but *rows*, so that a desk
can be made again from a log as from a store, and behaves as the one that was never away.
"""

from collections import deque
from datetime import datetime, timedelta

from services.dispatcher.domain.calls.attempt import Channel
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.desk.stored_rows import (
    ACCOUNTS,
    ATTEMPT_SLIPS,
    CALLOUTS,
    CHAIN_SLIPS,
    FAMILIES,
    HISTORY,
    INFORMS,
    NOTED,
    NOTED_FOR_GOOD,
    OUTAGES,
    TASKS,
    StoredRows,
)

_STARTS_LAST = timedelta(minutes=1)
"""Longer than any account's window of starts: one in a minute is the slowest that makes sense."""


def refill(desk: Desk, rows: StoredRows, serial: int, now: datetime) -> None:
    """Fill the empty *desk* at *now* with what *rows* hold; its next id follows *serial*."""
    desk.read_from(rows)
    desk.serial = serial
    desk.noted.update(sorted(rows.rows(NOTED), key=lambda noted: (noted[1], noted[0])))
    desk.noted_for_good.update(key for key, _ in rows.rows(NOTED_FOR_GOOD))
    callouts = [callout for _, callout in rows.rows(CALLOUTS)]
    for callout in sorted(callouts, key=lambda c: (c.opened_at, c.callout_id)):
        desk.adopt_callout(callout)
    desk.families.update(rows.rows(FAMILIES))
    for _, standing in rows.rows(ACCOUNTS):
        desk.accounts.adopt(standing)
    for contact, rung in sorted(rows.rows(HISTORY), key=lambda called: (called[1][-1], called[0])):
        desk.callees.restore(contact, rung)
        desk.called[contact] = rung[-1]
    for chain_id, chain in sorted(
        rows.rows(CHAIN_SLIPS), key=lambda one: (one[1].opened_at, one[1].callout_id, one[1].nth)
    ):
        desk.expect_chain(chain_id, chain)
    _expect_attempts(desk, rows, now)
    for _, task in rows.rows(TASKS):
        desk.adopt_task(task)
    for _, outage in rows.rows(OUTAGES):
        desk.adopt_outage(outage)
    for _, inform in sorted(rows.rows(INFORMS), key=lambda one: (one[1].queued_at, one[0])):
        desk.adopt_inform(inform)
    desk.ended_attempts = deque(sorted(desk.ended_attempts))
    desk.ended_callouts = deque(sorted(desk.ended_callouts))


def _expect_attempts(desk: Desk, rows: StoredRows, now: datetime) -> None:
    """
    Find the attempts again, and count the starts of the last moments, which the process before
    made: a restart must not open the carrier's window anew.
    """
    slips = sorted(rows.rows(ATTEMPT_SLIPS), key=lambda one: (one[1].intended_at, one[0]))
    for attempt_id, slip in slips:
        desk.expect_attempt(attempt_id, slip)
        if now - slip.intended_at < _STARTS_LAST and slip.started in {Channel.VOICE, Channel.SMS}:
            voice = slip.started is Channel.VOICE
            desk.accounts.use(
                slip.account, attempt_id, slip.intended_at, voice=voice, count=slip.parts
            )
