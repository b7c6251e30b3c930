"""The ledger in words: every fact has a name, and a post is counted once however often it is asked."""

import pytest

from schemas.cap import Status
from schemas.dispatch import Fact
from services.console.domain.ledger_view import ledger_row
from tests.unit.console.book import Book


@pytest.mark.parametrize("fact", list(Fact), ids=lambda fact: fact.value)
def test_every_fact_has_a_name_for_people(fact: Fact) -> None:
    book = Book()
    book.callout()
    record = book.records[-1].model_copy(update={"fact": fact, "detail": {}})

    assert ledger_row(book.situation.names, record).label


def test_a_post_that_is_asked_again_is_still_one_post() -> None:
    book = Book()
    book.callout()
    book.ask("k1")
    book.call("k1", "a1")
    book.confirm("k1", "a1")
    book.write(
        Fact.CHAIN_OPENED,
        callout_id="c1",
        chain_id="k2",
        post="VS",
        ask="second_call",
        level="I",
        rungs=[["holder", "ann"]],
    )

    board = book.situation.board(Status.ACTUAL, book.at)

    assert (board.posts, board.acknowledged) == (1, 1)
    assert [one.ask_name for one in board.waiting] == ["再呼应"]


def test_a_post_that_was_handed_over_is_held_by_who_holds_it_now() -> None:
    book = Book()
    book.callout()
    book.ask("k1")
    book.write(Fact.POST_HANDED_OVER, callout_id="c1", chain_id="k1", rungs=[["holder", "bob"]])

    (chain,) = book.situation.board(Status.ACTUAL, book.at).waiting

    assert chain.holder_name == book.situation.names.person("bob")
