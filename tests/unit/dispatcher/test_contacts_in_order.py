"""A person with several numbers is rung at one after the other."""

from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.calls.call_state import Outcome
from services.dispatcher.domain.inputs import RequestRefused
from tests.districts import pack, person, post
from tests.unit.dispatcher.night import Night


def with_landlines(count: int) -> Night:
    return Night(
        pack(
            post("VS", Role.VILLAGE_SECRETARY, "ann", deputies=("bob",)),
            post("TP", Role.TOWN_PRINCIPAL, "ann"),
            people=(person("ann", landlines=count),),
        )
    )


def test_each_call_tries_the_next_of_his_numbers() -> None:
    night = with_landlines(1)
    night.respond(Level.I)

    for contact in ("ann", "ann-0", "ann"):
        assert night.calls()[-1].contact == f"c-{contact}"
        night.ends(night.rings(contact), Outcome.NO_ANSWER)
        night.wait(seconds=60)

    assert [call.contact for call in night.calls() if "ann" in call.contact] == [
        "c-ann",
        "c-ann-0",
        "c-ann",
    ]


def test_a_number_that_cannot_be_rung_leaves_the_others() -> None:
    night = with_landlines(1)
    night.respond(Level.II)
    call = night.calls("ann")[-1]

    night.tell(RequestRefused(call.attempt_id, "21211", retry=False))
    night.wait(seconds=1)

    assert night.calls()[-1].contact == "c-ann-0"
    assert night.calls("bob") == []


def test_with_the_last_number_gone_the_deputy_is_rung() -> None:
    night = with_landlines(0)
    night.respond(Level.II)

    night.tell(RequestRefused(night.calls("ann")[-1].attempt_id, "21211", retry=False))
    night.wait(seconds=1)

    assert len(night.calls("bob")) == 1


def test_nobody_is_rung_at_two_of_his_numbers_at_once() -> None:
    night = with_landlines(2)
    night.respond(Level.III)
    night.ends(night.rings("ann"), Outcome.NO_ANSWER)
    night.wait(seconds=100)

    night.respond(Level.I, previous=Level.III)

    live = [night.desk.attempts[key] for key in night.desk.live_call.values()]
    assert [attempt.person for attempt in live].count("ann") == 1
