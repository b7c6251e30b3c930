"""Faults on demand."""

from datetime import timedelta

import pytest

from services.phones.domain.errors import AnswerLostError, LostAnswer, RefusedError
from services.phones.domain.faults import CallbackFault, CreateFault, Resource
from services.phones.domain.person import Habit
from tests.unit.phones.town import ANNA, SID, START, Town, call_form, person

NEVER = person(ANNA, Habit.NEVER)


@pytest.mark.parametrize(
    ("fault", "how"),
    [
        (CreateFault.SERVER_ERROR_AFTER_ACCEPTING, LostAnswer.SERVER_ERROR),
        (CreateFault.DROPPED_AFTER_ACCEPTING, LostAnswer.DROPPED),
    ],
)
def test_an_accepted_call_rings_although_the_answer_is_lost(
    fault: CreateFault, how: LostAnswer
) -> None:
    town = Town()
    town.exchange.faults.fail_next_create(Resource.CALLS, fault)

    with pytest.raises(AnswerLostError) as lost:
        town.call()
    town.run()

    assert lost.value.how is how
    assert town.digits() == ["1", "472"]


@pytest.mark.parametrize(
    ("fault", "status"), [(CreateFault.SERVER_ERROR, 500), (CreateFault.TOO_MANY_REQUESTS, 429)]
)
def test_a_refused_call_never_rings(fault: CreateFault, status: int) -> None:
    town = Town()
    town.exchange.faults.fail_next_create(Resource.CALLS, fault)

    with pytest.raises(RefusedError) as refused:
        town.call()
    town.run()

    assert refused.value.status == status
    assert town.exchange.calls == {}


def test_a_fault_for_messages_leaves_calls_alone() -> None:
    town = Town()
    town.exchange.faults.fail_next_create(Resource.MESSAGES, CreateFault.SERVER_ERROR)

    town.call()
    with pytest.raises(RefusedError):
        town.text()


def test_a_rate_of_one_always_fails() -> None:
    town = Town()
    town.exchange.faults.create_rates = {CreateFault.TOO_MANY_REQUESTS: 1.0}

    for _ in range(3):
        with pytest.raises(RefusedError):
            town.call()


def test_a_list_that_lags_does_not_know_the_newest() -> None:
    town = Town()
    town.exchange.faults.list_lag = timedelta(seconds=3)
    sid = town.exchange.create_call(SID, call_form(), START).sid

    assert town.exchange.list_calls(SID, START + timedelta(seconds=2)) == []
    assert [call.sid for call in town.exchange.list_calls(SID, START + timedelta(seconds=3))] == [
        sid
    ]


def test_a_lost_callback_never_comes() -> None:
    town = Town(NEVER)
    town.exchange.faults.fail_next_callback(CallbackFault.LOST)

    sid = town.call()
    town.run()

    assert town.statuses(sid) == ["ringing", "no-answer"]
    assert town.exchange.record.callbacks_lost == 1


def test_a_late_callback_comes_after_newer_ones() -> None:
    town = Town(NEVER)
    town.exchange.faults.fail_next_callback(CallbackFault.LATE)

    sid = town.call()
    town.run()

    assert town.statuses(sid) == ["ringing", "initiated", "no-answer"]


def test_a_doubled_callback_carries_the_same_token() -> None:
    town = Town(NEVER)
    town.exchange.faults.fail_next_callback(CallbackFault.DOUBLED)

    town.call()
    town.run()

    twice = [one for one in town.told if one.form["CallStatus"] == "initiated"]
    assert len(twice) == 2
    assert twice[0].token == twice[1].token


def test_a_reordered_callback_changes_places_with_the_next() -> None:
    town = Town(NEVER)
    town.exchange.faults.fail_next_callback(CallbackFault.REORDERED)

    sid = town.call()
    town.run()

    assert town.statuses(sid) == ["ringing", "initiated", "no-answer"]
    assert [one.form["SequenceNumber"] for one in town.told] == ["1", "0", "2"]


def test_a_reordered_last_callback_comes_all_the_same() -> None:
    town = Town(person(ANNA, Habit.BUSY))

    sid = town.call(StatusCallbackEvent=["completed"])
    town.exchange.faults.fail_next_callback(CallbackFault.REORDERED)
    town.run()

    assert town.statuses(sid) == ["busy"]
