"""The simulation itself: the same seed is the same night, every fault strikes, failures get small."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.dispatch import Fact
from services.phones.domain.person import Habit
from tests.simulation.evidence import Evidence
from tests.simulation.faults import Fault, FaultKind
from tests.simulation.invariants import judge
from tests.simulation.night import live_through
from tests.simulation.plan import Said, SaidKind, draw_plan
from tests.simulation.shrink import shrink
from tests.simulation.test_planted_faults import a_night
from tests.simulation.town import TOWNS, pack

SEEDS = 12
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")


def a_drawn_night(seed: int) -> Evidence:
    return live_through(draw_plan(seed, pack(), len(TOWNS)))


def digest(evidence: Evidence) -> str:
    """Return what any difference between two nights would change."""
    told = hashlib.sha256()
    for at_s, stored in evidence.kept:
        told.update(f"{at_s} {stored.offset} ".encode() + stored.data)
    for number, happened in sorted(evidence.exchange.record.happenings.items()):
        told.update(f"{number} {happened}".encode())
    return f"{told.hexdigest()} {evidence.steps}"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_must_always_hold_holds_in_the_night_of_seed(seed: int) -> None:
    evidence = a_drawn_night(seed)

    assert [str(violation) for violation in judge(evidence)] == []
    assert evidence.is_finished


def test_a_seed_is_the_same_night_again() -> None:
    assert digest(a_drawn_night(3)) == digest(a_drawn_night(3))


def test_a_seed_is_the_same_night_in_another_process() -> None:
    code = (
        "from tests.simulation.test_simulation import a_drawn_night, digest;"
        "print(digest(a_drawn_night(5)))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            capture_output=True,
            check=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path.cwd())},
        ).stdout
        for seed in ("1", "2")
    }

    assert told == {digest(a_drawn_night(5)) + "\n"}


def test_every_kind_of_fault_is_drawn_and_strikes() -> None:
    struck: set[FaultKind] = set()
    for seed in range(60):
        plan = draw_plan(seed, pack(), len(TOWNS))
        if {fault.kind for fault in plan.faults.values()} - struck:
            struck |= {fault.kind for fault in live_through(plan).struck}

    assert struck == set(FaultKind)


def test_every_habit_and_every_input_is_drawn() -> None:
    plans = [draw_plan(seed, pack(), len(TOWNS)) for seed in range(100)]

    habits = {habit for plan in plans for one in plan.people.values() for habit in one.habits}
    kinds = {said.kind for plan in plans for said in plan.said.values()}

    assert habits == set(Habit) - {Habit.MANUAL}
    assert kinds == set(SaidKind)
    assert {said.exercise for plan in plans for said in plan.said.values()} == {True, False}


def test_a_failing_night_is_made_small() -> None:
    plan = draw_plan(1, pack(), len(TOWNS))
    plan = replace(plan, faults=draw_plan(8, pack(), len(TOWNS)).faults)
    guilty = {next(iter(plan.said)), list(plan.people)[4]}

    small = shrink(plan, lambda smaller: guilty <= smaller.names)

    assert small.names == guilty


@pytest.mark.parametrize("at", [8, 10, 20])
def test_a_clock_set_forwards_keeps_nobody_waiting_for_a_permitted_start(at: int) -> None:
    """Who sleeps towards an instant that was leapt over is woken for what has come up meanwhile."""
    rains = [
        Said(SaidKind.RAIN, at_s, town, 20) for town, at_s in enumerate((1.0, at + 2.5, at + 3.7))
    ]
    leap = Fault(FaultKind.CLOCK_STEP, at, 60.0)

    evidence = live_through(a_night(*rains, habit=Habit.SLOWLY, faults=[leap], starts_per_s=1))

    assert evidence.struck == [leap]
    assert [str(violation) for violation in judge(evidence)] == []


def test_a_thousand_callouts_an_hour_pass_in_seconds() -> None:
    """A level is raised and lowered a thousand times in an hour: nobody is left out, nothing drifts."""
    said = []
    for number in range(1000):
        at_s, town = 1 + 3.6 * number, number % len(TOWNS)
        said.append(Said(SaidKind.RAISE, at_s, town, 1))
        said.append(Said(SaidKind.LOWER, at_s + 9.0, town, 0))

    evidence = live_through(a_night(*said, starts_per_s=5))

    assert sum(1 for _ in evidence.facts(Fact.CALLOUT_OPENED)) == 1000
    assert [str(violation) for violation in judge(evidence)] == []
    assert evidence.ended_at < 3600 + 15 * 60
