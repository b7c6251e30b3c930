"""Every collected warning against the table written by hand from the messages themselves."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from schemas.level import Level
from services.ingest.adapters.word_tables import load_hazard_words
from services.ingest.domain.cap_message import read_cap
from services.ingest.domain.chinese_warning import entries, read_warning
from services.ingest.domain.errors import RefusedError
from services.ingest.domain.shapes.fields import Reader
from services.ingest.domain.warning_draft import WarningDraft
from tests.unit.ingest.collected_data import BEIJING, EXPECTED, LATER, collected, lines_of

pytestmark = pytest.mark.servers
WORDS = load_hazard_words()
TIMES = ("effective", "onset", "expires")


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def _expected(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "msg_type": row["msg_type"],
        "status": row.get("status", "Actual"),
        "scope": row.get("scope", "Public"),
        "hazard": row["hazard"],
        "level": row.get("level"),
        "sent": _instant(row["sent"]),
        "references": tuple(row.get("references", ())),
        "signed": row.get("signed", False),
        "infos": row.get("infos", 1),
    }


def _read(draft: WarningDraft) -> dict[str, Any]:
    level = draft.infos[0].warning_level
    return {
        "msg_type": draft.msg_type.value,
        "status": draft.status.value,
        "scope": draft.scope,
        "hazard": draft.infos[0].hazard.value,
        "level": Level(level).name if level is not None else None,
        "sent": draft.sent.replace(microsecond=0),
        "references": draft.references,
        "signed": draft.signed,
        "infos": len(draft.infos),
    }


@pytest.mark.parametrize("name", EXPECTED["cap"])
def test_a_cap_message_is_read_as_a_person_reads_it(name: str) -> None:
    row = EXPECTED["cap"][name]

    draft = read_cap(collected("cap", name).read_bytes(), WORDS, BEIJING)

    assert _read(draft) == _expected(row)
    assert {info.hazard for info in draft.infos} == {draft.infos[0].hazard}
    assert {info.warning_level for info in draft.infos} == {draft.infos[0].warning_level}
    first = draft.infos[0]
    if "languages" in row:
        assert [info.language for info in draft.infos] == row["languages"]
    if "area" in row:
        assert row["area"] in " ".join(first.areas[0].area_desc.split())
        assert len(first.areas) == row.get("areas", 1)
        assert len(first.areas[0].polygons) == row.get("polygons", 0)
        assert len(first.areas[0].circles) == row.get("circles", 0)
    for field in TIMES:
        if field in row or name.startswith(("gcl", "kde", "oasis", "derived")):
            assert getattr(first, field) == _instant(row.get(field)), field


@pytest.mark.parametrize("name", EXPECTED["cap_refused"])
def test_what_is_no_cap_message_is_refused_with_its_reason(name: str) -> None:
    folder = "cma" if name.startswith("cma") else "cap"

    with pytest.raises(RefusedError) as refused:
        read_cap(collected(folder, name).read_bytes(), WORDS, BEIJING)

    assert refused.value.reason.value == EXPECTED["cap_refused"][name]


def test_every_collected_cap_file_has_its_row() -> None:
    here = {path.name for path in collected("cap").iterdir()} - {"cap_manifest.csv"}
    known = EXPECTED["cap"].keys() | EXPECTED["cap_refused"].keys()

    assert here <= known


@pytest.mark.parametrize("seq", EXPECTED["chinese"])
def test_a_chinese_warning_is_read_as_a_person_reads_it(seq: int) -> None:
    row = EXPECTED["chinese"][seq]
    line = next(x for x in lines_of(collected("cma", "cma_warnings.ndjson")) if x["seq"] == seq)
    posted = line["raw"] or {"text": line["text"]}
    received = _instant(row.get("received")) or LATER

    draft = read_warning(posted, "", Reader(WORDS, BEIJING, received))

    assert _read(draft) == _expected(row)
    if "id" in row:
        assert draft.identifier == row["id"]
    first = draft.infos[0]
    assert row["area"] in first.areas[0].area_desc
    codes = [geocode.value for geocode in first.areas[0].geocodes]
    assert codes == ([row["code"]] if "code" in row else [])
    for field in TIMES:
        assert getattr(first, field) == _instant(row.get(field)), field


def test_every_collected_chinese_warning_has_its_row() -> None:
    seqs = {line["seq"] for line in lines_of(collected("cma", "cma_warnings.ndjson"))}

    assert seqs == EXPECTED["chinese"].keys()


def test_a_list_call_gives_each_of_its_warnings() -> None:
    body = orjson.loads(collected("cma", "nmc_find_alarm_response.json").read_bytes())
    rows = {row["id"]: row for row in EXPECTED["chinese"].values() if "id" in row}
    reader = Reader(WORDS, BEIJING, LATER)

    drafts = [read_warning(entry, "", reader) for entry in entries(body)]

    assert len(drafts) == 19
    assert [_read(draft) for draft in drafts] == [_expected(rows[d.identifier]) for d in drafts]
