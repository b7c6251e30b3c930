"""What the carrier says, in any order, twice, or never."""

import itertools
from typing import Any

import pytest

from schemas.dispatch import Fact
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.commands import AskStatus, EndCall, PlaceCall, Reconcile
from services.dispatcher.domain.inputs import (
    AttemptSeen,
    CalledBack,
    CallHeard,
    Heard,
    Input,
    NotFound,
    RequestAnswered,
    RequestLost,
    RequestRefused,
    SmsAnswer,
    SmsReceived,
    WokenUp,
)
from services.district.domain.policy import CalleeLimits
from tests.districts import pack, policies, post
from tests.unit.dispatcher.night import Night


def one_post(**limits: Any) -> Night:
    return Night(
        pack(
            post("VS", Role.VILLAGE_SECRETARY, "holder", deputies=("deputy",)),
            policies_=policies(**limits),
        )
    )


def reconciled(night: Night) -> list[Reconcile]:
    return [c for _, c in night.commands if isinstance(c, Reconcile) and c.voice]


def test_invariant_04_store_then_act_an_intent_goes_before_its_request() -> None:
    """Whatever is asked of the carrier was written down first, in the same effects."""
    night = one_post()

    night.respond(Level.I)

    intended = {fact.values["attempt_id"] for fact in night.said(Fact.ATTEMPT_INTENDED)}
    assert {call.attempt_id for call in night.calls()} <= intended


def test_a_lost_answer_is_reconciled_before_anybody_is_rung_again() -> None:
    night = one_post()
    night.respond(Level.I)
    call = night.calls("holder")[0]

    night.tell(RequestLost(call.attempt_id))
    night.wait(seconds=60)

    assert len(night.calls("holder")) == 1
    assert [question.final for question in reconciled(night)[:4]] == [False, False, False, True]


def test_a_call_the_carrier_never_had_is_given_back_and_made() -> None:
    night = one_post()
    night.respond(Level.I)
    call = night.calls("holder")[0]
    night.tell(RequestLost(call.attempt_id))
    night.wait(seconds=16)

    night.tell(NotFound(call.attempt_id))
    night.wait(seconds=60)

    assert len(night.calls("holder")) == 2
    assert night.chain("VS").rungs[0].calls == 1


def test_a_lost_answer_whose_call_is_found_goes_on_as_that_call() -> None:
    night = one_post()
    night.respond(Level.I)
    call = night.calls("holder")[0]
    night.tell(RequestLost(call.attempt_id))

    night.tell(AttemptSeen(call.attempt_id, "CA1", Progress.RINGING))
    night.tell(NotFound(call.attempt_id))
    night.presses(call, Heard.CONFIRM, Heard.CODE_RIGHT)

    assert not night.chain("VS").is_open


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_call_backs_in_any_order_come_to_the_same_end(order: tuple[int, ...]) -> None:
    night = one_post()
    night.respond(Level.I)
    attempt_id = night.calls("holder")[0].attempt_id
    news: list[Input] = [
        RequestAnswered(attempt_id, "CA1"),
        AttemptSeen(attempt_id, "CA1", Progress.RINGING),
        AttemptSeen(attempt_id, "CA1", Progress.ANSWERED),
        AttemptSeen(attempt_id, "CA1", Progress.ENDED, Outcome.COMPLETED),
    ]

    for index in order:
        night.tell(news[index])
        night.tell(news[index])

    attempt = night.desk.attempts[attempt_id]
    assert (attempt.progress, attempt.outcome) == (Progress.ENDED, Outcome.COMPLETED)
    assert night.chain("VS").rungs[0].due_at is not None
    assert (
        len([f for f in night.said(Fact.ATTEMPT_ENDED) if f.values["attempt_id"] == attempt_id])
        == 1
    )


def test_a_refusal_that_may_be_tried_again_gives_the_try_back() -> None:
    night = one_post()
    night.respond(Level.I)

    night.tell(RequestRefused(night.calls("holder")[0].attempt_id, "20429", retry=True))
    night.wait(seconds=61)

    assert len(night.calls("holder")) == 2
    assert night.chain("VS").rungs[0].calls == 1


def test_an_sms_the_carrier_did_not_take_is_sent_again_after_a_pause() -> None:
    night = one_post()
    night.respond(Level.III)
    [sms] = [a for a in night.desk.attempts.values() if a.channel.value == "sms"]

    night.tell(RequestRefused(sms.attempt_id, "20429", retry=True))
    assert len(night.messages("holder")) == 1
    night.wait(seconds=5)

    assert len(night.messages("holder")) == 2


def test_a_number_that_cannot_be_called_is_given_up_for_the_deputy() -> None:
    night = one_post()
    night.respond(Level.II)

    night.tell(RequestRefused(night.calls("holder")[0].attempt_id, "21211", retry=False))

    assert night.called_at("deputy") == [0.0]


def test_a_last_word_that_never_comes_is_asked_for() -> None:
    night = one_post()
    night.respond(Level.I)
    call = night.rings("holder")

    night.wait(minutes=4)

    asked = [c for _, c in night.commands if isinstance(c, AskStatus)]
    assert call.attempt_id in {question.attempt_id for question in asked}


def test_a_withdrawn_call_whose_id_comes_late_is_ended_when_it_comes() -> None:
    night = one_post()
    night.respond(Level.III)
    first = night.calls("holder")[0]

    night.respond(None, previous=Level.III)
    night.tell(RequestAnswered(first.attempt_id, "CA1"))

    assert [c for _, c in night.commands if isinstance(c, EndCall)] == [
        EndCall(first.attempt_id, "CA1", answered=False)
    ]


def test_after_a_restart_an_intent_is_unknown_and_a_live_call_is_asked_for() -> None:
    night = one_post()
    night.respond(Level.I)
    intended = night.calls("holder")[0]
    calls = len(night.calls())

    night.tell(WokenUp(restarted=True))
    night.wait(seconds=2)

    assert night.desk.attempts[intended.attempt_id].progress is Progress.UNKNOWN
    assert len(night.calls()) == calls
    assert reconciled(night)[0].attempt_id == intended.attempt_id


def test_a_reply_of_1_is_enough_at_iii_and_not_at_ii() -> None:
    for level, is_open in ((Level.III, False), (Level.II, True)):
        night = one_post()
        night.respond(level)

        night.tell(SmsReceived("c-holder", SmsAnswer.CONFIRM, "SM1"))

        assert night.chain("VS").is_open is is_open


def test_the_code_sent_by_sms_and_typed_back_confirms_at_ii_and_stops_the_call() -> None:
    night = one_post()
    night.respond(Level.II)
    ringing = night.rings("holder")
    sms = next(a for a in night.desk.attempts.values() if a.channel.value == "sms")

    night.tell(SmsReceived("c-holder", SmsAnswer.CODE_RIGHT, "SM1", sms.attempt_id))

    assert not night.chain("VS").is_open
    assert night.withdrawn() == [ringing.attempt_id]


def test_the_same_sms_told_twice_is_one_fact() -> None:
    night = one_post()
    night.respond(Level.III)

    for _ in range(2):
        night.tell(SmsReceived("c-holder", SmsAnswer.CONFIRM, "SM1"))

    assert len(night.said(Fact.SMS_RECEIVED)) == 1


def test_nobody_is_rung_more_often_than_the_carrier_allows_for_one_number() -> None:
    callee = CalleeLimits(per_minute=1, per_hour=2, per_day=20)
    night = one_post(callee=callee)
    night.respond(Level.I)
    night.ends(night.rings("holder"), Outcome.NO_ANSWER)
    night.wait(seconds=61)
    night.ends(night.rings("holder"), Outcome.NO_ANSWER)
    night.wait(minutes=30)
    assert len(night.calls("holder")) == 2

    night.wait(minutes=31)

    assert night.called_at("holder")[2:] == [3600.0]


def test_who_rings_back_hears_what_is_pending_and_needs_the_code() -> None:
    night = one_post()
    night.respond(Level.III)
    night.ends(night.rings("holder"), Outcome.NO_ANSWER)

    script = night.tell(CalledBack("c-holder", "CA9", "in1"))
    assert script is not None
    assert "石坪镇" in script.words[0]
    script = night.tell(CallHeard("in1", script.step, Heard.CONFIRM))
    assert night.chain("VS").is_open
    assert script is not None
    night.tell(CallHeard("in1", script.step, Heard.CODE_RIGHT))

    assert not night.chain("VS").is_open


def test_a_ring_back_that_is_over_does_not_keep_his_number_occupied() -> None:
    """No call-back tells of the end of a call that came in, so the carrier is asked."""
    night = one_post()
    night.respond(Level.III)
    night.ends(night.rings("holder"), Outcome.NO_ANSWER)
    night.tell(CalledBack("c-holder", "CA9", "in1"))

    night.wait(seconds=30)
    assert AskStatus("in1", "CA9", voice=True) in [command for _, command in night.commands]
    night.tell(AttemptSeen("in1", "CA9", Progress.ENDED, Outcome.COMPLETED))
    night.wait(minutes=3)

    assert len(night.calls("holder")) == 2


def test_a_call_whose_end_was_not_told_is_asked_for_soon_after_its_ring_time_out() -> None:
    """While it counts as live nobody else is rung for that ask, however long it has been over."""
    night = one_post()
    night.respond(Level.III)
    call = night.rings("holder")
    asked = AskStatus(call.attempt_id, f"CA{call.attempt_id}", voice=True)

    night.wait(seconds=call.ring_timeout.total_seconds() + 4)
    assert asked not in [command for _, command in night.commands]
    night.wait(seconds=1)

    assert [command for _, command in night.commands].count(asked) == 1


def test_an_answered_call_is_asked_for_a_minute_after_its_last_key() -> None:
    night = one_post()
    night.respond(Level.I)
    call = night.rings("holder")
    night.wait(seconds=10)
    night.presses(call)
    night.wait(seconds=50)
    night.presses(call, Heard.REPEAT)
    asked = AskStatus(call.attempt_id, f"CA{call.attempt_id}", voice=True)

    night.wait(seconds=59)
    assert asked not in [command for _, command in night.commands]
    night.wait(seconds=1)

    assert asked in [command for _, command in night.commands]


def test_a_call_that_was_taken_is_left_alone_while_the_carrier_says_so() -> None:
    night = one_post()
    night.respond(Level.I)
    call = night.rings("holder")
    night.wait(seconds=25)
    told = AttemptSeen(call.attempt_id, f"CA{call.attempt_id}", Progress.ANSWERED)
    night.tell(told)

    night.wait(seconds=59)
    assert not [command for _, command in night.commands if isinstance(command, AskStatus)]
    for _ in range(20):
        night.wait(seconds=15)
        night.tell(told)

    assert night.desk.attempts[call.attempt_id].is_live


def test_invariant_08_the_budget_is_never_exceeded_and_never_wasted() -> None:
    """Three starts a second: never more in any second, and the last one leaves on time."""
    posts = [post(f"VS{n:02d}", Role.VILLAGE_SECRETARY, f"p{n:02d}") for n in range(30)]
    night = Night(pack(*posts, policies_=policies(starts_per_s=3)))

    night.respond(Level.I)
    night.wait(seconds=20)

    at = sorted(t for t, c in night.commands if isinstance(c, PlaceCall))[:30]
    spans = [(later - sooner).total_seconds() for sooner, later in zip(at, at[3:], strict=False)]
    assert min(spans) >= 1
    assert (at[29] - at[0]).total_seconds() <= 9 * 1.01


def test_no_more_lines_are_used_than_there_are() -> None:
    posts = [post(f"VS{n:02d}", Role.VILLAGE_SECRETARY, f"p{n:02d}") for n in range(10)]
    night = Night(pack(*posts, policies_=policies(lines=4)))

    night.respond(Level.I)
    night.wait(seconds=10)
    assert len(night.calls()) == 4
    night.ends(night.rings(night.calls()[0].contact[2:]), Outcome.NO_ANSWER)

    assert len(night.calls()) == 5


def test_the_highest_level_goes_first_and_first_calls_before_repeats() -> None:
    posts = [post(f"VS{n}", Role.VILLAGE_SECRETARY, f"p{n}") for n in range(3)]
    neighbour = post("far", Role.VILLAGE_SECRETARY, "p9", place="500199002000")
    night = Night(pack(*posts, neighbour, policies_=policies(starts_per_s=1)))

    night.respond(Level.III)
    night.respond(Level.I, place="500199002000")

    night.wait(seconds=1.1)
    assert night.calls()[1].contact == "c-p9"
