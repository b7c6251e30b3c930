"""An exercise and the real thing at the same time: neither is ever put in a call or SMS of the other's."""

from schemas.cap import Status
from schemas.dispatch import Fact
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.calls.attempt import Channel
from services.dispatcher.domain.inputs import CalledBack
from tests.districts import pack, post
from tests.unit.dispatcher.night import Night


def both() -> Night:
    night = Night(
        pack(
            post("DO", Role.DUTY_OFFICER, "officer", place="500199000000"),
            post("VS", Role.VILLAGE_SECRETARY, "secretary"),
        )
    )
    night.respond(Level.III, status=Status.EXERCISE)
    night.respond(Level.III)
    night.wait(seconds=20)
    return night


def test_a_call_for_an_exercise_is_not_joined_by_the_real_thing() -> None:
    night = both()

    carried = {
        attempt.attempt_id: {night.desk.chains[key].status for key in attempt.chains}
        for attempt in night.desk.attempts.values()
        if attempt.chains
    }

    assert {len(statuses) for statuses in carried.values()} == {1}
    assert {Status.EXERCISE, Status.ACTUAL} == set().union(*carried.values())


def test_each_of_the_two_has_an_sms_of_its_own() -> None:
    night = both()

    asks = [
        {night.desk.chains[key].status for key in attempt.chains}
        for attempt in night.desk.attempts.values()
        if attempt.channel is Channel.SMS and attempt.chains and attempt.person == "secretary"
    ]

    assert sorted(asks, key=str) == [{Status.ACTUAL}, {Status.EXERCISE}]


def test_who_rings_back_hears_of_the_real_thing() -> None:
    night = both()

    night.tell(CalledBack("c-secretary", "CAin", "in_1"))

    pending = night.desk.attempts["in_1"].chains
    assert {night.desk.chains[key].status for key in pending} == {Status.ACTUAL}


def test_a_word_without_an_ask_is_recorded_as_what_it_is_about() -> None:
    night = both()
    night.respond(None, status=Status.EXERCISE, previous=Level.III)
    night.wait(seconds=5)

    words = [
        fact
        for fact in night.said(Fact.ATTEMPT_INTENDED)
        if fact.detail["channel"] == Channel.SMS.value and "purpose" in fact.detail
    ]

    assert {fact.status for fact in words} == {Status.EXERCISE}
