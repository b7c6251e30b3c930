"""Callouts on the board: those that run before those that ended, the worst first, then the newest."""

from schemas.cap import Status
from schemas.dispatch import Fact
from schemas.level import Level
from tests.unit.console.book import Book


def numbers(book: Book) -> list[str]:
    """Return the callouts as they are listed."""
    return [one.callout_id for one in book.situation.callouts(Status.ACTUAL)]


def test_the_worst_that_runs_stands_first_then_the_newest() -> None:
    book = Book()
    for callout_id, level in (("old", Level.III), ("new", Level.III), ("worst", Level.II)):
        book.callout(callout_id, level)
        book.ask(f"of {callout_id}", callout_id=callout_id)
        book.wait(60)

    assert numbers(book) == ["worst", "new", "old"]


def test_one_in_which_nobody_is_left_to_reach_stands_behind_those_that_run() -> None:
    book = Book()
    book.callout("reached", Level.I)
    book.ask("k1", callout_id="reached")
    book.callout("runs", Level.IV)
    book.ask("k2", callout_id="runs")

    book.write(Fact.NOT_WOKEN_LISTED, chain_id="k1", callout_id="reached", reason="ack_limit")

    assert numbers(book) == ["runs", "reached"]


def test_those_that_ended_stand_last_whatever_their_level_the_newest_end_first() -> None:
    book = Book()
    for callout_id, level in (("first", Level.I), ("second", Level.IV), ("runs", Level.IV)):
        book.callout(callout_id, level)
        book.ask(f"of {callout_id}", callout_id=callout_id)
    for callout_id in ("first", "second"):
        book.wait(60)
        book.write(Fact.CALLOUT_ENDED, callout_id=callout_id, end="ended")

    assert numbers(book) == ["runs", "second", "first"]
