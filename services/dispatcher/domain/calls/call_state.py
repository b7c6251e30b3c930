"""
The states of one attempt at the carrier: a lattice in which an older update never wins.

The carrier promises no order: a late `ringing` must not turn an answered call back into one that
rings, or that person would be called again.
"""

from enum import IntEnum, StrEnum


class Progress(IntEnum):
    """How far an attempt has come. It only ever grows."""

    INTENDED = 0
    """On disk; the carrier has not been asked, or its answer has not come back."""
    UNKNOWN = 1
    """Asked, and the answer was lost: it may ring. Reconciled before anybody is rung again."""
    ACCEPTED = 2
    """The carrier has it: queued there."""
    RINGING = 3
    """Voice: it rings. SMS: it was sent."""
    ANSWERED = 4
    """Somebody, or a machine, took the call. SMS: it was delivered."""
    ENDED = 5


class Outcome(StrEnum):
    """How an attempt ended. None of these is an acknowledgement."""

    COMPLETED = "completed"
    """The line closed after it was answered."""
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    """The carrier could not do it; *code* of the update says why."""
    CANCELLED = "cancelled"
    """We withdrew it."""
    NOT_PLACED = "not_placed"
    """Reconciliation found that the carrier never had it."""
    REFUSED = "refused"
    """The carrier said no to the request."""
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    EXPIRED = "expired"
    """No final word from the carrier by the deadline, nor when asked."""
