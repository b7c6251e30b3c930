"""The audit: what should have happened and has not is found, mended and told."""

from datetime import timedelta

from schemas.dispatch import Fact
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.calls.call_state import Progress
from services.dispatcher.domain.inputs import AttemptSeen, Audited, RequestAnswered, WokenUp
from tests.districts import pack, policies, post
from tests.unit.dispatcher.night import Night


def small(lines: int = 100) -> Night:
    matrix = policies(lines=lines)
    return Night(
        pack(
            post("VS", Role.VILLAGE_SECRETARY, "ann", deputies=("bob",)),
            post("TP", Role.TOWN_PRINCIPAL, "tom"),
            post("AL", Role.AREA_LEAD, "al"),
            post("DO", Role.DUTY_OFFICER, "officer"),
            policies_=matrix,
        )
    )


def lose_every_timer(night: Night) -> None:
    """What the audit exists for: the desk's timers are gone, and nobody noticed."""
    list(night.desk.due_timers(night.now + timedelta(days=30)))


def test_a_night_in_order_is_found_in_order() -> None:
    night = small()
    night.respond(Level.I)
    for _ in range(60):
        night.wait(seconds=30)
        night.tell(Audited())

    assert night.said(Fact.CHAIN_NEGLECTED) == []
    assert night.said(Fact.CARRIER_SILENT) == []


def test_a_chain_whose_timer_was_lost_is_found_and_goes_on() -> None:
    night = small()
    night.respond(Level.I)
    night.tell(WokenUp())
    lose_every_timer(night)
    night.now += timedelta(minutes=7)

    night.tell(Audited())
    found = night.said(Fact.CHAIN_NEGLECTED)
    night.tell(WokenUp())

    assert {fact.detail["reason"] for fact in found} == {"forgotten"}
    assert night.chain("VS").listed_at is not None
    assert any("停滞" in text for text in night.messages("officer"))


def test_a_call_that_no_line_is_left_for_is_found_starved() -> None:
    night = small(lines=1)
    night.respond(Level.I)
    first = night.calls()[0]
    night.tell(RequestAnswered(first.attempt_id, f"CA{first.attempt_id}"))
    night.now += timedelta(seconds=100)

    night.tell(Audited())

    reasons = {fact.detail["reason"] for fact in night.said(Fact.CHAIN_NEGLECTED)}
    assert reasons == {"starved"}
    night.wait(seconds=1)
    assert any("线路不足" in text for text in night.messages("officer"))


def test_the_same_trouble_is_told_once_in_five_minutes() -> None:
    night = small(lines=1)
    night.respond(Level.I)
    night.now += timedelta(seconds=100)
    for _ in range(4):
        night.tell(Audited())
        night.now += timedelta(seconds=30)
    night.wait(seconds=1)

    assert len([text for text in night.messages("officer") if "线路不足" in text]) == 1


def test_calls_that_are_taken_and_never_called_back_are_told() -> None:
    night = small()
    night.respond(Level.I)
    for call in night.calls():
        night.tell(RequestAnswered(call.attempt_id, f"CA{call.attempt_id}"))
    one = night.calls()[0]
    night.tell(AttemptSeen(one.attempt_id, f"CA{one.attempt_id}", Progress.RINGING, sequence=1))
    night.now += timedelta(seconds=95)

    night.tell(Audited())

    assert len(night.said(Fact.CARRIER_SILENT)) == 1


def test_where_nothing_is_ever_called_back_silence_is_no_news() -> None:
    """A system without a public address asks for statuses: nobody promised to call back."""
    night = small()
    night.respond(Level.I)
    for call in night.calls():
        night.tell(RequestAnswered(call.attempt_id, f"CA{call.attempt_id}"))
    night.now += timedelta(seconds=95)

    night.tell(Audited())

    assert night.said(Fact.CARRIER_SILENT) == []
