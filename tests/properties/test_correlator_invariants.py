"""The invariants of design.md section 6 that the correlator answers for, over any log."""

from bisect import bisect_right
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.cap import Status
from schemas.decision import Decision, ResponseChanged, SourceSilent
from schemas.event import Act, Readings, Tick
from schemas.level import Level
from schemas.reason import ReasonCode
from schemas.wire import encode
from services.correlator.entrypoints.replay import replay
from services.correlator.pipeline import CorrelatorPipeline
from tests.builders import (
    DISTRICT,
    HOUR,
    MINUTE,
    START,
)
from tests.district_log import Log
from tests.rainy_pack import NEVER_SILENT, SENSORS, folded, pack, written
from tests.strategies import EVIDENCE, WRITERS, Step, as_exercise, steps


@given(steps(), st.integers(0, 600), st.lists(st.integers(0, 1000), max_size=20))
@settings(max_examples=100, deadline=None)
def test_invariant_02_the_same_input_gives_the_same_bytes_whatever_ticks_come_between(
    happened: list[Step], until: int, ticks: list[int]
) -> None:
    """A replay without a district's ticks, or with more of them, must prove the same night."""
    log = written(happened, until=until)
    events = list(log.events)
    for number, tick in enumerate(sorted(ticks)):
        at = START + tick * MINUTE
        place = bisect_right([event.accepted_at for event in events], at)
        if place < len(events):
            beat = Tick(district=DISTRICT, event_id=f"tick-{number}", accepted_at=at)
            events.insert(place, beat)

    assert folded(events) == [encode(decision) for decision in log.decisions]


@given(steps(), st.integers(1, 9), st.integers(1, 30))
@settings(max_examples=50, deadline=None)
def test_invariant_02_a_replay_from_bytes_is_the_same_at_any_batching_and_after_any_snapshot(
    happened: list[Step], batch: int, snapshot_every: int
) -> None:
    """How records were read, and where a process was restarted, must not be seen in what it did."""
    records = [encode(event) for event in written(happened, until=300).events]
    whole = list(replay(records, DISTRICT))

    pipeline = CorrelatorPipeline(DISTRICT, snapshot_every)
    decided: list[bytes] = []
    for first in range(0, len(records), batch):
        for record in records[first : first + batch]:
            decided += pipeline.handle(record).decisions
        if pipeline.is_due:
            taken = pipeline.take_snapshot()
            pipeline = CorrelatorPipeline(DISTRICT, snapshot_every)
            assert pipeline.restore(taken)

    assert decided == whole


def assert_explained(log: Log, *, exactly: bool) -> None:
    for decision in log.decisions:
        if isinstance(decision, ResponseChanged) and decision.response_level is not None:
            named = {event_id for at in decision.reasons for event_id in at.event_ids}
            level = replayed(log, named | set(decision.causes), decision)
            assert level >= decision.response_level
            assert not exactly or level == decision.response_level


@given(steps(EVIDENCE, max_size=30, max_after=12))
@settings(max_examples=150, deadline=None)
def test_invariant_03_what_a_decision_names_is_enough_for_its_level(happened: list[Step]) -> None:
    """
    A commander must be able to check why he was woken. Silence is what is missing, so it is left
    out here; and clearing times are longer than the log, because what keeps a level is not named.
    """
    using = pack(hold=12 * HOUR, conventions=NEVER_SILENT)

    assert_explained(written(happened, using), exactly=False)


@given(steps(EVIDENCE, max_size=30, max_after=12))
@settings(max_examples=150, deadline=None)
def test_invariant_03_replaying_only_what_a_decision_names_gives_the_same_level(
    happened: list[Step],
) -> None:
    """
    And it must not say more than the whole log did. Readings that speak against are not named, so
    the slope here never slows down.
    """
    fastest = 0
    growing = []
    for step in happened:
        if step.kind == "movement":
            fastest = max(fastest, step.amount)
            growing.append(replace(step, amount=fastest, late=0))
        else:
            growing.append(step)
    using = pack(hold=12 * HOUR, conventions=NEVER_SILENT)

    assert_explained(written(growing, using), exactly=True)


def replayed(log: Log, named: set[str], decision: ResponseChanged) -> int:
    alone = Log()
    for event in log.events[:1] + [at for at in log.events[1:] if at.event_id in named]:
        alone.add(event)
    alone.tick((decision.decided_at - START) / MINUTE)
    return int(alone.level(decision.place, decision.hazard) or 0)


def test_invariant_03_every_reason_names_its_rule_its_numbers_and_its_events() -> None:
    """A decision that cannot say why is not a decision anybody can answer for."""
    log = Log(pack())
    log.series([(5, 30.0), (10, 30.0)])

    reasons = log.last().reasons

    assert all(at.code is ReasonCode.RULE and at.event_ids for at in reasons)
    assert [(at.rule_id, at.observed, at.threshold) for at in reasons] == [
        ("RAIN-III", 60_000, 50_000),
        ("RAIN-III", 60_000, 60_000),
        ("RAIN-IV", 60_000, 30_000),
    ]


@given(steps())
@settings(max_examples=100, deadline=None)
def test_invariant_09_ii_and_i_end_only_with_a_persons_act(happened: list[Step]) -> None:
    """Where people could die nothing lowers by itself, however long it stays dry and quiet."""
    log = written(happened, until=3000)
    acts = {event.event_id for event in log.events if isinstance(event, Act)}

    for at in log.decisions:
        if isinstance(at, ResponseChanged) and (at.previous_level or 0) >= Level.II:
            lowered = (at.response_level or 0) < (at.previous_level or 0)
            assert not lowered or (set(at.causes) <= acts and at.causes)


@given(steps(), st.integers(0, 400))
@settings(max_examples=100, deadline=None)
def test_invariant_10_silence_is_an_event_told_once_and_ended_by_the_next_report(
    happened: list[Step], until: int
) -> None:
    """A gauge that has been washed away must be seen to be gone."""
    log = written(happened, until=until)
    silent: dict[str, bool] = {}

    for at in log.decisions:
        if isinstance(at, SourceSilent):
            assert silent.get(at.sensor_id, False) is not at.silent
            silent[at.sensor_id] = at.silent

    end = log.events[-1].accepted_at
    for sensor in SENSORS:
        heard = [
            event.accepted_at
            for event in log.events
            if isinstance(event, Readings) and event.readings[0].sensor_id == sensor.sensor_id
        ]
        limit = 4 * timedelta(seconds=sensor.interval_s)
        assert silent.get(sensor.sensor_id, False) is (end >= max([START, *heard]) + limit)


@given(steps(max_size=20), steps(max_size=20))
@settings(max_examples=50, deadline=None)
def test_invariant_12_an_exercise_changes_nothing_that_is_real(
    real: list[Step], exercise: list[Step]
) -> None:
    """A drill on a rainy night must neither call for real nor hide what is real."""
    alone = written(real)
    log = Log(pack())
    mixed = sorted([*_timed(real), *_timed(as_exercise(exercise))], key=lambda row: row[0])
    minute = 0
    for at, step in mixed:
        write_one(log, replace(step, after=at - minute), minute)
        minute = at
    log.tick(max(0, *(at for at, _ in _timed(real))))

    def actual(decisions: list[Decision], until: datetime) -> list[tuple[object, ...]]:
        return [
            (at.place, at.hazard, at.response_level, at.hazard_level, at.decided_at)
            for at in decisions
            if isinstance(at, ResponseChanged)
            and at.status is Status.ACTUAL
            and at.decided_at <= until
        ]

    end = alone.events[-1].accepted_at
    assert actual(log.decisions, end) == actual(alone.decisions, end)
    assert not [at for at in log.decisions if at.status not in {Status.ACTUAL, Status.EXERCISE}]


def _timed(happened: list[Step]) -> list[tuple[int, Step]]:
    minute, timed = 0, []
    for step in happened:
        minute += step.after
        timed.append((minute, step))
    return timed


def write_one(log: Log, step: Step, minute: int) -> None:
    WRITERS[step.kind](log, step, minute + step.after)
