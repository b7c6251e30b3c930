"""Lines and starts of an account."""

from datetime import timedelta

from services.phones.domain.budget import Budget
from tests.unit.phones.town import START


def test_a_burst_as_large_as_the_rate_may_start_at_once() -> None:
    budget = Budget(lines=9, starts_per_s=3)

    for _ in range(3):
        assert budget.next_start_at(START) == START
        budget.take(START)

    assert budget.next_start_at(START) == START + timedelta(seconds=1)


def test_a_rate_that_is_no_whole_number_widens_the_window() -> None:
    budget = Budget(lines=9, starts_per_s=0.5)

    budget.take(START)

    assert budget.next_start_at(START) == START + timedelta(seconds=2)


def test_a_line_given_back_can_be_used_again() -> None:
    budget = Budget(lines=1, starts_per_s=3)
    budget.take(START)
    was_full = budget.is_full

    budget.release()

    assert was_full
    assert not budget.is_full
