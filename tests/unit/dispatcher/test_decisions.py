"""What comes in from `decisions.v1`, read or not."""

from pathlib import Path

from schemas.deadletter import DeadLetter, RefusalReason
from schemas.level import Level
from schemas.topics import Topic
from schemas.wire import encode
from services.dispatcher.adapters.failures import DeadLetterFailures
from services.dispatcher.entrypoints.decisions import Decisions
from services.runtime.bus import Outgoing
from services.runtime.clock import SteppingClock
from tests.districts import DISTRICT
from tests.unit.dispatcher.night import MIDNIGHT, response
from tests.unit.dispatcher.test_pipeline import FailingBus, Office


async def test_a_record_that_is_no_decision_is_kept_and_the_next_is_told(tmp_path: Path) -> None:
    clock = SteppingClock(MIDNIGHT)
    bus = await FailingBus.open(tmp_path, clock)
    office = Office(bus, clock)
    await office.open()
    good = encode(response(Level.II, "d1", MIDNIGHT))
    records = [Outgoing(Topic.DECISIONS, DISTRICT, data) for data in (b"{}", good)]
    await bus.publish(records)

    failures = DeadLetterFailures(bus, clock, DISTRICT)
    batch = await bus.read(Topic.DECISIONS, DISTRICT, 0)
    await Decisions(office.pipeline, failures).handle(batch)

    assert len(office.calls()) == 1
    [letter] = await bus.read(Topic.DEAD_LETTERS, DISTRICT, 0)
    kept = DeadLetter.model_validate_json(letter.data)
    assert (kept.reason, kept.original) == (RefusalReason.UNREADABLE_RECORD, "{}")
    await office.fall()
    await bus.close()
