"""Two of three must confirm: one who has is left in peace, and the second ends the ask."""

from schemas.dispatch import Fact
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.asks.chain import ChainState
from services.dispatcher.domain.calls.call_state import Outcome
from tests.districts import pack, post
from tests.unit.dispatcher.night import Night


def reservoir() -> Night:
    return Night(pack(post("R3", Role.VILLAGE_SECRETARY, "ann", together=("bob", "cid"), need=2)))


def test_those_who_hold_a_post_together_are_rung_together() -> None:
    night = reservoir()

    night.respond(Level.I)

    assert {call.contact for call in night.calls()} == {"c-ann", "c-bob", "c-cid"}


def test_the_first_of_two_is_not_rung_again_and_the_ask_stays_open() -> None:
    night = reservoir()
    night.respond(Level.I)

    night.confirms("bob")
    night.ends(night.rings("ann"), Outcome.NO_ANSWER)
    night.wait(minutes=3)

    assert night.chain("R3").is_open
    assert len(night.calls("bob")) == 1
    assert len(night.calls("ann")) > 1
    (part,) = night.said(Fact.CONFIRMED_IN_PART)
    assert (part.detail["confirmed"], part.detail["need"]) == (1, 2)


def test_the_second_ends_it_and_stops_the_third_mans_phone() -> None:
    night = reservoir()
    night.respond(Level.I)
    third = night.rings("cid")
    night.confirms("bob")

    night.confirms("ann")

    assert night.chain("R3").state is ChainState.ACKNOWLEDGED
    assert night.chain("R3").confirmed == ("bob", "ann")
    assert third.attempt_id in night.withdrawn()
