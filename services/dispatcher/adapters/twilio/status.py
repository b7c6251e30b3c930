"""
The carrier's states in our words. The tables are the whole of it.

`completed` only means that the line closed, `sent` only that a network took the message.
"""

from collections.abc import Mapping

from services.dispatcher.domain.calls.call_state import Outcome, Progress

State = tuple[Progress, Outcome | None]

CALL_STATES: Mapping[str, State] = {
    "queued": (Progress.ACCEPTED, None),
    "initiated": (Progress.ACCEPTED, None),
    "ringing": (Progress.RINGING, None),
    "in-progress": (Progress.ANSWERED, None),
    "completed": (Progress.ENDED, Outcome.COMPLETED),
    "busy": (Progress.ENDED, Outcome.BUSY),
    "no-answer": (Progress.ENDED, Outcome.NO_ANSWER),
    "failed": (Progress.ENDED, Outcome.FAILED),
    "canceled": (Progress.ENDED, Outcome.CANCELLED),
}
MESSAGE_STATES: Mapping[str, State] = {
    "accepted": (Progress.ACCEPTED, None),
    "scheduled": (Progress.ACCEPTED, None),
    "queued": (Progress.ACCEPTED, None),
    "sending": (Progress.ACCEPTED, None),
    "sent": (Progress.RINGING, None),
    "partially_delivered": (Progress.RINGING, None),
    "delivered": (Progress.ENDED, Outcome.DELIVERED),
    "read": (Progress.ENDED, Outcome.DELIVERED),
    "undelivered": (Progress.ENDED, Outcome.UNDELIVERED),
    "failed": (Progress.ENDED, Outcome.FAILED),
    "canceled": (Progress.ENDED, Outcome.CANCELLED),
}
_IT_EXISTS: State = (Progress.ACCEPTED, None)
"""A state this table does not know yet: the carrier has it, and that is all one can say."""


def call_state(status: str) -> State:
    """Return the state of a call."""
    return CALL_STATES.get(status, _IT_EXISTS)


def message_state(status: str) -> State:
    """Return the state of an outgoing message."""
    return MESSAGE_STATES.get(status, _IT_EXISTS)


def is_machine(answered_by: str) -> bool:
    """Return whether the carrier believes that a machine answered; it often errs."""
    return answered_by.startswith("machine") or answered_by == "fax"
