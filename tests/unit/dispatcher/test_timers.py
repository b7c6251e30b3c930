"""What is due when, without growing."""

from datetime import timedelta

from services.dispatcher.domain.desk.timers import Timers
from tests.unit.dispatcher.night import MIDNIGHT

SECOND = timedelta(seconds=1)


def test_a_timer_that_is_set_anew_fires_once_at_the_last_instant() -> None:
    timers = Timers()
    timers.set(MIDNIGHT, "chain", "a")
    timers.set(MIDNIGHT + SECOND, "chain", "a")

    assert list(timers.due(MIDNIGHT)) == []
    assert timers.next_at() == MIDNIGHT + SECOND
    assert list(timers.due(MIDNIGHT + SECOND)) == [("chain", "a")]
    assert timers.next_at() is None


def test_a_timer_is_hastened_and_never_delayed() -> None:
    timers = Timers()
    timers.set(MIDNIGHT + SECOND, "chain", "a")
    timers.hasten(MIDNIGHT + 2 * SECOND, "chain", "a")
    timers.hasten(MIDNIGHT, "chain", "b")

    assert list(timers.due(MIDNIGHT + SECOND)) == [("chain", "b"), ("chain", "a")]


def test_timers_of_one_instant_fire_in_an_order_of_their_own() -> None:
    timers = Timers()
    for key in "cab":
        timers.set(MIDNIGHT, "chain", key)

    assert [key for _, key in timers.due(MIDNIGHT)] == ["a", "b", "c"]


def test_timers_that_are_set_anew_all_night_do_not_pile_up() -> None:
    timers = Timers()
    for nth in range(100_000):
        timers.set(MIDNIGHT + nth * SECOND, "chain", str(nth % 10))

    assert timers.held < 3_000
    assert len(list(timers.due(MIDNIGHT + 100_000 * SECOND))) == 10
