"""Taking over a district's ledger: what is said when it cannot be, and what a death in between leaves."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from schemas.level import Level
from schemas.role import Role
from schemas.topics import Topic
from services.dispatcher.adapters.desk_index import read_mark
from services.dispatcher.adapters.desk_store import space_of
from services.dispatcher.adapters.row_codec import KINDS
from services.dispatcher.domain.calls.call_state import Outcome
from services.dispatcher.domain.inputs import Heard
from services.dispatcher.domain.record.pack_digest import pack_digest
from services.dispatcher.entrypoints import index_replay
from services.dispatcher.entrypoints.catching_up import CatchingUpError, Way, catch_up
from services.runtime.bus import BusUnavailableError, Outgoing, Transaction
from services.runtime.clock import SteppingClock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.values import Change
from tests.districts import DISTRICT, pack, person, post
from tests.unit.dispatcher.night import MIDNIGHT
from tests.unit.dispatcher.recorded_night import RecordedNight
from tests.unit.dispatcher.sealed import resealed

T = TypeVar("T")
PACK = pack(
    post("VS", Role.VILLAGE_SECRETARY, "secretary", deputies=("aide",)),
    post("TP", Role.TOWN_PRINCIPAL, "mayor"),
)
LATER_PACK = pack(
    post("VS", Role.VILLAGE_SECRETARY, "secretary", deputies=("mayor",)),
    post("TP", Role.TOWN_PRINCIPAL, "mayor"),
)
OTHER_PACK = pack(post("VS", Role.VILLAGE_SECRETARY, "mayor"), people=(person("x"),))


async def nothing_aside() -> Sequence[Change]:
    return ()


class DyingBus(EmbeddedBus):
    """A bus whose process dies after some transactions."""

    left = 1_000

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        if not self.left:
            raise BusUnavailableError("dead")
        self.left -= 1
        return await super().transact(work)


@pytest.fixture
def night() -> RecordedNight:
    """One post confirms, the other does not, and the process is started again in between."""
    night = RecordedNight(PACK)
    night.respond(Level.III)
    night.presses(night.rings("secretary"), Heard.CONFIRM)
    night.restart()
    night.wait(minutes=1)
    night.ends(night.rings("mayor"), Outcome.NO_ANSWER)
    return night


@pytest.fixture
async def bus(tmp_path: Path, night: RecordedNight) -> AsyncIterator[DyingBus]:
    """The bus with the ledger of the night, and no index of it."""
    opened = await DyingBus.open(tmp_path, SteppingClock(MIDNIGHT), ballast_bytes=4096)
    await opened.publish([Outgoing(Topic.DISPATCH, DISTRICT, data) for data in night.records])
    yield opened
    await opened.close()


async def test_a_ledger_under_another_pack_says_which_one_to_give(bus: DyingBus) -> None:
    with pytest.raises(CatchingUpError) as failure:
        await catch_up(bus, DISTRICT, [OTHER_PACK], nothing_aside)

    assert pack_digest(PACK) in str(failure.value)
    assert "--older-pack" in str(failure.value)
    assert "第 1 条" in str(failure.value)
    assert read_mark(bus, DISTRICT) is None
    assert (await catch_up(bus, DISTRICT, [OTHER_PACK, PACK], nothing_aside)).way is Way.WHOLE


async def test_a_ledger_that_does_not_come_out_again_is_not_built_upon(
    tmp_path: Path, night: RecordedNight
) -> None:
    night.records[-1] = resealed(night.records[-1], person="somebody else")
    bus = await DyingBus.open(tmp_path, SteppingClock(MIDNIGHT), ballast_bytes=4096)
    await bus.publish([Outgoing(Topic.DISPATCH, DISTRICT, data) for data in night.records])

    with pytest.raises(CatchingUpError, match="ledger verify --rebuild"):
        await catch_up(bus, DISTRICT, [PACK], nothing_aside)

    mark = read_mark(bus, DISTRICT)
    assert mark is not None
    assert mark.seq < len(night.records)
    with pytest.raises(CatchingUpError, match=f"stands at record {mark.seq}"):
        await catch_up(bus, DISTRICT, [PACK], nothing_aside)
    await bus.close()


async def test_each_stretch_may_be_lived_through_with_what_was_in_force_then(
    tmp_path: Path,
) -> None:
    """Another pack, or another version of the program: nobody need have both at once."""
    night = RecordedNight(PACK)
    night.respond(Level.III)
    night.presses(night.rings("secretary"), Heard.CONFIRM)
    first = len(night.records)
    night.change_pack(LATER_PACK)
    night.wait(minutes=1)
    bus = await DyingBus.open(tmp_path, SteppingClock(MIDNIGHT), ballast_bytes=4096)
    await bus.publish([Outgoing(Topic.DISPATCH, DISTRICT, data) for data in night.records])

    with pytest.raises(CatchingUpError, match="--older-pack"):
        await catch_up(bus, DISTRICT, [PACK], nothing_aside)
    mark = read_mark(bus, DISTRICT)
    assert mark is not None
    assert mark.seq == first

    done = await catch_up(bus, DISTRICT, [LATER_PACK], nothing_aside)

    assert done.way is Way.TAIL
    stored = {name: list(bus.values(space_of(DISTRICT, name))) for name in KINDS}
    rows = night.kept.as_stored()
    assert stored == {name: list(rows[name]) for name in KINDS}
    await bus.close()


async def test_a_ledger_that_stops_within_an_input_is_not_built_upon(
    tmp_path: Path, night: RecordedNight
) -> None:
    bus = await DyingBus.open(tmp_path, SteppingClock(MIDNIGHT), ballast_bytes=4096)
    first_acts = [Outgoing(Topic.DISPATCH, DISTRICT, data) for data in night.records[:2]]
    await bus.publish(first_acts)

    with pytest.raises(CatchingUpError, match="record_missing"):
        await catch_up(bus, DISTRICT, [PACK], nothing_aside)

    await bus.close()


@pytest.mark.parametrize("writes", range(5))
async def test_whoever_dies_while_writing_an_index_leaves_none(
    bus: DyingBus, night: RecordedNight, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    monkeypatch.setattr(index_replay, "_WRITTEN_AT_ONCE", 4)
    bus.left = writes
    with pytest.raises(BusUnavailableError):
        await catch_up(bus, DISTRICT, [PACK], nothing_aside)
    assert read_mark(bus, DISTRICT) is None
    bus.left = 1_000

    done = await catch_up(bus, DISTRICT, [PACK], nothing_aside)

    assert done.way is Way.WHOLE
    stored = {name: list(bus.values(space_of(DISTRICT, name))) for name in KINDS}
    rows = night.kept.as_stored()
    assert stored == {name: list(rows[name]) for name in KINDS}


async def test_a_district_without_a_ledger_begins_with_nothing(tmp_path: Path) -> None:
    bus = await DyingBus.open(tmp_path, SteppingClock(MIDNIGHT), ballast_bytes=4096)

    done = await catch_up(bus, DISTRICT, [PACK], nothing_aside)

    assert (done.way, done.records) == (Way.WHOLE, 0)
    assert (await catch_up(bus, DISTRICT, [PACK], nothing_aside)).way is Way.CURRENT
    await bus.close()
