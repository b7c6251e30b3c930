"""The hash chain as it is written."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest
from pydantic import JsonValue

from schemas.cap import Status
from schemas.dispatch import Fact
from schemas.topics import Topic
from schemas.wire import decode, encode
from services.dispatcher.domain.desk.effects import Draft
from services.dispatcher.domain.record.ledger import Head, digest, head_of, seal
from tests.unit.dispatcher.sealed import DISTRICT, NOW, ledger


def test_sealing_in_two_pieces_equals_sealing_in_one() -> None:
    drafts = [Draft(Fact.KEY_PRESSED, Status.ACTUAL, {}, {"step": n}) for n in range(4)]

    first, head = seal(drafts[:2], DISTRICT, Head(), NOW)
    second, _ = seal(drafts[2:], DISTRICT, head, NOW)

    assert first + second == seal(drafts, DISTRICT, Head(), NOW)[0]
    assert head_of(first[-1]) == head


def test_a_sealed_record_is_a_record_of_the_contract_in_canonical_bytes() -> None:
    [data] = ledger(1)

    assert encode(decode(Topic.DISPATCH, data)) == data


@pytest.mark.parametrize("said", ["plain", ',"kind":"LedgerRecord"', '"', "确认"])
def test_the_hash_is_over_all_else_whatever_is_said(said: str) -> None:
    detail: dict[str, JsonValue] = {"kind": "LedgerRecord", "said": said, "z": {"kind": said}}
    values: dict[str, str | None] = {"person": said, "post": said}

    [data], head = seal(
        [Draft(Fact.KEY_PRESSED, Status.ACTUAL, values, detail)], DISTRICT, Head(), NOW
    )

    body = orjson.loads(data)
    assert body["hash"] == head.hash == digest(body)
    assert orjson.dumps(body, option=orjson.OPT_SORT_KEYS) == data
    assert (body["detail"], body["post"]) == (detail, said)


def test_a_record_bears_utc_whatever_zone_the_clock_shows() -> None:
    local: datetime = (NOW + timedelta(hours=1)).astimezone(ZoneInfo("Asia/Shanghai"))

    [data], _ = seal([Draft(Fact.KEY_PRESSED, Status.ACTUAL, {}, {})], DISTRICT, Head(), local)

    assert orjson.loads(data)["at"] == "2026-07-09T01:00:00Z"
