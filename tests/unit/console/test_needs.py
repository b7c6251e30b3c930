"""What the red strip asks of a person."""

from datetime import timedelta
from typing import Any

from schemas.act import QuarantineReleased
from schemas.cap import Status
from schemas.decision import (
    ActAnswered,
    OrderChanged,
    OrderProposed,
    ReadingQuarantined,
    ResponseChanged,
    SourceSilent,
)
from schemas.dispatch import Fact
from schemas.event import Act
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.metric import Metric
from schemas.order import Order, OrderState
from schemas.role import Role
from tests.districts import DISTRICT, TOWN
from tests.unit.console.book import T0, Book


def kinds(book: Book) -> list[str]:
    return [need.kind for need in book.situation.board(Status.ACTUAL, book.at).needs]


def told(book: Book, kind: type[Any], name: str, **given: Any) -> None:
    book.situation.take_decision(
        kind(district=DISTRICT, decision_id=name, decided_at=book.at, **given)
    )


def order(state: OrderState) -> Order:
    return Order(
        order_id="o1",
        number=4,
        measure=Measure.STOP,
        place=TOWN,
        town=TOWN,
        hazard=Hazard.RAINSTORM,
        level=Level.I,
        target="工地",
        state=state,
        confirm=Role.DUTY_LEADER,
        proposed_at=T0,
    )


def test_nothing_is_asked_of_anybody_on_a_quiet_night() -> None:
    assert kinds(Book()) == []


def test_an_order_waits_until_somebody_decides() -> None:
    book = Book()
    told(book, OrderProposed, "d1", order=order(OrderState.PROPOSED))
    waiting = kinds(book)
    told(book, OrderChanged, "d2", order=order(OrderState.IN_FORCE))

    assert waiting == ["order_waits"]
    assert kinds(book) == []


def test_an_order_becomes_urgent_after_two_minutes() -> None:
    book = Book()
    told(book, OrderProposed, "d1", order=order(OrderState.PROPOSED))

    def urgent(after: timedelta) -> bool:
        return book.situation.board(Status.ACTUAL, T0 + after).needs[0].is_urgent

    assert not urgent(timedelta(minutes=1))
    assert urgent(timedelta(minutes=3))


def test_a_level_of_two_or_one_waits_for_its_confirmation() -> None:
    book = Book()
    change = {"place": TOWN, "town": TOWN, "hazard": Hazard.RAINSTORM, "family": "rain"}
    told(book, ResponseChanged, "d1", **change, response_level=Level.II)
    waiting = kinds(book)
    told(book, ResponseChanged, "d2", **change, response_level=Level.II, confirmed=True)

    assert waiting == ["level_waits"]
    assert kinds(book) == []


def test_people_not_woken_stand_there_until_they_confirm() -> None:
    book = Book()
    book.callout()
    book.ask("k1")
    book.call("k1", "a1")
    book.write(Fact.NOT_WOKEN_LISTED, chain_id="k1", callout_id="c1", reason="ack_limit")
    waiting = kinds(book)
    book.confirm("k1", "a1")

    assert waiting == ["not_woken"]
    assert kinds(book) == []


def test_at_level_four_those_without_answer_are_one_quiet_item() -> None:
    book = Book()
    for nth in range(3):
        book.callout(f"c{nth}", Level.IV)
        book.ask(f"k{nth}", callout_id=f"c{nth}")
        book.write(Fact.NOT_WOKEN_LISTED, chain_id=f"k{nth}", callout_id=f"c{nth}", reason="x")

    needs = book.situation.board(Status.ACTUAL, book.at).needs

    assert [need.title for need in needs] == ["3 岗没有回应"]
    assert not needs[0].is_urgent


def test_a_held_callout_waits_for_a_key() -> None:
    book = Book()
    book.callout()
    book.write(Fact.CALLOUT_HELD, callout_id="c1", source="s")
    waiting = kinds(book)
    book.write(Fact.CALLOUT_RELEASED, callout_id="c1", post="DO")

    assert waiting == ["held"]
    assert kinds(book) == []


def test_a_call_unknown_for_over_a_minute_is_for_a_person_to_look_at() -> None:
    book = Book()
    book.callout()
    book.ask("k1")
    book.call("k1", "a1")
    book.write(Fact.ATTEMPT_UNKNOWN, attempt_id="a1")
    at_once = kinds(book)
    book.wait(61)

    assert at_once == []
    assert kinds(book) == ["unknown"]


def test_silent_instruments_are_one_item_until_they_report() -> None:
    book = Book()
    silence = {"place": TOWN, "last_heard_at": T0}
    told(book, SourceSilent, "d1", sensor_id="RG-1", silent=True, **silence)
    told(book, SourceSilent, "d2", sensor_id="RG-2", silent=True, **silence)
    waiting = [need.title for need in book.situation.board(Status.ACTUAL, book.at).needs]
    told(book, SourceSilent, "d3", sensor_id="RG-1", silent=False, **silence)
    told(book, SourceSilent, "d4", sensor_id="RG-2", silent=False, **silence)

    assert waiting == ["RG-1 等 2 台"]
    assert kinds(book) == []


def test_a_reading_in_quarantine_waits_until_a_person_released_it() -> None:
    book = Book()
    told(
        book,
        ReadingQuarantined,
        "d1",
        sensor_id="RG-1",
        place=TOWN,
        metric=Metric.RAIN,
        value=90_000,
        occurred_at=T0,
        event_id="e1",
    )
    waiting = kinds(book)
    book.situation.take_event(
        Act(
            district=DISTRICT,
            event_id="act-1",
            accepted_at=T0,
            user="duty-officer",
            role=Role.DUTY_OFFICER,
            body=QuarantineReleased(event_id="e1", sensor_id="RG-1", occurred_at=T0),
        )
    )
    told(book, ActAnswered, "d2", act_id="act-1", done=True)

    assert waiting == ["quarantined"]
    assert kinds(book) == []
