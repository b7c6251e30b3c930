"""Each invariant's check is seen to fail: the same night holds, and with the fault planted it does not."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.level import Level
from services.correlator.domain import settling
from services.dispatcher.domain.asks import acknowledging, clockwork
from services.dispatcher.domain.calls import calling
from services.dispatcher.domain.calls.budget import CalleeBudget, Hold, HoldReason, StartBudget
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.inputs import Heard
from services.dispatcher.entrypoints.auditor import Auditor
from services.dispatcher.entrypoints.twilio_edge import TwilioEdge
from services.dispatcher.pipeline import DispatcherPipeline
from services.dispatcher.ports import Seen
from services.district.domain.policy import CalleeLimits
from services.phones.domain.draw import seconds
from services.phones.domain.person import Habit, Person
from tests.simulation.carrier import Line
from tests.simulation.faults import Fault, FaultKind
from tests.simulation.invariants import judge
from tests.simulation.night import live_through
from tests.simulation.plan import Plan, Said, SaidKind, draw_plan
from tests.simulation.town import TOWNS, pack

pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
_RED = Said(SaidKind.RAIN, 1.0, 0, 20)
_ORANGE = Said(SaidKind.RAIN, 1.0, 0, 10)
_YELLOW = Said(SaidKind.RAIN, 1.0, 0, 5)
_OFTEN = CalleeLimits(10, 100, 500)


def a_night(
    *said: Said,
    habit: Habit = Habit.AT_ONCE,
    faults: Sequence[Fault] = (),
    starts_per_s: float = 2,
    callee: CalleeLimits = _OFTEN,
) -> Plan:
    """Return a night in which everybody has the same habit, under the pack's own policies."""
    drawn = draw_plan(0, pack(), len(TOWNS))
    (account,) = pack().policies.budget.accounts
    budget = replace(
        pack().policies.budget,
        accounts=(replace(account, starts_per_s=starts_per_s),),
        callee=callee,
    )
    return replace(
        drawn,
        pack=replace(pack(), policies=replace(pack().policies, budget=budget)),
        people={
            f"p{n}": Person(number, habits=(habit,), rings=seconds(2, 3))
            for n, number in enumerate(pack().numbers.values())
        },
        said={f"i{n}": one for n, one in enumerate(said)},
        faults={f"f{n}": one for n, one in enumerate(faults)},
    )


def violated(plan: Plan) -> set[str]:
    return {violation.invariant for violation in judge(live_through(plan))}


Plant = Callable[[pytest.MonkeyPatch], None]


def _acts_before_it_stores(patch: pytest.MonkeyPatch) -> None:
    make_durable = DispatcherPipeline._make_durable

    async def act_first(self: DispatcherPipeline, effects: Any, *rest: Any) -> None:
        self._execute(effects.commands)
        effects.commands = []
        await make_durable(self, effects, *rest)

    patch.setattr(DispatcherPipeline, "_make_durable", act_first)


def _believes_that_a_lost_answer_is_no_call(patch: pytest.MonkeyPatch) -> None:
    async def nothing(*_args: object, **_words: object) -> Sequence[Seen]:
        return ()

    patch.setattr(Line, "list_to", nothing)


def _sleeps_through_its_timers(patch: pytest.MonkeyPatch) -> None:
    async def never(_self: Auditor) -> None:
        return

    patch.setattr(DispatcherPipeline, "next_wake", lambda _self: None)
    patch.setattr(Auditor, "run", never)  # who would find what was forgotten, and mend it


def _tells_nobody_who_was_not_woken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clockwork, "tell_who_is_on_duty", lambda *_args: None)


def _goes_on_after_an_answer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(acknowledging, "end", lambda chain, *_args, **_words: chain)


def _forgets_who_is_on_the_phone(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Desk, "live_voice_of", lambda *_args: None)


def _takes_a_picked_up_phone_for_an_answer(patch: pytest.MonkeyPatch) -> None:
    heard = TwilioEdge._heard

    def too_kind(self: TwilioEdge, *args: Any) -> Heard:
        found = heard(self, *args)
        return Heard.CODE_RIGHT if found is Heard.ANSWERED else found

    patch.setattr(TwilioEdge, "_heard", too_kind)


def _takes_a_key_for_a_code(patch: pytest.MonkeyPatch) -> None:
    heard = TwilioEdge._heard

    def too_kind(self: TwilioEdge, *args: Any) -> Heard:
        found = heard(self, *args)
        return Heard.CODE_RIGHT if found is Heard.CONFIRM else found

    patch.setattr(TwilioEdge, "_heard", too_kind)


def _starts_without_counting(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(StartBudget, "allows", lambda *_args: True)


def _starts_too_seldom(patch: pytest.MonkeyPatch) -> None:
    next_at = StartBudget.next_at

    def later(self: StartBudget) -> datetime | None:
        at = next_at(self)
        return None if at is None else at + timedelta(milliseconds=300)

    patch.setattr(StartBudget, "next_at", later)


def _keeps_no_call_for_the_highest_level(patch: pytest.MonkeyPatch) -> None:
    hold = CalleeBudget.hold

    def forgetful(self: CalleeBudget, contact: str, _level: Level, now: datetime) -> Hold | None:
        return hold(self, contact, max(Level), now)

    patch.setattr(CalleeBudget, "hold", forgetful)


def _keeps_two_calls_for_the_highest_level(patch: pytest.MonkeyPatch) -> None:
    begin = CalleeBudget.__init__

    def miserly(self: CalleeBudget, limits: CalleeLimits) -> None:
        begin(self, limits)
        self._kept = ((limits.per_hour - 2, timedelta(hours=1), HoldReason.KEPT),)

    patch.setattr(CalleeBudget, "__init__", miserly)


def _lowers_by_itself(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        settling,
        "step_due_us",
        lambda response, now_us, _hold_us: None if response.level is None else now_us,
    )


def _mixes_exercise_and_the_real_thing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(calling, "_fits", lambda *_args: True)


_RAISED_THRICE = [
    Said(kind, 120.0 * n + at_s, 0, level)
    for n in range(3)
    for kind, at_s, level in ((SaidKind.RAISE, 1.0, 1), (SaidKind.LOWER, 100.0, 0))
]
_EXERCISE = Said(SaidKind.RAIN, 1.2, 0, 10, exercise=True)
_NOBODY_HEARS = [
    *[Fault(FaultKind.DROPPED_AFTER_ACCEPTING, n) for n in range(1, 12)],
    *[Fault(FaultKind.CALLBACK_LOST, n) for n in range(1, 60)],
]
_LATER = Said(SaidKind.RAIN, 1200.0, 1, 2)
"""The night lasts longer than the clearing time."""
PLANTED = {
    "acts before it stores": (_acts_before_it_stores, a_night(_ORANGE), "4"),
    "a lost answer is no call": (
        _believes_that_a_lost_answer_is_no_call,
        a_night(_ORANGE, habit=Habit.NEVER, faults=_NOBODY_HEARS),
        "4",
    ),
    "sleeps through its timers": (
        _sleeps_through_its_timers,
        a_night(_ORANGE, habit=Habit.NEVER),
        "5",
    ),
    "tells nobody who was not woken": (
        _tells_nobody_who_was_not_woken,
        a_night(_ORANGE, habit=Habit.NEVER),
        "5",
    ),
    "goes on after an answer": (_goes_on_after_an_answer, a_night(_ORANGE), "6"),
    "forgets who is on the phone": (
        _forgets_who_is_on_the_phone,
        a_night(_ORANGE, _RED, Said(SaidKind.ISSUE, 4.0, 0, 1), habit=Habit.SLOWLY),
        "6",
    ),
    "takes a picked-up phone for an answer": (
        _takes_a_picked_up_phone_for_an_answer,
        a_night(_ORANGE, habit=Habit.VOICEMAIL),
        "7",
    ),
    "takes a key for a code": (
        _takes_a_key_for_a_code,
        a_night(_ORANGE, habit=Habit.ONE_ONLY),
        "7",
    ),
    "starts without counting": (_starts_without_counting, a_night(_ORANGE), "8"),
    "starts too seldom": (_starts_too_seldom, a_night(_ORANGE), "8"),
    "keeps no call for the highest level": (
        _keeps_no_call_for_the_highest_level,
        a_night(*_RAISED_THRICE, callee=CalleeLimits(10, 3, 500)),
        "8",
    ),
    "keeps two calls for the highest level": (
        _keeps_two_calls_for_the_highest_level,
        a_night(*_RAISED_THRICE, callee=CalleeLimits(10, 3, 500)),
        "8",
    ),
    "lowers by itself": (_lowers_by_itself, a_night(_ORANGE, _LATER), "9"),
    "mixes exercise and the real thing": (
        _mixes_exercise_and_the_real_thing,
        a_night(_ORANGE, _EXERCISE, habit=Habit.SLOWLY),
        "12",
    ),
}


@pytest.mark.parametrize(("plant", "plan", "invariant"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_fault_is_found(
    plant: Plant, plan: Plan, invariant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = violated(plan)
    plant(monkeypatch)
    after = violated(plan)

    assert before == set()
    assert invariant in after


def test_a_changed_record_of_the_ledger_is_found() -> None:
    evidence = live_through(a_night(_YELLOW))
    untouched = [violation.invariant for violation in judge(evidence)]

    evidence.sealed[3] = evidence.sealed[3].replace(b'"seq":4', b'"seq":5')

    assert untouched == []
    assert {violation.invariant for violation in judge(evidence)} == {"13"}


def test_the_planted_nights_reach_the_level_they_are_about() -> None:
    evidence = live_through(a_night(_RED))

    opened = {kept.body["detail"].get("level") for kept in evidence.facts()}

    assert Level.I.name in opened
