"""How an ask stands on a page, and what happens to it next."""

from datetime import timedelta

import pytest

from schemas.cap import Status
from schemas.dispatch import Fact
from services.console.domain.views.callouts import ChainView
from services.console.domain.views.look import Look
from tests.unit.console.book import T0, Book


@pytest.fixture
def book() -> Book:
    book = Book()
    book.callout()
    book.ask("k1")
    return book


def chain(book: Book) -> ChainView:
    page = book.situation.callout("c1", book.at)
    assert page is not None
    return page.chains[0]


def test_an_ask_nobody_was_rung_for_is_created(book: Book) -> None:
    assert chain(book).look is Look.CREATED


def test_a_phone_that_rings_is_ringing(book: Book) -> None:
    book.call("k1", "a1")

    assert chain(book).look is Look.RINGING


def test_a_call_taken_is_answered_and_not_confirmed(book: Book) -> None:
    book.call("k1", "a1")
    book.write(Fact.ATTEMPT_CHANGED, attempt_id="a1", progress="answered")

    assert chain(book).look is Look.ANSWERED
    assert chain(book).acknowledged_at is None


def test_a_call_that_ended_unanswered_says_so(book: Book) -> None:
    book.call("k1", "a1")
    book.hang_up("a1")

    assert chain(book).look is Look.NO_ANSWER
    assert "无人接" in chain(book).doing


def test_a_deputys_phone_that_rings_is_an_escalation(book: Book) -> None:
    book.call("k1", "a1", person="bob", rung="deputy")

    assert chain(book).look is Look.ESCALATED


def test_a_lost_answer_of_the_carrier_is_unknown(book: Book) -> None:
    book.call("k1", "a1")
    book.write(Fact.ATTEMPT_UNKNOWN, attempt_id="a1")

    assert chain(book).look is Look.UNKNOWN


def test_who_is_on_the_list_is_not_woken_though_calls_go_on(book: Book) -> None:
    book.write(Fact.NOT_WOKEN_LISTED, chain_id="k1", callout_id="c1", reason="ack_limit")
    book.call("k1", "a1")

    assert chain(book).look is Look.NOT_WOKEN
    assert chain(book).late_since == book.at


def test_a_deputys_confirmation_is_the_posts_and_is_said_to_be_his(book: Book) -> None:
    book.call("k1", "a1", person="bob", rung="deputy")
    book.confirm("k1", "a1", person="bob", rung="deputy")

    assert chain(book).look is Look.ACKNOWLEDGED
    assert chain(book).by_deputy
    assert chain(book).strength == "coded"


@pytest.mark.parametrize("end", ["cancelled", "superseded"])
def test_an_ask_that_was_withdrawn_is_cancelled(book: Book, end: str) -> None:
    book.write(Fact.CHAIN_ENDED, chain_id="k1", callout_id="c1", end=end)

    assert chain(book).look is Look.CANCELLED


def test_the_next_call_comes_after_the_pause_from_the_end_of_the_last(book: Book) -> None:
    book.call("k1", "a1")
    book.wait(20)
    book.hang_up("a1")

    # Level I at night: 60 s after the end, before the deputy's two minutes from the first ring.
    assert chain(book).next_step == "再打"
    assert chain(book).next_at == T0 + timedelta(seconds=80)


def test_the_deputys_time_runs_from_the_first_ring(book: Book) -> None:
    for nth in range(3):
        book.call("k1", f"a{nth}")
        book.hang_up(f"a{nth}")

    assert chain(book).next_step == "副手"
    assert chain(book).next_at == T0 + timedelta(minutes=2)


def test_a_call_that_carries_two_asks_is_seen_in_both(book: Book) -> None:
    book.ask("k2", "AL")
    book.call("k1", "a1")
    book.write(Fact.ATTEMPT_JOINED, chain_id="k2", callout_id="c1", attempt_id="a1", person="ann")

    page = book.situation.callout("c1", book.at)

    assert page is not None
    assert [one.look for one in page.chains] == [Look.RINGING, Look.RINGING]
    assert page.attempts == 1


def test_a_fault_of_the_roster_is_shown_at_the_post(book: Book) -> None:
    book.write(Fact.ROSTER_FAULT, chain_id="k1", callout_id="c1", reason="no_holder")

    assert chain(book).faults == ("no_holder",)


def test_an_exercise_is_on_no_list_of_the_real_thing(book: Book) -> None:
    book.callout("x1", status=Status.EXERCISE)
    book.ask("k9", callout_id="x1", status=Status.EXERCISE)

    actual = book.situation.board(Status.ACTUAL, book.at)
    exercise = book.situation.board(Status.EXERCISE, book.at)

    assert [one.callout_id for one in actual.callouts] == ["c1"]
    assert [one.callout_id for one in exercise.callouts] == ["x1"]
    assert actual.other_running
    assert exercise.callouts[0].number == "C1"


def test_a_record_told_twice_changes_nothing(book: Book) -> None:
    book.call("k1", "a1")
    before = book.situation.callout("c1", book.at)
    version = book.situation.version

    for record in book.records:
        book.situation.take_fact(record)

    assert book.situation.version == version
    assert book.situation.callout("c1", book.at) == before


def test_old_callouts_are_forgotten_and_their_late_news_harmless() -> None:
    book = Book()
    for nth in range(202):
        book.callout(f"c{nth}")
        book.ask(f"k{nth}", callout_id=f"c{nth}")
        book.write(Fact.CALLOUT_ENDED, callout_id=f"c{nth}", end="lowered")
    book.call("k0", "late")
    book.hang_up("late")

    assert book.situation.callout("c0", book.at) is None
    assert book.situation.callout("c201", book.at) is not None
    assert len(book.situation.callouts(Status.ACTUAL)) == 200
