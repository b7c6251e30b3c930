"""How often one person may be rung, whatever rings for him; the last call is for the highest level."""

from datetime import timedelta

from schemas.dispatch import Fact
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.asks.chain import ChainState
from services.dispatcher.domain.calls.budget import CalleeBudget, Hold, HoldReason
from services.dispatcher.domain.calls.call_state import Outcome
from services.dispatcher.domain.commands import SendMessage
from services.dispatcher.domain.inputs import Heard
from services.district.domain.policy import CalleeLimits
from tests.districts import pack, policies, post
from tests.unit.dispatcher.night import MIDNIGHT, Night

HOLDER_AND_DEPUTY = post("VS", Role.VILLAGE_SECRETARY, "holder", deputies=("deputy",))


def a_night(limits: CalleeLimits) -> Night:
    return Night(pack(HOLDER_AND_DEPUTY, policies_=policies(callee=limits)))


def rings_in_vain(night: Night, person: str) -> None:
    night.ends(night.rings(person), Outcome.NO_ANSWER)


def test_the_last_call_of_an_hour_and_of_a_day_is_kept_for_the_highest_level() -> None:
    budget = CalleeBudget(CalleeLimits(per_minute=60, per_hour=3, per_day=5))
    hour = MIDNIGHT + timedelta(hours=1)
    for minute in (0, 1):
        budget.use("c", MIDNIGHT + timedelta(minutes=minute))

    now = MIDNIGHT + timedelta(minutes=2)
    assert budget.hold("c", Level.II, now) == Hold(HoldReason.KEPT, hour)
    assert budget.hold("c", Level.I, now) is None

    budget.use("c", now)
    assert budget.hold("c", Level.I, now) == Hold(HoldReason.HOUR, hour)
    budget.use("c", hour)
    later = hour + timedelta(hours=2)
    assert budget.hold("c", Level.II, later) == Hold(HoldReason.KEPT, MIDNIGHT + timedelta(days=1))
    assert budget.hold("c", Level.I, later) is None


def test_of_one_call_nothing_is_kept() -> None:
    budget = CalleeBudget(CalleeLimits(per_minute=1, per_hour=1, per_day=1))

    assert budget.hold("c", Level.IV, MIDNIGHT) is None


def test_a_chain_that_may_not_take_the_last_call_says_so_and_goes_on_to_the_next_person() -> None:
    night = a_night(CalleeLimits(per_minute=60, per_hour=2, per_day=20))
    night.respond(Level.II)
    rings_in_vain(night, "holder")
    assert night.calls("deputy") == []

    night.wait(minutes=2)

    assert len(night.calls("holder")) == 1
    assert len(night.calls("deputy")) == 1
    [held] = night.said(Fact.CALL_HELD_BACK)
    assert held.detail["reason"] == "kept_for_highest"
    assert held.values["person"] == "holder"

    night.respond(Level.I, hazard=Hazard.GAS_LEAK)
    assert len(night.calls("holder")) == 2, "for the highest level it was kept"


def test_a_chain_is_not_left_open_for_an_hour_because_nobody_may_be_rung() -> None:
    night = a_night(CalleeLimits(per_minute=60, per_hour=2, per_day=20))
    night.respond(Level.II)
    rings_in_vain(night, "holder")
    night.wait(minutes=2)
    rings_in_vain(night, "deputy")
    night.wait(minutes=8)

    assert night.chain("VS").state is ChainState.EXHAUSTED
    assert night.now < MIDNIGHT + timedelta(minutes=11)
    assert len(night.said(Fact.CALL_HELD_BACK)) == 2


def test_a_minute_between_two_calls_is_waited_for_and_opens_no_rung() -> None:
    night = a_night(CalleeLimits(per_minute=1, per_hour=20, per_day=20))
    night.respond(Level.II)
    rings_in_vain(night, "holder")
    night.respond(None, previous=Level.II)
    night.respond(Level.II)
    night.wait(seconds=59)
    assert len(night.calls("holder")) == 1

    night.wait(seconds=2)

    assert len(night.calls("holder")) == 2
    assert night.calls("deputy") == []
    assert night.said(Fact.CALL_HELD_BACK) == []


def test_whoever_was_held_back_is_rung_when_he_may_be_while_the_ask_is_open() -> None:
    night = a_night(CalleeLimits(per_minute=60, per_hour=2, per_day=20))
    night.respond(Level.III)
    rings_in_vain(night, "holder")
    night.respond(None, previous=Level.III)
    night.wait(minutes=50)
    night.respond(Level.III)
    night.wait(seconds=1)
    assert len(night.calls("holder")) == 1
    assert len(night.calls("deputy")) == 1

    night.wait(minutes=11)

    assert len(night.calls("holder")) == 2


def test_a_call_that_waits_for_its_minute_is_made_then_though_his_sms_went_meanwhile() -> None:
    """What is done for a chain while its call is held back must not make the call forgotten."""
    other = post("VS2", Role.VILLAGE_SECRETARY, "deputy")
    limits = policies(callee=CalleeLimits(per_minute=1, per_hour=20, per_day=20))
    night = Night(pack(HOLDER_AND_DEPUTY, other, policies_=limits))
    night.respond(Level.II)
    rings_in_vain(night, "deputy")
    call = night.rings("holder")
    for _, command in list(night.commands):
        if isinstance(command, SendMessage):
            night.delivered(command.attempt_id)
    night.wait(seconds=50)
    night.presses(call, Heard.DEPUTY)
    night.ends(call, Outcome.COMPLETED)
    assert len(night.messages("deputy")) == 2

    due = night.desk.next_wake()

    assert due is not None
    assert due <= MIDNIGHT + timedelta(seconds=61)
