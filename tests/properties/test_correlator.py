"""What must hold for every log a district can write (design.md sections 2.1 and 6)."""

from bisect import bisect_right
from dataclasses import replace
from datetime import datetime, timedelta

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.decision import ActAnswered, Decision, ResponseChanged
from schemas.event import Act, Readings
from schemas.hazard import Hazard
from schemas.wire import encode
from services.correlator.domain import snapshot
from services.correlator.domain.fold import Fold
from tests.builders import (
    DISTRICT,
    MINUTE,
)
from tests.rainy_pack import NEVER_SILENT, folded, pack, written
from tests.strategies import EVIDENCE, MEASURED, Step, as_exercise, steps


class Levels:
    """The response levels in force at any instant of a log."""

    def __init__(self, decisions: list[Decision]) -> None:
        self._changes: dict[tuple[str, Hazard], list[tuple[datetime, int]]] = {}
        for at in decisions:
            if isinstance(at, ResponseChanged):
                row = self._changes.setdefault((at.place, at.hazard), [])
                row.append((at.decided_at, int(at.response_level or 0)))

    def at(self, place: str, hazard: Hazard, instant: datetime) -> int:
        row = self._changes.get((place, hazard), [])
        index = bisect_right([at for at, _ in row], instant)
        return row[index - 1][1] if index else 0

    def never_under(self, other: "Levels") -> bool:
        """Whether this is at least *other*, everywhere and at every change of either."""
        instants = {at for each in (self, other) for row in each._changes.values() for at, _ in row}
        return all(
            self.at(*key, instant) >= other.at(*key, instant)
            for key in other._changes
            for instant in instants
        )


@given(steps(), st.data())
@settings(max_examples=100, deadline=None)
def test_a_snapshot_equals_the_fold_up_to_it(happened: list[Step], data: st.DataObject) -> None:
    """A restart from a snapshot must decide what would have been decided without it."""
    log = written([*happened, *as_exercise(happened)], until=300)
    cut = data.draw(st.integers(0, len(log.events)))
    fold = Fold(DISTRICT)
    for event in log.events[:cut]:
        fold.apply(event)

    restored = snapshot.restore(orjson.loads(orjson.dumps(snapshot.dump(fold))))

    assert snapshot.dump(restored) == snapshot.dump(fold)
    for event in log.events[cut:]:
        assert restored.apply(event) == fold.apply(event)


@given(steps(), st.data())
@settings(max_examples=100, deadline=None)
def test_an_event_twice_is_the_event_once(happened: list[Step], data: st.DataObject) -> None:
    """Sources and brokers repeat themselves; nobody may be called twice for that."""
    log = written(happened, until=300)
    events = list(log.events)
    for _ in range(data.draw(st.integers(1, 5))):
        first = data.draw(st.integers(0, len(events) - 1))
        events.insert(first + data.draw(st.integers(0, 3)) + 1, events[first])
    events.sort(key=lambda event: event.accepted_at)

    assert sorted(folded(events)) == sorted(encode(decision) for decision in log.decisions)


@given(steps(EVIDENCE), st.data())
@settings(max_examples=150, deadline=None)
def test_more_rain_or_movement_never_gives_a_lower_grade(
    happened: list[Step], data: st.DataObject
) -> None:
    """Whoever measures worse must not be answered with less."""
    worse = [
        replace(step, amount=step.amount + data.draw(st.integers(0, 30)))
        if step.kind in MEASURED and data.draw(st.booleans())
        else step
        for step in happened
    ]
    using = pack(conventions=NEVER_SILENT)

    base, more = (written(each, using, until=300) for each in (happened, worse))

    assert Levels(more.decisions).never_under(Levels(base.decisions))


@given(steps(("rain",)), st.integers(0, 44), st.integers(1, 200), st.data())
@settings(max_examples=150, deadline=None)
def test_late_rain_may_raise_and_never_lowers(
    happened: list[Step], amount: int, late: int, data: st.DataObject
) -> None:
    """A packet that was stuck in the hills must not send anybody back under the slope."""
    using = pack(conventions=NEVER_SILENT)
    on_time = [replace(step, late=0) for step in happened]
    base = written(on_time, using, until=400)
    readings = [event for event in base.events if isinstance(event, Readings)]
    after = data.draw(st.sampled_from(readings))
    taken = {at.occurred_at for event in readings for at in event.readings}
    at = after.accepted_at - late * MINUTE - timedelta(seconds=30)
    if at in taken:
        return
    extra = after.model_copy(
        update={
            "event_id": "late",
            "readings": (
                after.readings[0].model_copy(update={"value": amount * 1000, "occurred_at": at}),
            ),
        }
    )
    events = list(base.events)
    events.insert(events.index(after) + 1, extra)
    fold = Fold(DISTRICT)
    decisions = [decision for event in events for decision in fold.apply(event)]

    assert Levels(decisions).never_under(Levels(base.decisions))


@given(steps())
@settings(max_examples=50, deadline=None)
def test_every_act_is_answered_exactly_once(happened: list[Step]) -> None:
    """Whoever acts must learn what became of it."""
    log = written(happened)

    answered = [at.act_id for at in log.decisions if isinstance(at, ActAnswered)]

    assert answered == [event.event_id for event in log.events if isinstance(event, Act)]


@given(steps())
@settings(max_examples=50, deadline=None)
def test_decision_ids_never_repeat(happened: list[Step]) -> None:
    """Consumers drop a repeated id; two decisions with one id would lose a callout."""
    log = written([*happened, *as_exercise(happened)], until=300)

    assert len({at.decision_id for at in log.decisions}) == len(log.decisions)
