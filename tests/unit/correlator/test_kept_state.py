"""Snapshots in rows: one that is not whole is not taken, and the one before is still there."""

import random

from services.correlator.adapters.kept_state import Kept, KeptState
from tests.doomed_log import DoomedRows


def a_snapshot(number: int) -> bytes:
    return random.Random(number).randbytes(1000)  # what cannot be compressed away


def kept(*numbers: int) -> DoomedRows:
    rows = DoomedRows()
    state = KeptState(rows, chunk_bytes=100)
    for number in numbers:
        state.write(Kept(number, a_snapshot(number)))
    return rows


def read(rows: DoomedRows) -> Kept | None:
    return KeptState(rows, chunk_bytes=100).read()


def test_the_newest_snapshot_comes_back_as_it_was_written() -> None:
    assert read(kept(10, 20, 30)) == Kept(30, a_snapshot(30))


def test_nothing_comes_back_where_nothing_was_written() -> None:
    assert read(DoomedRows()) is None


def test_no_row_is_larger_than_a_broker_takes() -> None:
    assert max(len(value) for key, value in kept(10).changes if key.startswith("state")) == 100


def test_wherever_the_writer_died_the_newest_whole_snapshot_comes_back() -> None:
    one, two = len(kept(10, 20).changes), len(kept(10, 20, 30).changes)
    for lost in range(1, two - one + 1):
        rows = kept(10, 20, 30)
        rows.lose(lost)

        assert read(rows) == Kept(20, a_snapshot(20))


def test_what_another_writer_wrote_over_is_not_taken() -> None:
    rows = kept(10, 20)
    rows.put("state/1/3", b"of another snapshot")

    assert read(rows) == Kept(10, a_snapshot(10))


def test_one_that_goes_on_writes_beside_what_it_came_from() -> None:
    rows = kept(10, 20)
    state = KeptState(rows, chunk_bytes=100)
    state.read()
    state.write(Kept(30, a_snapshot(30)))
    rows.lose(1)

    assert read(rows) == Kept(20, a_snapshot(20))


def test_where_nothing_is_whole_nothing_is_taken() -> None:
    rows = kept(10)
    rows.put("state/0/0", b"")

    assert read(rows) is None
