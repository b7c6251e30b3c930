"""`POST /v1/tips` (design.md section 7): places, tips told again, and callers that stay secret."""

from pathlib import Path

import orjson
import pytest
from structlog.testing import capture_logs

from schemas.event import Tip, TipClass
from schemas.hazard import Hazard
from services.ingest.adapters.caller_vault import DATABASE, KEY_FILE, SqliteCallerVault
from tests.contract.ingest.bodies import TIP, j
from tests.unit.ingest.small_district import (
    DANZISHI,
    Door,
)


async def test_a_tip_is_placed_and_classed(ingest: Door) -> None:
    answer = await ingest.post("/v1/tips", j(TIP), "hotline")

    assert answer.status == 202
    assert answer.json.keys() == {"tip_id"}
    (event,) = await ingest.events()
    assert isinstance(event, Tip)
    assert event.place == "500108006001"
    assert (event.tip_class, event.hazard) == (TipClass.A, Hazard.GAS_LEAK)


async def test_an_uncertain_place_is_asked_back_and_settled_by_a_code(ingest: Door) -> None:
    first = await ingest.post("/v1/tips", j({**TIP, "text": "白鹤社区煤气味大"}), "hotline")

    assert first.json["candidates"] == [
        {"code": "500108003014", "name": "白鹤社区居民委员会"},
        {"code": "500108006002", "name": "白鹤社区居民委员会"},
    ]
    again = {"tip_id": first.json["tip_id"], "place": "500108006002"}
    second = await ingest.post("/v1/tips", j(again), "hotline")
    third = await ingest.post("/v1/tips", j(again), "hotline")
    assert second.json == third.json == {"tip_id": first.json["tip_id"]}
    told = [(event.place, event.tip_class, event.text) for event in await ingest.events()]
    assert told == [
        (None, TipClass.A, "白鹤社区煤气味大"),
        ("500108006002", TipClass.A, "白鹤社区煤气味大"),
    ]


async def test_a_tip_told_twice_is_one(ingest: Door) -> None:
    first = await ingest.post("/v1/tips", j(TIP), "hotline")
    again = await ingest.post("/v1/tips", j(TIP), "hotline")

    assert first.json == again.json
    assert len(await ingest.events()) == 1


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"{", 400, "not_json"),
        ("{煤气}".encode("gb18030"), 400, "wrong_encoding"),
        (j([TIP]), 422, "bad_field"),
        (j({"text": "  ", "occurred_at": "2026-07-16T20:00:00+08:00"}), 422, "missing_field"),
        (j({"text": "煤气味"}), 422, "missing_field"),
        (j({**TIP, "occurred_at": "soon"}), 422, "bad_time"),
        (j({**TIP, "lat": 91, "lon": 0}), 422, "bad_field"),
        (j({"tip_id": "tip_of_nobody", "code": DANZISHI}), 422, "unknown_tip"),
    ],
)
async def test_invariant_15_bad_input_gets_a_clear_answer_as_a_tip(
    ingest: Door, body: bytes, status: int, reason: str
) -> None:
    answer = await ingest.post("/v1/tips", body, "hotline")

    assert (answer.status, answer.json["reason"]) == (status, reason)
    (letter,) = await ingest.letters()
    assert letter.reason.value == reason
    assert ingest.ingest.vault.unseal(letter.original.encode()) == body


async def test_a_code_nobody_has_does_not_lose_the_tip_but_does_not_settle_it(ingest: Door) -> None:
    first = await ingest.post("/v1/tips", j({**TIP, "code": "500108999999"}), "hotline")
    again = {"tip_id": first.json["tip_id"], "code": "500108999999"}
    second = await ingest.post("/v1/tips", j(again), "hotline")

    assert (first.status, first.json["candidates"]) == (202, [])
    assert (second.status, second.json["reason"]) == (422, "unknown_place")


def _everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_invariant_14_callers_stay_secret(ingest: Door, tmp_path: Path) -> None:
    """A caller's number and name are in the vault, encrypted, and nowhere else at all."""
    caller = {"number": "+86 138-0013-8000", "name": "王小明"}
    tip = {**TIP, "text": TIP["text"] + ",我是王小明,13800138000", "caller": caller}

    with capture_logs() as logs:
        answer = await ingest.post("/v1/tips", j(tip), "hotline")
        again = {**TIP, "text": "石桥社区还有煤气味", "caller": "13800138000"}
        await ingest.post("/v1/tips", j(again), "hotline")
        bad = await ingest.post("/v1/tips", j({**tip, "occurred_at": "?"}), "hotline")

    first, second = await ingest.events()
    assert first.caller == second.caller
    known = ingest.ingest.vault.reveal(first.caller)
    assert known is not None
    assert known.number == "13800138000"
    written = _everything_in(tmp_path)
    told = repr((logs, answer.json, bad.json)).encode() + written
    for secret in ("13800138000", "138-0013-8000", "王小明"):
        assert secret.encode() not in told
        assert orjson.dumps(secret).strip(b'"') not in told


async def test_invariant_14_callers_stay_secret_from_other_users_of_the_machine(
    ingest: Door, tmp_path: Path
) -> None:
    for name in (DATABASE, KEY_FILE):
        assert (tmp_path / "vault" / name).stat().st_mode & 0o777 == 0o600


async def test_a_vault_with_another_key_reveals_nothing(ingest: Door, tmp_path: Path) -> None:
    await ingest.post("/v1/tips", j({**TIP, "caller": "13800138000"}), "hotline")
    (event,) = await ingest.events()

    stolen = SqliteCallerVault(tmp_path / "vault", b"x" * 32)

    with pytest.raises(ValueError, match="not sealed with this key"):
        stolen.reveal(event.caller)
    stolen.close()
