"""Records as bytes: decoded once, folded, encoded; what fails is set aside whole."""

import base64

import orjson
import pytest

from schemas.deadletter import DeadLetter, RefusalReason
from schemas.decision import Decision, ResponseChanged
from schemas.event import AnyEvent
from schemas.level import Level
from schemas.topics import Topic
from schemas.wire import decode, encode
from services.correlator.domain.fold import Fold
from services.correlator.pipeline import CorrelatorPipeline, Outcome
from tests.builders import DISTRICT, a_pack, rain_rule
from tests.district_log import Log


def a_log(readings: int = 6) -> Log:
    log = Log(a_pack(rain_rule(Level.IV, 30), rain_rule(Level.III, 40)))
    log.series([(5.0 * at, 9.0) for at in range(1, readings + 1)])
    return log


def records(log: Log) -> list[bytes]:
    return [encode(event) for event in log.events]


def letter(outcome: Outcome) -> DeadLetter:
    assert outcome.dead_letter is not None
    found = decode(Topic.DEAD_LETTERS, outcome.dead_letter)
    assert isinstance(found, DeadLetter)
    return found


def test_what_goes_in_as_bytes_comes_out_as_the_folds_decisions() -> None:
    log = a_log()
    pipeline = CorrelatorPipeline(DISTRICT)

    decided = [data for record in records(log) for data in pipeline.handle(record).decisions]

    assert decided == [encode(decision) for decision in log.decisions]
    assert any(isinstance(decode(Topic.DECISIONS, data), ResponseChanged) for data in decided)


@pytest.mark.parametrize(
    "data", [b"{", b'{"kind":"Nothing"}', b'{"kind":"Tick"}', b"\xff\xfe"], ids=str
)
def test_what_cannot_be_read_is_a_dead_letter_with_the_whole_of_it(data: bytes) -> None:
    log = a_log()
    pipeline = CorrelatorPipeline(DISTRICT)
    for record in records(log):
        pipeline.handle(record)

    found = letter(pipeline.handle(data))

    assert found.reason is RefusalReason.UNREADABLE_RECORD
    assert (found.stage, found.refused_at) == ("correlator", log.at(30))
    is_text = found.encoding == "utf-8"
    original = found.original.encode() if is_text else base64.b64decode(found.original)
    assert original == data


class PoisonedError(Exception):
    """What a fault in the fold raises."""


class FaultyFold(Fold):
    """A fold that fails at one record, after that has moved something."""

    def apply(self, event: AnyEvent) -> list[Decision]:
        decisions = super().apply(event)
        if event.event_id == "poison":
            raise PoisonedError
        return decisions


@pytest.mark.parametrize("snapshot_every", [1, 3, 1000])
def test_a_record_that_makes_the_fold_fail_leaves_no_trace(
    monkeypatch: pytest.MonkeyPatch, snapshot_every: int
) -> None:
    monkeypatch.setattr("services.correlator.pipeline.Fold", FaultyFold)
    monkeypatch.setattr("services.correlator.domain.snapshot.Fold", FaultyFold)
    log = a_log()
    poison = a_log(0)
    poison.read(12, 500, event_id="poison")
    pipeline = CorrelatorPipeline(DISTRICT, snapshot_every)
    decided: list[bytes] = []

    for number, record in enumerate(records(log)):
        if number == 3:
            found = letter(pipeline.handle(encode(poison.events[-1])))
            assert (found.reason, found.detail) == (RefusalReason.HANDLER_FAILED, "PoisonedError")
        decided += pipeline.handle(record).decisions
        if pipeline.is_due:
            pipeline.take_snapshot()

    assert decided == [encode(decision) for decision in log.decisions]


def test_a_snapshot_is_canonical_and_the_same_after_it_was_restored() -> None:
    pipeline = CorrelatorPipeline(DISTRICT)
    for record in records(a_log()):
        pipeline.handle(record)
    taken = pipeline.take_snapshot()

    other = CorrelatorPipeline(DISTRICT)

    assert other.restore(taken)
    assert other.take_snapshot() == taken
    assert taken == orjson.dumps(orjson.loads(taken), option=orjson.OPT_SORT_KEYS)


def test_a_snapshot_of_another_shape_is_not_read() -> None:
    pipeline = CorrelatorPipeline(DISTRICT)

    assert not pipeline.restore(b'{"shape":0}')
