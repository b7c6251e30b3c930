"""What is over leaves the desk and the store; what may still be spoken of does not."""

from datetime import timedelta

from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.asks.chain import ChainState
from services.dispatcher.domain.calls.call_state import Outcome
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.desk.tidying import KEPT_FOR
from services.dispatcher.domain.inputs import Heard, SmsAnswer, SmsReceived, WokenUp
from tests.districts import pack, post
from tests.unit.dispatcher.night import Night

PACK = pack(post("VS", Role.VILLAGE_SECRETARY, "secretary"))


def confirmed_night() -> Night:
    """The secretary was rung at III, confirmed, and hung up; his SMS arrived."""
    night = Night(PACK)
    night.respond(Level.III)
    call = night.rings("secretary")
    night.presses(call, Heard.CONFIRM)
    night.ends(call, Outcome.COMPLETED)
    for attempt in night.desk.live_attempts():
        night.delivered(attempt.attempt_id)
    return night


def pass_on(night: Night, span: timedelta) -> None:
    """Time passes and the desk is looked at; often enough for all that is due to be forgotten."""
    night.now += span
    for _ in range(4):
        night.tell(WokenUp())


def test_what_is_over_for_a_day_is_forgotten_in_memory_and_in_the_store() -> None:
    night = confirmed_night()
    night.respond(None, previous=Level.III)
    for attempt in night.desk.live_attempts():
        night.delivered(attempt.attempt_id)

    for _ in range(3):
        pass_on(night, KEPT_FOR + timedelta(seconds=1))

    assert not night.desk.callouts
    assert not night.desk.chains
    assert not night.desk.attempts
    assert not night.desk.noted
    assert {name for name, rows in night.kept.as_stored().items() if rows} == {"serial"}


def test_nothing_is_forgotten_within_a_day_of_its_end() -> None:
    night = confirmed_night()
    night.respond(None, previous=Level.III)
    known = len(night.desk.attempts), len(night.desk.chains), len(night.desk.noted)

    pass_on(night, KEPT_FOR - timedelta(minutes=1))

    assert (len(night.desk.attempts), len(night.desk.chains), len(night.desk.noted)) == known


def test_an_sms_of_an_open_callout_is_known_however_old_it_is() -> None:
    night = Night(PACK)
    night.respond(Level.III)
    night.ends(night.rings("secretary"), Outcome.NO_ANSWER)
    for attempt in night.desk.live_attempts():
        night.delivered(attempt.attempt_id)

    pass_on(night, KEPT_FOR * 3)

    assert len(night.desk.attempts_to("c-secretary")) >= 2
    assert night.chain("VS").state is ChainState.OPEN
    night.tell(SmsReceived("c-secretary", SmsAnswer.CONFIRM, "SM9"))
    assert night.chain("VS").state is ChainState.ACKNOWLEDGED


def test_what_has_ended_is_out_of_memory_once_it_is_durable_and_read_when_it_is_named() -> None:
    night = confirmed_night()
    again = Desk(PACK)
    night.kept.load(again, night.now)

    assert (again.chains.in_memory, again.attempts.in_memory) == (0, 0)
    assert list(again.chains.values()) == list(night.desk.chains.values())
    assert again.chains.in_memory == 0
    night.desk.read_from(night.kept)
    night.desk.put_away()
    assert (night.desk.chains.in_memory, night.desk.attempts.in_memory) == (0, 0)


def test_a_chain_that_is_open_is_read_when_it_is_due() -> None:
    night = Night(PACK)
    night.respond(Level.III)
    again = Desk(PACK)
    night.kept.load(again, night.now)
    assert again.chains.in_memory == 0

    ack_by = night.chain("VS").ack_by
    assert again.next_wake() is not None
    assert again.timers.next_at() is not None
    due = list(again.due_timers(ack_by))
    assert ("chain", night.chain("VS").chain_id) in due
    [open_chain] = again.open_chains_of("secretary")
    assert open_chain == night.chain("VS")
    assert again.chains.in_memory == 1
