"""What the carrier only believes, and what it does twice or too late."""

from schemas.dispatch import Fact
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.asks.chain import ChainState
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.commands import AskStatus, EndCall, PlaceCall
from services.dispatcher.domain.inputs import (
    AttemptSeen,
    CallHeard,
    Heard,
    RequestAnswered,
    RequestLost,
)
from tests.districts import pack, post
from tests.unit.dispatcher.night import Night


def one_post() -> Night:
    return Night(pack(post("VS", Role.VILLAGE_SECRETARY, "holder", deputies=("deputy",))))


def hint(night: Night, call: PlaceCall) -> None:
    provider_id = f"CA{call.attempt_id}"
    night.tell(
        AttemptSeen(call.attempt_id, provider_id, Progress.ANSWERED, answered_by_machine=True)
    )


def ended(night: Night) -> list[EndCall]:
    return [command for _, command in night.commands if isinstance(command, EndCall)]


def test_a_machine_hears_the_message_once_and_the_deputy_is_rung_when_it_is_over() -> None:
    night = one_post()
    night.respond(Level.II)
    call = night.rings("holder")
    script = night.presses(call)
    hint(night, call)
    assert night.calls("deputy") == []

    goodbye = night.tell(CallHeard(call.attempt_id, script.step, Heard.NOTHING))
    night.ends(call, Outcome.COMPLETED)

    assert goodbye is not None
    assert goodbye.is_last
    assert night.called_at("deputy") == [0.0]
    assert night.chain("VS").is_open


def test_a_human_hears_it_again_when_he_presses_nothing() -> None:
    night = one_post()
    night.respond(Level.II)
    call = night.rings("holder")
    script = night.presses(call)

    again = night.tell(CallHeard(call.attempt_id, script.step, Heard.NOTHING))

    assert again is not None
    assert not again.is_last


def test_the_hint_is_on_record_once_and_refuses_nobody() -> None:
    night = one_post()
    night.respond(Level.II)
    call = night.rings("holder")
    hint(night, call)
    hint(night, call)

    night.presses(call, Heard.CONFIRM, Heard.CODE_RIGHT)

    assert night.chain("VS").state is ChainState.ACKNOWLEDGED
    hints = [one for one in night.said(Fact.ATTEMPT_CHANGED) if one.detail.get("machine")]
    assert len(hints) == 1


def test_a_second_call_of_one_request_is_ended_while_it_rings() -> None:
    night = one_post()
    night.respond(Level.II)
    call = night.rings("holder")

    night.tell(AttemptSeen(call.attempt_id, "CA-again", Progress.RINGING))

    assert [(one.attempt_id, one.provider_id) for one in ended(night)] == [
        (call.attempt_id, "CA-again")
    ]
    assert night.desk.attempts[call.attempt_id].provider_id == f"CA{call.attempt_id}"


def test_a_second_call_that_somebody_has_answered_is_left_to_him() -> None:
    night = one_post()
    night.respond(Level.II)
    call = night.rings("holder")

    night.tell(AttemptSeen(call.attempt_id, "CA-again", Progress.ANSWERED))

    assert ended(night) == []


def test_a_call_withdrawn_while_its_fate_is_unknown_is_ended_once_it_is_found() -> None:
    night = one_post()
    night.respond(Level.III)
    call = night.calls("holder")[0]
    night.tell(RequestLost(call.attempt_id))
    night.respond(None, previous=Level.III)
    assert ended(night) == []

    night.tell(RequestAnswered(call.attempt_id, "CA-found"))
    night.tell(AttemptSeen(call.attempt_id, "CA-found", Progress.RINGING))

    assert {one.provider_id for one in ended(night)} == {"CA-found"}


def test_a_withdrawn_call_that_lives_on_is_ended_again() -> None:
    night = one_post()
    night.respond(Level.III)
    call = night.rings("holder")
    night.respond(None, previous=Level.III)
    assert len(ended(night)) == 1

    night.tell(AttemptSeen(call.attempt_id, f"CA{call.attempt_id}", Progress.ANSWERED))

    assert [one.answered for one in ended(night)] == [False, True]


def test_a_long_call_is_not_given_up_while_the_carrier_says_that_it_goes_on() -> None:
    night = one_post()
    night.respond(Level.II)
    call = night.rings("holder")
    provider_id = f"CA{call.attempt_id}"
    night.tell(AttemptSeen(call.attempt_id, provider_id, Progress.ANSWERED))

    for _ in range(60):
        night.wait(seconds=15)
        if any(isinstance(command, AskStatus) for _, command in night.commands):
            night.tell(AttemptSeen(call.attempt_id, provider_id, Progress.ANSWERED))

    assert night.desk.attempts[call.attempt_id].is_live
    assert len(night.calls("holder")) == 1


def test_a_call_of_which_the_carrier_says_nothing_more_is_given_up_at_last() -> None:
    night = one_post()
    night.respond(Level.II)
    call = night.rings("holder")

    night.wait(minutes=8)

    assert night.desk.attempts[call.attempt_id].outcome is Outcome.EXPIRED
