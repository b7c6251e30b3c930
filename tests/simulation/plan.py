"""
A night drawn from its seed: who lives in the towns, what happens, and what goes wrong.

A plan is data. Every fault, input and person has a name in it (f0, i3, p7); `kept` leaves all the
others out, which is how a failing night is made small.
"""

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from schemas.level import Level
from services.district.domain.pack import Pack
from services.district.domain.policy import (
    MAIN,
    CalleeLimits,
    CarrierAccount,
    CarrierBudget,
    LevelPolicy,
    Limits,
)
from services.district.domain.roster import Roster, Shift
from services.phones.domain.draw import seconds
from services.phones.domain.person import Habit, Person, Reply
from tests.simulation.faults import COUNTED, Count, Fault, FaultKind

_MIDNIGHT = datetime(2026, 7, 8, 16, 0, tzinfo=UTC)
_LASTS_S = 900
_USUAL = (Habit.CODER, Habit.CODER, Habit.AT_ONCE, Habit.SLOWLY)
_HABITS = (*[habit for habit in Habit if habit is not Habit.MANUAL], *_USUAL * 3)
_REPLIES = (Reply.NONE, Reply.NONE, Reply.NONE, Reply.ONE, Reply.RECEIVED, Reply.CODE)
_FAR = {
    Count.STEP: 3000,
    Count.COMMIT: 250,
    Count.REQUEST: 60,
    Count.QUESTION: 12,
    Count.CALLBACK: 150,
    Count.DELIVERY: 200,
    Count.SECOND: _LASTS_S,
}
"""About how many of each a night has: ordinals are drawn up to there."""


class SaidKind(StrEnum):
    """What may happen in a district."""

    RAIN = "rain"
    RAISE = "raise"
    LOWER = "lower"
    ISSUE = "issue"
    CONFIRM = "confirm"
    LIFT = "lift"


@dataclass(frozen=True, slots=True)
class Said:
    """
    One input, *at_s* after the night's begin, for the town number *town*.

    *amount* is millimetres of rain, a level, or which of the orders there are.
    """

    kind: SaidKind
    at_s: float
    town: int
    amount: int
    exercise: bool = False
    again_after_s: float = 0.0
    """Said twice, so long after: as a source does that has not heard our answer."""

    def __str__(self) -> str:
        exercise = " (exercise)" if self.exercise else ""
        return f"{self.kind.value} {self.amount} in town {self.town}{exercise} at {self.at_s:g}s"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a night starts from."""

    seed: int
    pack: Pack
    start: datetime
    people: Mapping[str, Person]
    """By name: p0, p1, …; who is left out is a plain coder."""
    said: Mapping[str, Said]
    faults: Mapping[str, Fault]
    shuffles: bool
    commits_beside: bool
    """Whether commits go to the other thread even when the disk is quick."""

    @property
    def names(self) -> frozenset[str]:
        """The names of everything that may be left out."""
        return frozenset((*self.people, *self.said, *self.faults))

    def kept(self, names: Collection[str]) -> "Plan":
        """Return the plan with nothing but *names* of what may be left out."""
        return replace(
            self,
            people={name: one for name, one in self.people.items() if name in names},
            said={name: one for name, one in self.said.items() if name in names},
            faults={name: one for name, one in self.faults.items() if name in names},
        )


def draw_plan(seed: int, pack: Pack, towns: int) -> Plan:
    """Return the night of *seed* in the district of *pack*."""
    rng = random.Random(f"night {seed}")
    numbers = list(pack.numbers.values())
    return Plan(
        seed=seed,
        pack=_drawn_pack(rng, pack),
        start=_MIDNIGHT + timedelta(hours=rng.choice((0, 12))),
        people={f"p{n}": _person(rng, number) for n, number in enumerate(numbers)},
        said={f"i{n}": one for n, one in enumerate(_said(rng, towns))},
        faults={f"f{n}": one for n, one in enumerate(_faults(rng))},
        shuffles=rng.random() < 0.7,
        commits_beside=rng.random() < 0.5,
    )


def _person(rng: random.Random, number: str) -> Person:
    habits = tuple(rng.choice(_HABITS) for _ in range(rng.choice((1, 1, 1, 2))))
    return Person(
        number,
        habits=habits,
        reply=rng.choice(_REPLIES),
        rings=rng.choice((None, None, seconds(1, 3))),
        rings_back_after=seconds(2, 20),
    )


def _said(rng: random.Random, towns: int) -> list[Said]:
    found = []
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3, 6))):
        kind = rng.choices(list(SaidKind), weights=(8, 2, 3, 2, 2, 2))[0]
        amounts = {SaidKind.RAIN: (2, 3, 5, 5, 10, 20), SaidKind.RAISE: tuple(Level)}
        found.append(
            Said(
                kind,
                round(rng.uniform(0, _LASTS_S * 0.7) ** rng.choice((0.7, 1)), 3),
                rng.randrange(towns),
                int(rng.choice(amounts.get(kind, (0, 1, 2, 3)))),
                exercise=rng.random() < 0.15,
                again_after_s=rng.choice((0, 0, 0, 0.2, 5)),
            )
        )
    # A night in which nothing rises shows nothing.
    found.append(Said(SaidKind.RAIN, 1.0, rng.randrange(towns), rng.choice((5, 10, 20))))
    return sorted(found, key=lambda one: one.at_s)


def _faults(rng: random.Random) -> list[Fault]:
    kinds = list(FaultKind)
    weights = [3 if "kill" in kind.value else 1 for kind in kinds]
    how_many = rng.choice((0, 1, 2, 3, 4, 6, 9, 14, 25))
    found = []
    for kind in rng.choices(kinds, weights=weights, k=how_many):
        far = _FAR[COUNTED[kind]]
        at = 1 + int(far * rng.random() ** 2)
        found.append(Fault(kind, at, rng.choice(_SIZES.get(kind, (0.0,)))))
    return found


_AWAY = (0.3, 1.0, 2.5, 20.0)
_SIZES: dict[FaultKind, tuple[float, ...]] = {
    FaultKind.KILL_AT_STEP: _AWAY,
    FaultKind.KILL_BEFORE_COMMIT: _AWAY,
    FaultKind.KILL_AFTER_COMMIT: _AWAY,
    FaultKind.DISK_FULL: (0.2, 3.0, 30.0, 200.0),
    FaultKind.SLOW_DISK: (0.05, 0.4, 2.0),
    FaultKind.CLOCK_STEP: (-60.0, -5.0, -0.4, 0.4, 5.0, 60.0),
    FaultKind.SLOW_REQUEST: (0.5, 2.0, 5.0),
    FaultKind.DELIVERY_SLOW: (0.3, 3.0, 10.0),
    FaultKind.LIST_LAG: (1.0, 4.0),
}


def _drawn_pack(rng: random.Random, pack: Pack) -> Pack:
    account = CarrierAccount(
        MAIN,
        starts_per_s=rng.choice((1.0, 2.0, 2.5, 5.0)),
        lines=rng.choice((1, 2, 4, 12)),
        sms_per_s=rng.choice((1.0, 5.0, 20.0)),
    )
    budget = CarrierBudget(
        (account,),
        ring_timeout=timedelta(seconds=rng.choice((12, 20, 30))),
        callee=rng.choice(
            (CalleeLimits(10, 100, 500), CalleeLimits(3, 20, 100), CalleeLimits(1, 5, 20))
        ),
    )
    levels = {level: _drawn_level(rng, policy) for level, policy in pack.policies.levels.items()}
    policies = replace(
        pack.policies,
        budget=budget,
        levels=levels,
        join_within=timedelta(seconds=rng.choice((0, 3, 20))),
    )
    return replace(pack, policies=policies, roster=_drawn_roster(rng, pack))


def _drawn_level(rng: random.Random, policy: LevelPolicy) -> LevelPolicy:
    limits: Limits = replace(
        policy.day,
        ack_limit=timedelta(seconds=rng.choice((30, 120, 300))),
        attempts=rng.choice((1, 2, 3)),
        repeat_gap=timedelta(seconds=rng.choice((3, 20, 60))),
        deputy_at=rng.choice((None, timedelta(seconds=12), timedelta(seconds=60))),
        superior_at=rng.choice((None, timedelta(seconds=90))),
        reminder_at=rng.choice((None, None, timedelta(seconds=20))),
    )
    return replace(policy, day=limits, night=limits)


def _drawn_roster(rng: random.Random, pack: Pack) -> Roster:
    roster = pack.roster
    people = list(roster.people)
    shifts: dict[str, tuple[Shift, ...]] = {}
    for post, held in roster.shifts.items():
        (shift,) = held
        match rng.randrange(10):
            case 0:
                shift = replace(shift, holder=rng.choice(people))  # he may hold another post too
            case 1:
                shift = replace(shift, holder=None)
            case 2:
                shift = replace(shift, deputies=())
            case 3:
                shift = replace(shift, deputies=(*shift.deputies, rng.choice(people)))
            case _:
                pass
        shifts[post] = (shift,)
    return replace(roster, shifts=shifts)
