"""The board's sums and its independence of how records arrive."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.cap import Status
from schemas.dispatch import Fact
from services.console.domain.situation import Situation
from services.console.domain.views.look import Look
from tests.unit.console.book import Book

_POSTS = 4
_OF_THE_CALLOUT = {"hold": Fact.CALLOUT_HELD, "release": Fact.CALLOUT_RELEASED}
_WAITS = {"wait": 7.0}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["call", "answer", "hang_up", "confirm", "list", "cancel", "wait", "hold", "release"]
        ),
        st.integers(0, _POSTS - 1),
    ),
    max_size=40,
)


def _play(steps: list[tuple[str, int]]) -> Book:
    """Write a night in which each step is done only where the dispatcher could do it."""
    book = Book()
    book.callout()
    live: dict[int, str] = {}
    ended: set[int] = set()
    for nth in range(_POSTS):
        book.ask(f"k{nth}", f"P{nth}")
    for count, (step, nth) in enumerate(steps):
        named: dict[str, Any] = {"chain_id": f"k{nth}", "callout_id": "c1"}
        if step == "call" and nth not in live and nth not in ended:
            live[nth] = f"a{count}"
            book.call(f"k{nth}", live[nth])
        elif step == "answer" and nth in live:
            book.write(Fact.ATTEMPT_CHANGED, attempt_id=live[nth], progress="answered")
        elif step == "hang_up" and nth in live:
            book.hang_up(live.pop(nth))
        elif step == "confirm" and nth in live and nth not in ended:
            book.confirm(f"k{nth}", live[nth])
            ended.add(nth)
        elif step == "list" and nth not in ended:
            book.write(Fact.NOT_WOKEN_LISTED, **named, reason="ack_limit")
        elif step == "cancel" and nth not in ended:
            book.write(Fact.CHAIN_ENDED, **named, end="cancelled")
            ended.add(nth)
        elif step in _OF_THE_CALLOUT:
            book.write(_OF_THE_CALLOUT[step], callout_id="c1")
        book.wait(_WAITS.get(step, 0))
    return book


@given(STEPS)
def test_the_sums_add_up_at_every_moment(steps: list[tuple[str, int]]) -> None:
    """Who reads 51 of 53 must be able to count the other two; it protects those not yet woken."""
    book = _play(steps)

    board = book.situation.board(Status.ACTUAL, book.at)

    (callout,) = board.callouts
    assert sum(callout.counts.values()) == callout.posts == _POSTS
    assert callout.acknowledged == callout.counts.get(Look.ACKNOWLEDGED, 0)
    assert board.posts == _POSTS
    still_open = _POSTS - callout.acknowledged - callout.counts.get(Look.CANCELLED, 0)
    assert board.waiting_total == still_open


@given(STEPS, st.data())
def test_records_told_again_show_the_same(
    steps: list[tuple[str, int]], data: st.DataObject
) -> None:
    """A board started anew, or told parts of the ledger twice, shows what the first one shows."""
    book = _play(steps)
    again = Situation(book.situation.pack)
    for nth, record in enumerate(book.records):
        again.take_fact(record)
        back = data.draw(st.integers(0, nth), label="told again from")
        again.take_fact(book.records[back])

    assert again.board(Status.ACTUAL, book.at) == book.situation.board(Status.ACTUAL, book.at)
    assert again.callout("c1", book.at) == book.situation.callout("c1", book.at)


@given(STEPS)
def test_a_board_that_was_looked_at_all_along_shows_the_same(
    steps: list[tuple[str, int]],
) -> None:
    """What is kept from one board to the next is never older than the ledger a commander reads."""
    book = _play(steps)
    watched = Situation(book.situation.pack)
    for record in book.records:
        watched.take_fact(record)
        watched.board(Status.ACTUAL, record.at)

    assert watched.board(Status.ACTUAL, book.at) == book.situation.board(Status.ACTUAL, book.at)
