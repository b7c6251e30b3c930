"""Whatever is done to a ledger afterwards is found, and where."""

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.dispatcher.domain.record.anchor import AnchorFault, BadAnchor, read_anchors
from services.dispatcher.domain.record.ledger import head_of
from services.dispatcher.domain.record.proving import MOST_TOLD, Finding, Flaw, prove
from tests.unit.dispatcher.sealed import (
    DISTRICT,
    KEY,
    NOW,
    anchor_line,
    anchors,
    ledger,
    resealed,
)

PUBLIC = KEY.public_key()


def test_a_whole_ledger_with_its_anchors_holds() -> None:
    records = ledger(6)

    proof = prove(records, anchors(None, records[2], records[4]), DISTRICT)

    assert proof.findings == []
    assert (proof.records, proof.anchored) == (6, 5)


@pytest.mark.parametrize("at", range(5))
def test_a_changed_value_is_located(at: int) -> None:
    records = ledger()
    body = orjson.loads(records[at])
    body["detail"] = {"step": 99}
    records[at] = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)

    assert prove(records).findings == [Finding(at, at + 1, Flaw.CHANGED)]


def test_each_changed_bit_of_a_record_is_located() -> None:
    whole = ledger(3)
    for index in range(len(whole[1])):
        for bit in range(8):
            changed = bytearray(whole[1])
            changed[index] ^= 1 << bit

            found = prove([whole[0], bytes(changed), whole[2]]).findings

            assert found
            assert found[0].offset == 1, (index, bit)


@pytest.mark.parametrize(
    ("order", "offset"),
    [
        pytest.param([0, 1, 3, 4], 2, id="one is missing"),
        pytest.param([0, 2, 1, 3, 4], 1, id="two are swapped"),
        pytest.param([0, 1, 1, 2], 2, id="one is there twice"),
        pytest.param([1, 2, 3], 0, id="the beginning is cut"),
    ],
)
def test_a_gap_or_another_order_is_located(order: list[int], offset: int) -> None:
    whole = ledger()

    found = prove(whole[index] for index in order).findings

    assert found[0] == Finding(offset, offset + 1, Flaw.GAP)


def test_one_missing_record_is_one_finding() -> None:
    records = ledger(6)
    del records[2]

    assert prove(records).findings == [Finding(2, 3, Flaw.GAP)]


def test_an_added_record_that_links_is_located_at_the_one_behind_it() -> None:
    records = ledger(4)
    head = head_of(records[1])
    added = resealed(records[2], prev_hash=head.hash, person="somebody")

    assert prove([*records[:2], added, *records[2:]]).findings[0] == Finding(3, 4, Flaw.GAP)


def test_a_cut_behind_the_last_anchor_is_located() -> None:
    records = ledger(6)

    proof = prove(records[:3], anchors(records[1], records[4]), DISTRICT)

    assert proof.findings == [Finding(3, 4, Flaw.CUT, 5)]


def test_a_ledger_that_was_taken_away_is_a_cut() -> None:
    assert prove([], anchors(ledger(3)[-1])).findings == [Finding(0, 1, Flaw.CUT, 3)]


def test_a_cut_that_no_anchor_knows_is_not_seen() -> None:
    records = ledger(6)

    assert prove(records[:5], anchors(records[4]), DISTRICT).findings == []


def test_a_tail_written_anew_is_located_between_two_anchors() -> None:
    records = ledger(8)
    kept = anchors(records[1], records[4], records[6])
    forged = [*records[:3], *ledger(5, first=head_of(records[2]), says="nothing")]

    assert prove(forged).findings == []
    assert prove(forged, kept, DISTRICT).findings == [
        Finding(4, 3, Flaw.REWRITTEN, 5),
        Finding(6, 3, Flaw.REWRITTEN, 7),
    ]


def test_a_record_added_behind_an_anchor_cannot_claim_to_be_from_before_it() -> None:
    records = ledger(3)
    an_hour_on = NOW + timedelta(hours=1)
    kept = [replace(anchor, at=an_hour_on) for anchor in anchors(records[1])]

    assert prove(records[:2], kept, DISTRICT).findings == []
    assert prove(records, kept, DISTRICT).findings == [Finding(2, 3, Flaw.BACKDATED)]


def test_time_that_goes_back_is_located() -> None:
    records = ledger(2)
    again = resealed(ledger(3)[2], at="2026-07-08T23:59:59Z")

    assert prove([*records, again]).findings == [Finding(2, 3, Flaw.TIME_BACK)]


def test_a_ledger_of_another_district_is_told() -> None:
    assert prove(ledger(1), district="500199").findings[0].flaw is Flaw.OTHER_DISTRICT


def test_a_file_full_of_something_else_does_not_flood() -> None:
    assert len(prove([b"x"] * 1000).findings) == MOST_TOLD


def test_each_changed_bit_of_an_anchor_is_located() -> None:
    lines = [anchor_line(record) for record in ledger(3)]
    for index in range(len(lines[1])):
        for bit in range(8):
            changed = bytearray(lines[1])
            changed[index] ^= 1 << bit

            _, bad = read_anchors([lines[0], bytes(changed), lines[2]], DISTRICT, [PUBLIC])

            assert [one.line for one in bad] == [2], (index, bit)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        pytest.param(
            anchor_line(ledger(1)[0], key=Ed25519PrivateKey.generate()),
            AnchorFault.UNKNOWN_KEY,
            id="by another key",
        ),
        pytest.param(
            anchor_line(ledger(1)[0], district="500199"),
            AnchorFault.OTHER_DISTRICT,
            id="of another district",
        ),
        pytest.param(anchor_line(ledger(2)[0]), AnchorFault.OUT_OF_ORDER, id="older than before"),
        pytest.param(b"[]", AnchorFault.UNREADABLE, id="no anchor"),
        pytest.param(b"{", AnchorFault.UNREADABLE, id="half a line"),
    ],
)
def test_what_proves_nothing_is_told_with_its_line(line: bytes, fault: AnchorFault) -> None:
    good = anchor_line(ledger(3)[2])

    found, bad = read_anchors([good, line, good], DISTRICT, [PUBLIC])

    assert len(found) == 2
    assert bad == [BadAnchor(2, fault)]


def test_a_forged_hash_with_the_old_signature_is_forged() -> None:
    body = orjson.loads(anchor_line(ledger(1)[0]))
    forged = orjson.dumps({**body, "hash": "f" * 64}, option=orjson.OPT_SORT_KEYS)

    assert read_anchors([forged], DISTRICT, [PUBLIC])[1] == [BadAnchor(1, AnchorFault.FORGED)]
