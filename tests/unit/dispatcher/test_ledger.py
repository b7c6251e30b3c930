"""The hash chain: whatever is changed, cut out, added or swapped is found and located."""

from datetime import UTC, datetime

import orjson
import pytest

from schemas.cap import Status
from schemas.dispatch import Fact
from schemas.topics import Topic
from schemas.wire import decode, encode
from services.dispatcher.domain.desk import Draft
from services.dispatcher.domain.ledger import Head, head_of, seal, verify

NOW = datetime(2026, 7, 9, tzinfo=UTC)


def ledger(length: int = 5) -> list[bytes]:
    drafts = [
        Draft(Fact.KEY_PRESSED, Status.ACTUAL, {"attempt_id": f"a{n}"}, {"step": n})
        for n in range(length)
    ]
    return seal(drafts, "500108", Head(), NOW)[0]


def test_a_whole_ledger_verifies() -> None:
    assert verify(ledger()) is None


def test_sealing_in_two_pieces_equals_sealing_in_one() -> None:
    drafts = [Draft(Fact.KEY_PRESSED, Status.ACTUAL, {}, {"step": n}) for n in range(4)]

    first, head = seal(drafts[:2], "500108", Head(), NOW)
    second, _ = seal(drafts[2:], "500108", head, NOW)

    assert first + second == seal(drafts, "500108", Head(), NOW)[0]
    assert head_of(first[-1]) == head


@pytest.mark.parametrize("at", range(5))
def test_a_changed_value_is_located(at: int) -> None:
    records = ledger()
    body = orjson.loads(records[at])
    body["detail"] = {"step": 99}
    records[at] = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)

    broken = verify(records)

    assert broken is not None
    assert (broken.offset, broken.reason) == (at, "changed")


def test_any_changed_byte_is_found() -> None:
    whole = ledger(3)
    for index in range(len(whole[1])):
        changed = bytearray(whole[1])
        changed[index] ^= 1
        assert verify([whole[0], bytes(changed), whole[2]]) is not None


@pytest.mark.parametrize(
    ("records", "offset"),
    [
        pytest.param([0, 1, 3, 4], 2, id="one is missing"),
        pytest.param([0, 2, 1, 3, 4], 1, id="two are swapped"),
        pytest.param([0, 1, 1, 2], 2, id="one is there twice"),
        pytest.param([1, 2, 3], 0, id="the beginning is cut"),
    ],
)
def test_a_gap_or_another_order_is_located(records: list[int], offset: int) -> None:
    whole = ledger()

    broken = verify(whole[index] for index in records)

    assert broken is not None
    assert broken.offset == offset


def test_a_sealed_record_is_a_record_of_the_contract_in_canonical_bytes() -> None:
    [data] = ledger(1)

    assert encode(decode(Topic.DISPATCH, data)) == data
