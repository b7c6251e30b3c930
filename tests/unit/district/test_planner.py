"""How long a first round takes, planned on paper: each number here can be worked out by hand."""

from datetime import timedelta

import pytest

from services.district.domain.planner import (
    CallLengths,
    Capacity,
    call_lengths,
    pace_of,
    plan,
    reading_time,
    starts_of,
)
from services.district.domain.policy import CarrierAccount, ExpectedCall

S = timedelta(seconds=1)


def an_account(per_s: float, lines: int, *busy: float, name: str = "main") -> Capacity:
    return Capacity(CarrierAccount(name, per_s, lines, 10), tuple(one * S for one in busy))


def always(seconds: float) -> CallLengths:
    return CallLengths((seconds * S,))


def test_with_lines_to_spare_the_rate_decides() -> None:
    found = plan(range(506), [an_account(3, 120)], always(35))

    assert found.calls == 506
    assert found.last_in == 168 * S
    assert found.over_in == 203 * S


def test_with_few_lines_the_length_of_the_calls_decides() -> None:
    assert starts_of(7, [an_account(10, 3)], always(20)) == (
        *[0 * S] * 3,
        *[20 * S] * 3,
        40 * S,
    )


def test_two_accounts_share_the_work_in_the_order_of_their_preference() -> None:
    both = [an_account(1, 50, name="first"), an_account(2, 50, name="spare")]

    assert starts_of(6, both, always(30)) == (*[0 * S] * 3, *[1 * S] * 3)


def test_a_rate_below_one_is_a_longer_window() -> None:
    assert starts_of(3, [an_account(0.5, 50)], always(30)) == (0 * S, 2 * S, 4 * S)


def test_what_stands_before_them_in_the_queue_is_called_first() -> None:
    found = plan(range(10, 15), [an_account(1, 50)], always(30))

    assert (found.calls, found.ahead) == (5, 10)
    assert (found.first_in, found.last_in) == (10 * S, 14 * S)


def test_lines_that_are_in_use_are_waited_for() -> None:
    assert starts_of(3, [an_account(10, 2, 7, 12)], always(30)) == (7 * S, 12 * S, 37 * S)


def test_lines_in_use_make_no_difference_where_enough_are_free() -> None:
    assert starts_of(3, [an_account(1, 5, 7, 12)], always(30)) == (0 * S, 1 * S, 2 * S)
    assert starts_of(4, [an_account(1, 5, 7, 12)], always(30)) == (0 * S, 1 * S, 2 * S, 7 * S)


def test_calls_come_to_the_lines_that_are_free_first() -> None:
    busy = an_account(10, 4, 40, 9, 25, 3)
    assert starts_of(2, [busy], always(100)) == (3 * S, 9 * S)
    assert starts_of(5, [busy], always(100)) == (3 * S, 9 * S, 25 * S, 40 * S, 103 * S)


def test_very_many_calls_take_their_mean_pace() -> None:
    accounts = [an_account(3, 30), an_account(1, 50)]
    counted = starts_of(5000, accounts, always(20))[-1]

    assert pace_of(accounts, always(20)) * 4999 == pytest.approx(counted, rel=0.01)
    assert plan(range(9000), accounts, always(20)).last_in == pytest.approx(counted * 1.8, rel=0.01)


def test_nobody_to_call_takes_no_time() -> None:
    assert plan([], [an_account(3, 10)], always(30)).over_in == timedelta(0)


def test_a_call_lasts_as_long_as_those_who_answer_and_those_who_do_not() -> None:
    expected = ExpectedCall(10 * S, 10 * S, 4.5, 3 * S, 6 * S, answered_pct=80, confirmed_pct=50)

    coded = call_lengths(expected, "汉" * 90, 28 * S, coded=True)
    keyed = call_lengths(expected, "汉" * 90, 28 * S, coded=False)

    assert sorted(coded.each) == [*[28 * S] * 20, *[30 * S] * 30, *[36 * S] * 50]
    assert coded.mean - keyed.mean == 1.5 * S


def test_phones_ring_for_all_lengths_of_time_there_are_and_in_no_order() -> None:
    lengths = call_lengths(ExpectedCall(answered_pct=100, confirmed_pct=0), "", 28 * S, coded=True)

    assert lengths.mean == pytest.approx(10 * S, rel=0.01)
    assert min(lengths.each) == 5 * S
    assert max(lengths.each) == pytest.approx(15 * S, rel=0.02)
    first_ten = [lengths.of(nth) for nth in range(10)]
    assert sum(first_ten, timedelta(0)) / 10 == pytest.approx(10 * S, rel=0.15)


def test_words_take_their_characters_and_their_pauses() -> None:
    assert reading_time("汉字12，", 4.5) == timedelta(seconds=1)
    assert reading_time("ab c", 4.5) == timedelta(seconds=0.2)
