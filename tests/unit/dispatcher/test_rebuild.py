"""The night comes out of its ledger again, and where it does not, that is located."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from schemas.cap import Status
from schemas.dispatch import Fact
from schemas.level import Level
from schemas.role import Role
from services.demo.stage import PACK as DEMO
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.inputs import AttemptSeen, Heard, Input, WokenUp
from services.dispatcher.domain.record.pack_digest import pack_digest
from services.dispatcher.domain.record.recorded_input import (
    INPUT_FACTS,
    Loaded,
    input_of,
    record_input,
)
from services.dispatcher.entrypoints.rebuild import Difference, rebuild
from services.dispatcher.entrypoints.reliving import Parting
from services.district.load import load_pack
from tests.districts import DISTRICT, pack, person, post
from tests.unit.dispatcher.recorded_night import RecordedNight
from tests.unit.dispatcher.sealed import resealed

PACK = pack(
    post("VS", Role.VILLAGE_SECRETARY, "secretary", deputies=("aide",)),
    post("TP", Role.TOWN_PRINCIPAL, "mayor"),
)


@pytest.fixture
def night() -> RecordedNight:
    """One post confirms, the other does not, and the process is started again in between."""
    night = RecordedNight(PACK)
    night.respond(Level.III)
    night.presses(night.rings("secretary"), Heard.CONFIRM)
    night.restart()
    night.wait(minutes=1)
    night.ends(night.rings("mayor"), Outcome.NO_ANSWER)
    night.wait(minutes=30)
    return night


def bodies(night: RecordedNight) -> list[dict[str, object]]:
    return [orjson.loads(record) for record in night.records]


def at_first(night: RecordedNight, fact: Fact) -> int:
    return next(i for i, body in enumerate(bodies(night)) if body["fact"] == fact)


def test_a_night_comes_out_of_its_ledger_again(night: RecordedNight) -> None:
    rebuilt = night.rebuilt()

    assert rebuilt.differences == []
    assert rebuilt.inputs == sum(body["fact"] in INPUT_FACTS for body in bodies(night))


def test_a_decision_stands_in_the_ledger_whole(night: RecordedNight) -> None:
    body = bodies(night)[at_first(night, Fact.DECISION_READ)]

    what, _ = input_of(Fact.DECISION_READ, dict(body["detail"]))  # type: ignore[call-overload]

    assert what.decision.decision_id == "d1"  # type: ignore[union-attr]
    assert what.offset == 1  # type: ignore[union-attr]


def test_every_fact_stands_behind_the_input_that_brought_it_about(night: RecordedNight) -> None:
    facts = [body["fact"] for body in bodies(night)]
    acknowledged = facts.index(Fact.ACKNOWLEDGED)
    behind = max(i for i in range(acknowledged) if facts[i] in INPUT_FACTS)

    detail = bodies(night)[behind]["detail"]

    assert isinstance(detail, dict)
    assert (detail["input"], detail["heard"]) == ("CallHeard", "confirm")


def test_an_input_that_moves_nothing_writes_nothing(night: RecordedNight) -> None:
    before = list(night.records)
    call = night.calls("mayor")[0]

    night.ends(call, Outcome.NO_ANSWER)  # told a second time
    night.tell(WokenUp())

    assert night.records == before


def test_every_start_of_the_process_is_on_record() -> None:
    night = RecordedNight(PACK)
    night.restart()

    starts = [body["detail"] for body in bodies(night)]

    assert [start["restarted"] for start in starts] == [True, True]  # type: ignore[index]


def test_a_decision_read_again_leaves_only_the_time_that_passed() -> None:
    night = RecordedNight(PACK)
    night.respond(Level.III)
    decision, _ = input_of(
        Fact.DECISION_READ,
        dict(bodies(night)[at_first(night, Fact.DECISION_READ)]["detail"]),  # type: ignore[call-overload]
    )
    night.now += timedelta(minutes=20)

    night.tell(decision)

    assert sum(body["fact"] == Fact.DECISION_READ for body in bodies(night)) == 1
    assert night.rebuilt().differences == []


def _changed_fact(night: RecordedNight) -> Difference:
    at = at_first(night, Fact.ACKNOWLEDGED)
    night.records[at] = resealed(night.records[at], person="somebody else")
    return Difference(Parting.RECORD_DIFFERS, at + 1, "acknowledged: person")


def _invented_fact(night: RecordedNight) -> Difference:
    night.records.append(resealed(night.records[-1], fact=Fact.ACKNOWLEDGED))
    return Difference(Parting.RECORD_UNEXPLAINED, len(night.records) - 1, "acknowledged")


def _missing_end(night: RecordedNight) -> Difference:
    at = at_first(night, Fact.CHAIN_OPENED)
    del night.records[at:]
    return Difference(Parting.RECORD_MISSING, at + 1, "chain_opened")


def _missing_fact(night: RecordedNight) -> Difference:
    at = at_first(night, Fact.CHAIN_ENDED)
    behind = orjson.loads(night.records[at + 1])
    del night.records[at]
    return Difference(Parting.RECORD_DIFFERS, behind["seq"], f"chain_ended ({behind['fact']})")


def _unreadable_input(night: RecordedNight) -> Difference:
    at = at_first(night, Fact.DECISION_READ)
    night.records[at] = resealed(night.records[at], detail={"offset": 1})
    return Difference(Parting.INPUT_UNREADABLE, at + 1, "decision_read")


@pytest.mark.parametrize(
    "damage",
    [_changed_fact, _invented_fact, _missing_end, _missing_fact, _unreadable_input],
    ids=lambda damage: damage.__name__.strip("_"),
)
def test_what_parts_from_the_inputs_is_located(
    night: RecordedNight, damage: Callable[[RecordedNight], Difference]
) -> None:
    expected = damage(night)

    assert rebuild(night.records, [PACK], DISTRICT).differences[0] == expected


def test_a_state_that_was_changed_in_the_store_is_located(night: RecordedNight) -> None:
    stored = {space: list(rows) for space, rows in night.kept.as_stored().items()}
    (key, first), (gone, _) = stored["chain"]
    stored["chain"] = [(key, first.replace(b'"post":"', b'"post":"X'))]
    stored["family"].append(("Actual/fire/x", b"{}"))

    found = rebuild(night.records, [PACK], DISTRICT, stored).differences

    assert {(one.parting, one.what) for one in found} == {
        (Parting.ROW_DIFFERS, f"chain {key}"),
        (Parting.ROW_MISSING, f"chain {gone}"),
        (Parting.ROW_UNEXPLAINED, "family Actual/fire/x"),
    }


def test_a_stretch_under_another_pack_wants_that_pack(night: RecordedNight) -> None:
    other = pack(post("VS", Role.VILLAGE_SECRETARY, "mayor"), people=(person("x"),))

    alone = rebuild(night.records, [other], DISTRICT).differences

    assert [one.parting for one in alone] == [Parting.PACK_MISSING]
    assert rebuild(night.records, [other, PACK], DISTRICT).differences == []


def test_a_number_and_a_password_do_not_make_another_pack() -> None:
    renumbered = replace(PACK, numbers={"c-mayor": "+8600"}, users={})

    assert pack_digest(renumbered) == pack_digest(PACK)
    assert pack_digest(replace(PACK, roster=replace(PACK.roster, shifts={}))) != pack_digest(PACK)


@pytest.mark.parametrize(
    "what",
    [WokenUp(), AttemptSeen("a1", "CA1", Progress.ENDED, Outcome.BUSY, code="21211")],
    ids=lambda what: type(what).__name__,
)
def test_an_input_comes_back_as_it_was(what: Input) -> None:
    loaded = Loaded(datetime(2026, 7, 9, tzinfo=UTC), "abc")

    draft = record_input(what, Status.EXERCISE, loaded)

    assert draft.status is Status.EXERCISE
    assert input_of(draft.fact, draft.detail) == (what, loaded)


def test_a_station_that_moved_does_not_make_another_pack() -> None:
    """The practice network has another port every time; a ledger of it is rebuilt all the same."""
    here = load_pack(DEMO)
    moved = tuple(replace(one, url="http://127.0.0.1:1/") for one in here.stations)

    assert here.stations
    assert pack_digest(replace(here, stations=moved)) == pack_digest(here)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_knows_the_pack_by_the_same_digest(seed: str) -> None:
    """Sets have another order in every process; a ledger is rebuilt in another one than wrote it."""
    program = (
        "from services.demo.stage import PACK\n"
        "from services.dispatcher.domain.record.pack_digest import pack_digest\n"
        "from services.district.load import load_pack\n"
        "print(pack_digest(load_pack(PACK)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )

    assert told.stdout.strip() == pack_digest(load_pack(DEMO))
