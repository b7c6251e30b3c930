"""Nobody can change the ledger unseen: whatever is done to it is found, and where."""

from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.domain.record.ledger import head_of
from services.dispatcher.domain.record.proving import Flaw, prove
from tests.unit.dispatcher.sealed import DISTRICT, anchors, ledger, resealed

LENGTH = 12
WHOLE = ledger(LENGTH)
PLACES = st.integers(0, LENGTH - 1)
ANCHORED = st.sets(PLACES).map(sorted)


@given(PLACES, st.integers(0, 10_000), st.integers(1, 255))
def test_any_changed_byte_is_located(at: int, index: int, change: int) -> None:
    """A record with one byte changed is the first that is told, whichever byte it is."""
    changed = bytearray(WHOLE[at])
    changed[index % len(changed)] ^= change

    found = prove([*WHOLE[:at], bytes(changed), *WHOLE[at + 1 :]]).findings

    assert found[0].offset == at


@given(st.integers(0, LENGTH - 2), st.integers(1, LENGTH - 1))
def test_any_removed_run_of_records_is_located(first: int, count: int) -> None:
    """Records taken out of the middle leave a gap where they were."""
    count = min(count, LENGTH - 1 - first)

    found = prove([*WHOLE[:first], *WHOLE[first + count :]]).findings

    assert [(one.offset, one.flaw) for one in found] == [(first, Flaw.GAP)]


@given(PLACES, PLACES)
def test_any_two_records_that_changed_places_are_located(one: int, other: int) -> None:
    """Who answered first cannot be turned around."""
    records = list(WHOLE)
    records[one], records[other] = records[other], records[one]

    found = prove(records).findings

    assert bool(found) == (one != other)
    assert not found or found[0].offset == min(one, other)


@given(PLACES, st.integers(0, LENGTH))
def test_any_record_put_in_again_is_located(which: int, at: int) -> None:
    """A record cannot stand in the ledger twice."""
    found = prove([*WHOLE[:at], WHOLE[which], *WHOLE[at:]]).findings

    assert found[0].offset in {at, at + 1}


@given(ANCHORED, st.integers(0, LENGTH))
def test_any_cut_behind_the_last_anchor_is_located(kept: list[int], left: int) -> None:
    """A night cannot be shortened: the place that keeps the anchors knows how long it was."""
    found = prove(WHOLE[:left], anchors(*(WHOLE[at] for at in kept)), DISTRICT).findings

    last = max(kept, default=-1) + 1
    expected = [(left, left + 1, last)] if last > left else []
    assert [(one.offset, one.seq, one.until) for one in found] == expected


@given(ANCHORED, PLACES)
def test_any_tail_written_anew_is_located_up_to_an_anchor(kept: list[int], at: int) -> None:
    """A forger who holds the server makes every hash fit; the anchors kept elsewhere do not."""
    forged = [*WHOLE[:at], resealed(WHOLE[at], person="somebody else")]
    forged += ledger(LENGTH - at - 1, first=head_of(forged[-1]))

    found = prove(forged, anchors(*(WHOLE[one] for one in kept)), DISTRICT).findings

    hit = [one for one in kept if one >= at]
    agreed = max((one + 1 for one in kept if one < at), default=0)
    assert [(one.flaw, one.seq, one.until) for one in found] == [
        (Flaw.REWRITTEN, agreed + 1, one + 1) for one in hit
    ]
