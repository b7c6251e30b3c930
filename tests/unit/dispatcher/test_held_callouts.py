"""Invariant 16: a source that causes too many callouts cannot flood a district, nor be ignored."""

from datetime import timedelta

from schemas.dispatch import Fact
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.inputs import Heard
from services.district.domain.pack import SourceKey
from tests.districts import pack, post
from tests.unit.dispatcher.night import MIDNIGHT, Night

SOURCE = SourceKey("gauges", "0" * 64, ("readings",), callouts_per_hour=1)


def flooded() -> Night:
    night = Night(
        pack(
            post("DO", Role.DUTY_OFFICER, "officer", place="500199000000"),
            post("VS", Role.VILLAGE_SECRETARY, "secretary"),
            sources=(SOURCE,),
        )
    )
    night.respond(Level.III, source="gauges")
    night.respond(Level.III, hazard=Hazard.GAS_LEAK, source="gauges")
    return night


def test_invariant_16_beyond_its_callouts_a_source_still_reaches_who_is_on_duty() -> None:
    """The second callout of the hour rings the duty officer at once, and nobody else yet."""
    night = flooded()

    assert len(night.said(Fact.CALLOUT_HELD)) == 1
    gas = [c for c in night.desk.chains.values() if c.callout_id == night.chain("DO").callout_id]
    assert [chain.post for chain in gas] == ["DO"]


def test_invariant_16_one_key_of_his_calls_the_rest() -> None:
    """He presses 1: the village secretary is asked too."""
    night = flooded()
    call = night.rings("officer")

    script = night.presses(call)
    assert "其余责任人" in "".join(script.words)
    night.presses(call, Heard.CONFIRM)

    held = night.said(Fact.CALLOUT_RELEASED)
    assert [fact.values["post"] for fact in held] == ["DO"]
    posts = [chain.post for chain in night.desk.chains.values()]
    assert sorted(posts) == ["DO", "DO", "VS", "VS"]


def test_an_hour_later_the_source_may_call_again() -> None:
    night = flooded()
    night.wait(minutes=61)

    night.respond(Level.III, hazard=Hazard.GALE, source="gauges")

    assert night.now - MIDNIGHT > timedelta(hours=1)
    assert len(night.said(Fact.CALLOUT_HELD)) == 1
