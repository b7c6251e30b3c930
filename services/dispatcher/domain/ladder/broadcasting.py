"""
What is under way at loudspeakers and screens. A station drops an id that it knows, so that telling
it again is harmless: nothing is reconciled, it is told again until it answers or there is no use.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from services.dispatcher.domain.calls.attempt import Attempt
from services.dispatcher.domain.calls.call_state import Progress
from services.dispatcher.domain.commands import Broadcast
from services.dispatcher.domain.desk.desk import Desk

TOLD_AGAIN = tuple(timedelta(seconds=s) for s in (1, 8, 15))
"""Pauses before the further tries; each is longer than a try may take."""
PLAYED_WITHIN = timedelta(minutes=10)
"""How long after it took it a station may say that it has played it."""
VALID_FOR = timedelta(minutes=10)
"""After that long what was to be said is no longer how things stand."""


def broadcast(desk: Desk, attempt: Attempt) -> None:
    """Let the station of *attempt* speak."""
    desk.command(
        Broadcast(attempt.attempt_id, attempt.contact, attempt.text, attempt.status, VALID_FOR)
    )


def tell_again(desk: Desk, attempt: Attempt, now: datetime) -> bool:
    """
    Tell the station again, if its answer to *attempt* is overdue; False when there is no use.

    One that took it and never said that it played it is not told again: it may have no way to say.
    """
    if attempt.progress > Progress.UNKNOWN or attempt.looks >= len(TOLD_AGAIN) - 1:
        return False
    looks = attempt.looks + 1
    desk.put_attempt(replace(attempt, looks=looks, look_at=now + TOLD_AGAIN[looks]))
    broadcast(desk, attempt)
    return True
