"""A shift ends in the middle of a chain: whoever comes on duty is rung, who goes is left alone."""

from dataclasses import replace
from datetime import timedelta

from schemas.dispatch import Fact
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.calls.call_state import Outcome
from services.district.domain.pack import Pack
from services.district.domain.roster import Shift
from tests.districts import pack, post
from tests.unit.dispatcher.night import MIDNIGHT, Night

_CHANGE = MIDNIGHT + timedelta(minutes=2)


def two_shifts() -> Pack:
    made = pack(
        post("DO", Role.DUTY_OFFICER, "ann", deputies=("bob",)),
        post("XX", Role.GRID_WORKER, "eve", deputies=("fay",)),
    )
    shifts = (
        Shift("DO", "ann", ("bob",), end=_CHANGE),
        Shift("DO", "eve", ("fay",), start=_CHANGE),
    )
    return replace(made, roster=replace(made.roster, shifts={**made.roster.shifts, "DO": shifts}))


def test_the_new_holder_is_rung_at_the_change_and_the_old_one_no_more() -> None:
    night = Night(two_shifts())
    night.respond(Level.I)
    night.ends(night.rings("ann"), Outcome.NO_ANSWER)

    night.wait(minutes=2)
    night.ends(night.rings("eve"), Outcome.NO_ANSWER)
    night.wait(minutes=10)

    assert night.called_at("eve")[0] == 120.0
    assert [at for at in night.called_at("ann") if at >= 120.0] == []
    (said,) = night.said(Fact.POST_HANDED_OVER)
    assert (said.detail["from"], said.detail["to"]) == (["ann"], ["eve"])


def test_a_call_that_is_live_at_the_change_still_confirms_for_the_post() -> None:
    night = Night(two_shifts())
    night.respond(Level.I)
    night.wait(seconds=119)
    night.wait(seconds=2)

    night.confirms("ann")

    assert not night.chain("DO").is_open
    assert night.chain("DO").acknowledged_by == "ann"
