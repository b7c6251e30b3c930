import pytest
from twilio.rest.api.v2010.account.call import CallInstance
from twilio.rest.api.v2010.account.message import MessageInstance

from services.dispatcher.adapters.twilio.error_table import remedies_for
from services.dispatcher.adapters.twilio.status import (
    CALL_STATES,
    MESSAGE_STATES,
    State,
    call_state,
    is_machine,
    message_state,
)
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.calls.remedy import Remedy

CALLS: dict[str, State] = {
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
MESSAGES: dict[str, State] = {
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
INBOUND_ONLY = {"receiving", "received"}


@pytest.mark.parametrize(("status", "state"), CALLS.items(), ids=CALLS)
def test_each_call_status_has_one_meaning(status: str, state: State) -> None:
    assert call_state(status) == state


@pytest.mark.parametrize(("status", "state"), MESSAGES.items(), ids=MESSAGES)
def test_each_message_status_has_one_meaning(status: str, state: State) -> None:
    assert message_state(status) == state


def named_by(statuses: type) -> set[str]:
    return {value for name, value in vars(statuses).items() if name.isupper()}


def test_every_status_that_the_vendors_client_names_is_in_the_tables() -> None:
    assert named_by(CallInstance.Status) <= set(CALL_STATES)
    assert named_by(MessageInstance.Status) - INBOUND_ONLY == set(MESSAGE_STATES)


def test_a_status_nobody_knows_yet_says_only_that_the_carrier_has_it() -> None:
    assert call_state("teleported") == (Progress.ACCEPTED, None)
    assert message_state("teleported") == (Progress.ACCEPTED, None)


def test_a_phone_that_is_temporarily_unavailable_counts_as_not_answered() -> None:
    assert remedies_for(None, "480") == (Remedy.TREAT_AS_NO_ANSWER,)
    assert remedies_for("13224", "480") == (Remedy.TREAT_AS_NO_ANSWER,)
    assert remedies_for(None, "404") == ()


@pytest.mark.parametrize(
    ("answered_by", "is_one"),
    [
        ("machine_start", True),
        ("machine_end_beep", True),
        ("fax", True),
        ("human", False),
        ("", False),
        ("unknown", False),
    ],
)
def test_machine_detection_is_a_hint(answered_by: str, is_one: bool) -> None:
    assert is_machine(answered_by) is is_one
