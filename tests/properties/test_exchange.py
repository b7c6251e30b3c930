"""
Promises of the practice telephone network, whoever is rung, whatever fails, in whatever order.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.phones.domain.errors import PhonesError
from services.phones.domain.faults import CallbackFault, CreateFault
from services.phones.domain.person import Habit, Person
from tests.unit.phones.town import SID, Town, call_form

NUMBERS = [f"+86199000030{n:02}" for n in range(6)]
LISTED_AND_EACH_CALL = st.lists(
    st.sampled_from([habit for habit in Habit if habit is not Habit.MANUAL]), min_size=1, max_size=2
)


@dataclass(frozen=True)
class Step:
    """Wait, then ask for a call, or end the one asked for *ends* requests ago."""

    wait_s: float
    number: str
    ends: int | None


@dataclass(frozen=True)
class Story:
    habits: tuple[tuple[Habit, ...], ...]
    steps: tuple[Step, ...]
    lines: int
    starts_per_s: float
    create_rates: dict[CreateFault, float]
    callback_rates: dict[CallbackFault, float]
    seed: str


STORIES = st.builds(
    Story,
    habits=st.tuples(*[LISTED_AND_EACH_CALL.map(tuple) for _ in NUMBERS]),
    steps=st.lists(
        st.builds(
            Step,
            wait_s=st.sampled_from([0, 0, 0.1, 1, 7, 31]),
            number=st.sampled_from(NUMBERS),
            ends=st.one_of(st.none(), st.none(), st.integers(0, 3)),
        ),
        min_size=1,
        max_size=12,
    ).map(tuple),
    lines=st.integers(1, 4),
    starts_per_s=st.sampled_from([0.5, 1, 2.5, 3]),
    create_rates=st.dictionaries(st.sampled_from(CreateFault), st.floats(0, 0.5), max_size=2),
    callback_rates=st.dictionaries(st.sampled_from(CallbackFault), st.floats(0, 0.5), max_size=3),
    seed=st.sampled_from(["a", "b", "c"]),
)


def live_through(story: Story) -> Town:
    people = [
        Person(number, habits=habits) for number, habits in zip(NUMBERS, story.habits, strict=True)
    ]
    town = Town(*people, seed=story.seed, lines=story.lines, starts_per_s=story.starts_per_s)
    town.exchange.faults.create_rates = story.create_rates
    town.exchange.faults.callback_rates = story.callback_rates
    for step in story.steps:
        town.run(step.wait_s)
        sids = list(town.exchange.calls)
        try:
            if step.ends is None or step.ends >= len(sids):
                form = call_form(step.number, Timeout="30")
                town.exchange.create_call(SID, form, town.now)
            else:
                ended = {"Status": ["completed"]}
                town.exchange.update_call(SID, sids[-1 - step.ends], ended, town.now)
        except PhonesError:
            pass
    town.run()
    return town


@given(STORIES)
def test_lines_and_starts_are_never_exceeded(story: Story) -> None:
    """A planner that is measured against this network must be measured against the budget it was told."""
    town = live_through(story)

    assert town.exchange.record.max_lines_used[SID] <= story.lines
    starts = town.exchange.record.starts[SID]
    for first in starts:
        within = [at for at in starts if first <= at < first + timedelta(seconds=1)]
        assert len(within) <= max(1, -(-story.starts_per_s // 1))
    intervals = pairwise(starts)
    if story.starts_per_s == 0.5:
        assert all(later - earlier >= timedelta(seconds=2) for earlier, later in intervals)


@given(STORIES)
def test_every_call_reaches_a_final_state(story: Story) -> None:
    """A call that never ends would hold a line and a chain for ever."""
    town = live_through(story)

    assert all(call.status.is_final for call in town.exchange.calls.values())
    assert all(town.exchange.live_leg(number) is None for number in NUMBERS)
    assert town.exchange.next_due() is None


@given(STORIES)
def test_the_same_seed_and_inputs_give_the_same_history(story: Story) -> None:
    """A failure found at night must be found again in the morning."""
    one, other = live_through(story), live_through(story)

    assert one.told == other.told
    assert one.asked == other.asked
    assert one.exchange.record.happenings == other.exchange.record.happenings
    assert one.exchange.calls == other.exchange.calls


@given(STORIES)
def test_sequence_numbers_tell_the_order_whatever_order_callbacks_come_in(story: Story) -> None:
    """Late, doubled and re-ordered call-backs can be put right only by their numbers."""
    town = live_through(story)

    by_call: dict[str, dict[int, str]] = defaultdict(dict)
    for told in town.told:
        if "SequenceNumber" in told.form:
            sid, number = told.form["CallSid"], int(told.form["SequenceNumber"])
            known = by_call[sid].setdefault(number, told.form["CallStatus"])
            assert known == told.form["CallStatus"]
    order = ["initiated", "ringing", "in-progress"]
    for statuses in by_call.values():
        in_order = [statuses[number] for number in sorted(statuses)]
        ranks = [order.index(status) if status in order else 3 for status in in_order]
        assert ranks == sorted(set(ranks))


@given(STORIES)
def test_no_code_is_typed_that_was_not_heard(story: Story) -> None:
    """An acknowledgement by code is worth something only if it cannot be had without listening."""
    town = live_through(story)

    for number in NUMBERS:
        if "四，七，二" not in town.exchange.record.heard(number):
            assert "472" not in town.exchange.record.pressed(number)
