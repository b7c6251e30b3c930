"""Timers by owner and label."""

from datetime import timedelta

from services.phones.domain.agenda import Agenda
from tests.unit.phones.town import START

LATER = START + timedelta(seconds=5)


def fire_all(agenda: Agenda) -> None:
    while (due := agenda.pop(LATER)) is not None:
        due[1]()


def test_timers_of_one_instant_fire_in_the_order_they_were_put() -> None:
    agenda, fired = Agenda(), list[str]()
    for name in ("first", "second", "third"):
        agenda.put(name, "t", START, lambda name=name: fired.append(name))  # type: ignore[misc] # mypy cannot infer a lambda with a default

    fire_all(agenda)

    assert fired == ["first", "second", "third"]


def test_a_timer_put_again_replaces_the_one_before() -> None:
    agenda, fired = Agenda(), list[str]()
    agenda.put("call", "t", START, lambda: fired.append("old"))
    agenda.put("call", "t", LATER, lambda: fired.append("new"))

    assert agenda.next_due() == LATER
    fire_all(agenda)
    assert fired == ["new"]


def test_dropped_timers_are_not_due() -> None:
    agenda = Agenda()
    agenda.put("call", "person answers", START, lambda: None)
    agenda.put("call", "person leaves", START, lambda: None)
    agenda.put("call", "time limit", LATER, lambda: None)

    agenda.drop_with_prefix("call", "person")
    assert agenda.next_due() == LATER
    agenda.drop_all("call")
    assert agenda.next_due() is None


def test_nothing_fires_before_it_is_due() -> None:
    agenda = Agenda()
    agenda.put("call", "t", LATER, lambda: None)

    assert agenda.pop(START) is None
