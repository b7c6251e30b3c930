import pytest

from services.correlator.domain.window import Series


def a_series(*rows: tuple[int, int], reach: int = 100) -> Series:
    series = Series(reach)
    for at_us, value in rows:
        series.append(at_us, value, f"e{at_us}")
    return series


def test_a_reading_exactly_one_span_old_is_out_of_the_sum() -> None:
    series = a_series((0, 1), (5, 2), (10, 4))

    assert series.sum_until(10, 10) == 6
    assert series.running(10).total == 6


def test_ten_times_a_tenth_is_one_exactly() -> None:
    series = a_series(*((at, 100) for at in range(10)))

    assert series.running(50).total == 1000


def test_a_reading_put_in_late_counts_where_it_belongs() -> None:
    series = a_series((0, 1), (10, 4))
    running = series.running(8)

    series.insert(5, 2, "late")
    series.insert(1, 8, "later still")

    assert running.total == 6
    assert series.times == [0, 1, 5, 10]


def test_a_correction_replaces_and_does_not_add() -> None:
    series = a_series((0, 1), (5, 2))
    running = series.running(10)

    series.insert(5, 7, "corrected")

    assert running.total == 8
    assert series.cited(0, 1) == ("corrected", "e0", "e5")


def test_the_same_value_again_is_no_correction() -> None:
    series = a_series((0, 1), (5, 2))

    series.insert(5, 2, "again")

    assert series.cited(0, 1) == ("e0", "e5")


def test_what_leaves_with_time_leaves_the_standing_sum() -> None:
    series = a_series((0, 1), (5, 2), (10, 4))
    running = series.running(10)

    assert [series.standing(running, now) for now in (3, 10, 14, 15, 20)] == [6, 6, 6, 4, 0]


@pytest.mark.parametrize(("keep", "left"), [(2, 2), (5, 5)])
def test_pruning_keeps_the_newest_however_old(keep: int, left: int) -> None:
    series = a_series(*((at, 1) for at in range(100)), reach=10)
    series.keep_newest = keep

    series.prune(10_000)

    assert len(series.times) in {left, 11}
    assert series.running(10).total == 10


def test_pruning_keeps_what_a_late_window_can_still_reach() -> None:
    series = a_series(*((at, 1) for at in range(100)), reach=10)

    series.prune(50)

    assert series.times[0] == 40
    assert series.sum_until(50, 10) == 10
