"""The life of a call at the carrier."""

from datetime import timedelta

import pytest

from services.phones.domain.errors import RefusedError
from services.phones.domain.person import Habit
from tests.unit.phones.town import ANNA, BORIS, SID, START, Town, call_form, person

ANSWERED = ["initiated", "ringing", "in-progress", "completed"]


@pytest.mark.parametrize(
    ("habit", "statuses"),
    [
        pytest.param(Habit.CODER, ANSWERED, id="coder"),
        pytest.param(Habit.AT_ONCE, ANSWERED, id="at once"),
        pytest.param(Habit.SLOWLY, ANSWERED, id="slowly"),
        pytest.param(Habit.VOICEMAIL, ANSWERED, id="voicemail answers"),
        pytest.param(Habit.HANGS_UP, ANSWERED, id="hangs up"),
        pytest.param(Habit.NEVER, ["initiated", "ringing", "no-answer"], id="never"),
        pytest.param(
            Habit.REPLIES_BY_SMS, ["initiated", "ringing", "no-answer"], id="lets it ring"
        ),
        pytest.param(Habit.BUSY, ["initiated", "busy"], id="busy"),
        pytest.param(Habit.OFF, ["initiated", "failed"], id="off"),
        pytest.param(Habit.UNALLOCATED, ["initiated", "failed"], id="no such number"),
    ],
)
def test_each_habit_ends_in_its_own_state(habit: Habit, statuses: list[str]) -> None:
    town = Town(person(ANNA, habit))

    sid = town.call(Timeout="30")
    town.run()

    assert town.statuses(sid) == statuses
    assert town.exchange.live_leg(ANNA) is None


def test_a_call_is_queued_when_it_is_accepted() -> None:
    town = Town()

    call = town.exchange.create_call(SID, call_form(), START)

    assert call.status.value == "queued"


def test_only_the_events_asked_for_are_told() -> None:
    town = Town()

    sid = town.call(StatusCallbackEvent=["answered completed"])
    town.run()

    assert town.statuses(sid) == ["in-progress", "completed"]
    assert [one.form["SequenceNumber"] for one in town.told] == ["0", "1"]


def test_without_events_only_the_end_is_told() -> None:
    town = Town(person(ANNA, Habit.NEVER))

    sid = town.call(StatusCallbackEvent=[])
    town.run()

    assert town.statuses(sid) == ["no-answer"]


def test_the_last_call_back_says_how_long_they_talked() -> None:
    town = Town(person(ANNA, Habit.HANGS_UP, hangs_up_after=timedelta(seconds=6)))

    town.call()
    town.run()

    assert town.told[-1].form["CallDuration"] == "6"


def test_an_unallocated_number_says_so_with_a_code() -> None:
    town = Town(person(ANNA, Habit.UNALLOCATED))

    town.call()
    town.run()

    assert (town.told[-1].form["ErrorCode"], town.told[-1].form["SipResponseCode"]) == (
        "13224",
        "404",
    )


def test_ringing_ends_at_the_time_out() -> None:
    town = Town(person(ANNA, Habit.NEVER))

    sid = town.call(Timeout="25")
    town.run()

    assert town[sid].ended_at == START + timedelta(seconds=25.2)


def test_a_conversation_ends_at_its_time_limit() -> None:
    town = Town(scripts={"/voice": '<Response><Pause length="300"/></Response>'})

    sid = town.call(TimeLimit="40")
    town.run()

    assert town[sid].duration_s == 40


@pytest.mark.parametrize("asked", ["canceled", "completed"])
def test_a_ringing_call_can_be_ended(asked: str) -> None:
    town = Town(person(ANNA, Habit.NEVER))
    sid = town.call()
    town.run(3)

    call = town.exchange.update_call(SID, sid, {"Status": [asked]}, town.now)
    town.run()

    assert call.status.value == "canceled"
    assert town.statuses(sid)[-1] == "canceled"


def test_only_completed_ends_a_conversation() -> None:
    town = Town(person(ANNA, Habit.AT_ONCE))
    sid = town.call()
    town.run(3)

    left_alone = town.exchange.update_call(SID, sid, {"Status": ["canceled"]}, town.now)
    ended = town.exchange.update_call(SID, sid, {"Status": ["completed"]}, town.now)

    assert (left_alone.status.value, ended.status.value) == ("in-progress", "completed")


def test_a_queued_call_can_be_canceled_and_is_never_dialled() -> None:
    town = Town(person(ANNA, Habit.NEVER), lines=1)
    town.call(ANNA)
    waiting = town.call(BORIS)

    town.exchange.update_call(SID, waiting, {"Status": ["canceled"]}, town.now)
    town.run()

    assert town[waiting].started_at is None
    assert town.exchange.record.of(BORIS)[0].detail == "canceled"


def test_a_call_that_has_ended_cannot_be_changed() -> None:
    town = Town()
    sid = town.call()
    town.run()

    with pytest.raises(RefusedError) as refused:
        town.exchange.update_call(SID, sid, {"Status": ["completed"]}, town.now)

    assert refused.value.code == 21220


def test_calls_over_the_rate_wait_in_the_queue() -> None:
    town = Town(starts_per_s=2)

    sids = [town.call(f"+86199000010{n:02}") for n in range(5)]
    town.run()

    starts = town.exchange.record.starts[SID]
    assert [(at - START).total_seconds() for at in starts] == [0, 0, 1, 1, 2]
    assert town[sids[4]].queued_for == timedelta(seconds=2)


def test_calls_over_the_lines_wait_until_one_ends() -> None:
    town = Town(person(ANNA, Habit.NEVER), lines=1)

    town.call(ANNA, Timeout="20")
    second = town.call(BORIS)
    town.run()

    assert town[second].queued_for == timedelta(seconds=20.2)
    assert town.exchange.record.max_lines_used[SID] == 1


def test_an_account_may_be_told_at_once_that_its_lines_are_full() -> None:
    town = Town(lines=1, refuses_when_full=True)
    town.call(ANNA)

    with pytest.raises(RefusedError) as refused:
        town.call(BORIS)

    assert (refused.value.code, refused.value.status) == (10004, 429)


def test_a_second_call_to_a_phone_in_use_is_busy_and_counts_as_a_double_ring() -> None:
    town = Town(person(ANNA, Habit.NEVER))

    town.call()
    town.run(2)
    second = town.call()
    town.run(2)

    assert town.status(second) == "busy"
    assert town.exchange.record.max_live_calls_per_number == 2


def test_the_record_names_the_calls_of_a_status_callback() -> None:
    town = Town()

    sid = town.call(StatusCallback="http://desk.test/attempt/7")

    assert town.exchange.record.calls_by_status_callback == {"http://desk.test/attempt/7": [sid]}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"To": ""}, 21201, id="no To"),
        pytest.param({"To": "12379"}, 21211, id="To not E.164"),
        pytest.param({"From": ""}, 21213, id="no From"),
        pytest.param({"From": "me"}, 21212, id="From not E.164"),
        pytest.param({"Url": ""}, 21205, id="nothing to say"),
        pytest.param({"Url": "ftp://x"}, 21205, id="not a web address"),
        pytest.param({"Twiml": "x" * 4001}, 20001, id="script too long"),
        pytest.param({"Timeout": "601"}, 20001, id="rings too long"),
    ],
)
def test_a_bad_request_is_refused_with_the_carriers_code(fields: dict[str, str], code: int) -> None:
    form = {**call_form(), **{name: [value] for name, value in fields.items()}}

    with pytest.raises(RefusedError) as refused:
        Town().exchange.create_call(SID, form, START)

    assert refused.value.code == code


def test_a_call_of_another_account_is_not_found() -> None:
    town = Town()
    sid = town.call()

    with pytest.raises(RefusedError) as refused:
        town.exchange.call("AC" + "f" * 32, sid, town.now)

    assert refused.value.status == 404
