"""`jiaoying ledger …` as whoever examines a night afterwards uses it."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from schemas.dispatch import Fact
from schemas.level import Level
from schemas.topics import Topic
from services.cli import app
from services.dispatcher.adapters.anchor_file import AnchorFile
from services.dispatcher.adapters.anchor_key import load_anchor_key
from services.dispatcher.domain.inputs import CallHeard, Heard
from services.dispatcher.domain.record.anchor import AnchorSigner
from services.recorded import read_topic
from services.runtime.clock import SteppingClock
from services.runtime.embedded_bus import FILE
from tests.districts import DISTRICT
from tests.unit.dispatcher.night import MIDNIGHT
from tests.unit.dispatcher.sealed import resealed
from tests.unit.dispatcher.test_anchoring import AnchoredOffice
from tests.unit.dispatcher.test_pipeline import FailingBus


class Folder:
    """A data folder after a night, or in the middle of it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def records(self) -> list[bytes]:
        ((_, records),) = read_topic(self.path, Topic.DISPATCH)
        return records

    def edit(self, statement: str, *values: object) -> None:
        """What somebody with the file and a database tool can do."""
        with closing(sqlite3.connect(self.path / FILE)) as database, database:
            assert database.execute(statement, values).rowcount > 0

    def verify(self, *options: str, path: Path | None = None) -> Result:
        return CliRunner().invoke(app, ["ledger", "verify", str(path or self.path), *options])

    def told(self, *options: str, path: Path | None = None) -> dict[str, Any]:
        result = self.verify("--json", *options, path=path)
        (one,) = json.loads(result.stdout.splitlines()[-1])["ledgers"]
        assert (result.exit_code == 0) == (one["ledger"] == "ok")
        told: dict[str, Any] = one
        return told


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Folder]:
    """The system is still running: nothing of it is closed while the test looks."""
    data = tmp_path / "data"
    data.mkdir()
    clock = SteppingClock(MIDNIGHT)
    bus = await FailingBus.open(data, clock)
    office = AnchoredOffice(bus, clock)
    office.anchoring._signer = AnchorSigner(DISTRICT, load_anchor_key(data))
    office.delivery._place = AnchorFile(data / "anchors.ndjson")
    await office.open()
    await office.decide(Level.III, 1)
    call = office.calls()[0]
    for step, heard in enumerate((Heard.ANSWERED, Heard.CONFIRM)):
        await office.pipeline.tell(CallHeard(call.attempt_id, step, heard))
    await office.decide(None, 2)
    yield Folder(data)
    await office.fall()
    await bus.close()


def test_it_holds_while_the_system_runs(folder: Folder) -> None:
    told = folder.told()

    assert told["ledger"] == "ok"
    assert told["records"] == told["anchored"] == len(folder.records())
    assert told["anchors"] >= 2


def test_the_verdict_is_chinese_first(folder: Folder) -> None:
    first, *_ = folder.verify().stderr.splitlines()

    assert first.startswith(f"{DISTRICT} 台账完好 the ledger holds")


def test_a_copy_and_the_public_key_are_enough_on_another_machine(
    folder: Folder, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    runner = CliRunner()
    exported = runner.invoke(app, ["export", str(folder.path), "dispatch.v1"])
    (elsewhere / "ledger.ndjson").write_bytes(exported.stdout_bytes)
    key = runner.invoke(app, ["ledger", "key", str(folder.path)])
    (elsewhere / "server.pub").write_text(key.stdout)
    (elsewhere / "anchors").write_bytes((folder.path / "anchors.ndjson").read_bytes())

    held = ("--anchors", str(elsewhere / "anchors"), "--public-key", str(elsewhere / "server.pub"))
    told = folder.told(*held, path=elsewhere / "ledger.ndjson")

    assert told["ledger"] == "ok"
    assert told["district"] == DISTRICT
    assert told["anchored"] == told["records"]


def test_a_changed_value_is_located(folder: Folder) -> None:
    records = folder.records()
    at = next(i for i, one in enumerate(records) if orjson.loads(one)["fact"] == Fact.ACKNOWLEDGED)
    folder.edit(
        "UPDATE log SET data = ? WHERE topic = ? AND offset = ?",
        records[at].replace(b"secretary", b"somebody!"),
        Topic.DISPATCH.value,
        at,
    )

    told = folder.told()

    assert (told["ledger"], told["at"]) == ("changed", at)
    assert f"第 {at + 1} 条 record {at + 1}: 内容被改动" in folder.verify().stderr


def test_a_cut_is_located_by_the_anchors(folder: Folder) -> None:
    whole = len(folder.records())
    folder.edit("DELETE FROM log WHERE topic = ? AND offset >= ?", Topic.DISPATCH.value, whole - 2)

    told = folder.told()

    assert told["ledger"] == "cut"
    assert told["findings"] == [
        {"offset": whole - 2, "seq": whole - 1, "until": whole, "flaw": "cut"}
    ]


def test_a_record_made_to_fit_is_located_by_the_anchors(folder: Folder) -> None:
    at = len(folder.records()) - 1
    folder.edit(
        "UPDATE log SET data = ? WHERE topic = ? AND offset = ?",
        resealed(folder.records()[at], person="somebody"),
        Topic.DISPATCH.value,
        at,
    )

    assert folder.told()["findings"] == [
        {"offset": at, "seq": told_seq(folder, at), "until": at + 1, "flaw": "rewritten"}
    ]


def told_seq(folder: Folder, at: int) -> int:
    """The first record behind the last anchor that agrees."""
    lines = (folder.path / "anchors.ndjson").read_bytes().splitlines()
    return int(max(seq for line in lines if (seq := orjson.loads(line)["seq"]) <= at)) + 1


def test_a_forged_anchor_is_told_with_its_line(folder: Folder) -> None:
    file = folder.path / "anchors.ndjson"
    first, *rest = file.read_bytes().splitlines()
    forged = orjson.dumps({**orjson.loads(first), "hash": "0" * 64}, option=orjson.OPT_SORT_KEYS)
    file.write_bytes(b"\n".join([forged, *rest]) + b"\n")

    told = folder.told()

    assert told["ledger"] == "anchor_forged"
    assert told["bad_anchors"] == [{"line": 1, "fault": "anchor_forged"}]


def test_without_anchors_it_says_what_it_cannot_see(folder: Folder) -> None:
    (folder.path / "anchors.ndjson").unlink()

    result = folder.verify()

    assert result.exit_code == 0
    assert "没有锚" in result.stderr


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["verify", "nowhere"], id="no ledger"),
        pytest.param(["verify", ".", "--anchors", "nowhere"], id="no anchors there"),
        pytest.param(["verify", ".", "--public-key", "nowhere"], id="no key there"),
        pytest.param(["verify", ".", "--rebuild"], id="no pack to rebuild with"),
        pytest.param(["rebuild", "."], id="no pack"),
        pytest.param(["key", "."], id="no key yet"),
    ],
)
def test_what_cannot_be_looked_at_has_an_exit_code_of_its_own(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(app, ["ledger", *options])

    assert (result.exit_code, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr
