"""How one ask stands, in one word for the pages."""

from enum import StrEnum


class Look(StrEnum):
    """
    How one ask stands, as the page shows it; five facts stay five (design.md section 1).

    The first four are open: nothing asked yet, ringing, somebody listens, tried without success and
    waiting for the next try. ESCALATED is open too: somebody other than the holder is being rung.
    CUT_OFF: no phone reaches where he is, so he is passed over, which is not "no answer".
    UNKNOWN: the carrier's answer was lost. NOT_WOKEN: on the duty officer's list, called on or not.
    """

    CREATED = "created"
    RINGING = "ringing"
    ANSWERED = "answered"
    NO_ANSWER = "noanswer"
    ESCALATED = "escalated"
    CUT_OFF = "cutoff"
    UNKNOWN = "unknown"
    NOT_WOKEN = "exhausted"
    ACKNOWLEDGED = "ack"
    CANCELLED = "cancelled"
    """Cancelled or superseded: nobody is asked any more."""
