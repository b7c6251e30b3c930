"""A callout's first round is planned before anybody is rung, from what is queued and what rings."""

from datetime import timedelta

from schemas.dispatch import Fact
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.calls.call_state import Outcome
from services.dispatcher.domain.desk.effects import Draft
from tests.districts import pack, policies, post
from tests.unit.dispatcher.night import Night


def a_night(people: int, starts_per_s: float = 1, lines: int = 100) -> Night:
    posts = [post(f"VS{n}", Role.VILLAGE_SECRETARY, f"p{n}") for n in range(people)]
    return Night(pack(*posts, policies_=policies(starts_per_s=starts_per_s, lines=lines)))


def plans(night: Night) -> list[Draft]:
    return night.said(Fact.CALLOUT_PLANNED)


def test_the_plan_is_told_once_before_the_first_call_is_intended() -> None:
    night = a_night(11)
    night.respond(Level.II)
    night.wait(minutes=1)

    [plan] = plans(night)
    facts = [draft.fact for _, draft in night.facts]
    assert facts.index(Fact.CALLOUT_PLANNED) < facts.index(Fact.ATTEMPT_INTENDED)
    assert plan.detail["calls"] == 11
    assert plan.detail["last_first_s"] == 10
    assert plan.detail["last_first_at"] == (night.facts[0][0] + timedelta(seconds=10)).isoformat()
    assert plan.values["callout_id"] == next(iter(night.desk.callouts))


def test_what_waits_at_a_higher_level_comes_first_and_at_a_lower_one_does_not() -> None:
    night = a_night(6)
    night.respond(Level.III, hazard=Hazard.GAS_LEAK)
    night.respond(Level.II)

    low, high = plans(night)
    # One of the six rings already; the five who wait are rung once, for both.
    assert (low.detail["calls"], low.detail["ahead"]) == (6, 0)
    assert (high.detail["calls"], high.detail["ahead"]) == (5, 0)


def test_lines_in_use_are_waited_for() -> None:
    night = a_night(2, starts_per_s=10, lines=1)
    night.respond(Level.III)

    [plan] = plans(night)
    assert float(str(plan.detail["last_first_s"])) > 10, "the second waits for the first to end"


def test_a_callout_that_calls_nobody_is_not_planned() -> None:
    night = a_night(3)
    night.respond(Level.IV)

    assert plans(night) == []


def test_repeats_are_no_first_calls() -> None:
    night = a_night(1)
    night.respond(Level.II)
    night.ends(night.rings("p0"), Outcome.NO_ANSWER)
    night.wait(minutes=5)

    assert len(plans(night)) == 1
