"""Several accounts at carriers: which one a call goes to, and what happens when one is down."""

from datetime import timedelta

from schemas.dispatch import Fact
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.calls.attempt import Channel
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.calls.remedy import Remedies, Remedy
from services.dispatcher.domain.commands import AskStatus, EndCall, PlaceCall, Reconcile
from services.dispatcher.domain.inputs import (
    AttemptSeen,
    CalledBack,
    RequestAnswered,
    RequestLost,
    RequestRefused,
    SmsAnswer,
    SmsReceived,
    WokenUp,
)
from services.district.domain.policy import CalleeLimits, CarrierAccount, CarrierBudget
from tests.districts import pack, policies, post
from tests.unit.dispatcher.night import Night

STOPPED = (Remedy.STOP_PROVIDER, Remedy.OTHER_PROVIDER, Remedy.WARN_ADMIN)
UNREACHABLE = (Remedy.RETRY_LATER, Remedy.OTHER_PROVIDER, Remedy.WARN_ADMIN)
NO_ROUTE = (Remedy.OTHER_PROVIDER, Remedy.WARN_ADMIN)
TOO_MUCH = (Remedy.RETRY_LATER, Remedy.LOWER_STARTS)

FIRST = CarrierAccount("first", starts_per_s=1, lines=2, sms_per_s=10)
SPARE = CarrierAccount("spare", starts_per_s=2, lines=50, sms_per_s=10)


def a_night(*accounts: CarrierAccount, people: int = 8) -> Night:
    posts = [post(f"VS{n}", Role.VILLAGE_SECRETARY, f"p{n}") for n in range(people)]
    budget = CarrierBudget(accounts, callee=CalleeLimits(60, 100, 100))
    return Night(pack(*posts, policies_=policies(budget=budget)))


def by_account(night: Night) -> list[str]:
    return [call.account for call in night.calls()]


def refuse(night: Night, call: PlaceCall, remedies: Remedies) -> None:
    retry = Remedy.RETRY_LATER in remedies
    night.tell(RequestRefused(call.attempt_id, "code", retry, remedies))


def accept(night: Night) -> None:
    for call in night.calls():
        if night.desk.attempts[call.attempt_id].progress is Progress.INTENDED:
            night.tell(RequestAnswered(call.attempt_id, f"CA{call.attempt_id}"))


def test_each_start_takes_the_first_account_that_permits_it() -> None:
    night = a_night(FIRST, SPARE)

    night.respond(Level.II)
    assert by_account(night) == ["first", "spare", "spare"]

    accept(night)
    night.wait(seconds=1.1)
    assert by_account(night)[3:] == ["first", "spare", "spare"]

    # Its two lines are busy, so that all the rest goes to the other.
    accept(night)
    night.wait(seconds=1.1)
    assert by_account(night)[6:] == ["spare", "spare"]


def test_an_account_that_stops_hands_its_work_to_the_others_at_once() -> None:
    night = a_night(FIRST, SPARE, people=1)
    night.respond(Level.II)

    refuse(night, night.calls()[0], STOPPED)

    assert by_account(night) == ["first", "spare"]
    assert night.calls()[1].contact == night.calls()[0].contact
    [down] = night.said(Fact.ACCOUNT_DOWN)
    assert down.detail["account"] == "first"
    assert night.chain("VS0").rungs[0].calls == 1, "what the account refused was no try of his"


def test_an_account_that_is_down_is_tried_again_by_one_call_and_longer_each_time() -> None:
    night = a_night(FIRST, SPARE, people=8)
    night.respond(Level.II)
    refuse(night, night.calls()[0], STOPPED)
    night.wait(seconds=4.9)
    assert "first" not in by_account(night)[1:]

    again = a_night(FIRST, people=3)
    again.respond(Level.II)
    refuse(again, again.calls()[0], STOPPED)
    again.wait(seconds=15)
    assert len(again.calls()) == 2, "one call finds out, and the others wait for what it says"

    refuse(again, again.calls()[1], STOPPED)
    downs = again.said(Fact.ACCOUNT_DOWN)
    assert [down.detail["outages"] for down in downs] == [1, 2]
    again.wait(seconds=9)
    assert len(again.calls()) == 2
    again.wait(seconds=2)
    assert len(again.calls()) == 3

    again.rings(again.calls()[2].contact.removeprefix("c-"))
    again.wait(seconds=5)
    assert len(again.said(Fact.ACCOUNT_UP)) == 1
    assert len(again.calls()) == 4


def test_a_call_whose_fate_is_unknown_does_not_keep_an_account_from_being_tried() -> None:
    night = a_night(FIRST, people=3)
    night.respond(Level.II)
    refuse(night, night.calls()[0], STOPPED)
    night.wait(seconds=6)

    night.tell(RequestLost(night.calls()[1].attempt_id))
    night.wait(seconds=1.1)

    assert len(night.calls()) == 3


def test_refused_connections_count_as_an_outage_when_they_come_in_a_row() -> None:
    night = a_night(FIRST, SPARE, people=12)
    night.respond(Level.II)
    for _ in range(3):
        assert night.said(Fact.ACCOUNT_DOWN) == []
        refuse(night, [call for call in night.calls() if call.account == "first"][-1], UNREACHABLE)
        night.wait(seconds=1.1)

    assert [fact.detail["account"] for fact in night.said(Fact.ACCOUNT_DOWN)] == ["first"]


def test_a_number_that_one_account_cannot_reach_is_rung_by_another() -> None:
    night = a_night(FIRST, SPARE, people=1)
    night.respond(Level.II)

    refuse(night, night.calls()[0], NO_ROUTE)
    assert by_account(night) == ["first", "spare"]
    assert night.said(Fact.ACCOUNT_DOWN) == []

    refuse(night, night.calls()[1], NO_ROUTE)
    assert len(night.calls()) == 2, "there is no third; it was a try"
    assert night.chain("VS0").rungs[0].calls == 1


def test_too_many_calls_at_once_is_a_pause_of_the_account_and_nobodys_try() -> None:
    night = a_night(FIRST, people=1)
    night.respond(Level.II)

    refuse(night, night.calls()[0], TOO_MUCH)
    night.wait(seconds=4)
    assert len(night.calls()) == 1

    night.wait(seconds=2)
    assert len(night.calls()) == 2
    assert night.chain("VS0").rungs[0].calls == 1


def test_what_was_asked_of_an_account_is_ended_and_looked_for_there() -> None:
    night = a_night(SPARE, FIRST, people=4)
    night.respond(Level.II)
    assert by_account(night) == ["spare", "spare", "first"]
    lost, ringing = night.calls()[2], night.calls()[0]

    night.tell(RequestLost(lost.attempt_id))
    night.tell(RequestAnswered(ringing.attempt_id, "CA-ringing"))
    night.tell(AttemptSeen(ringing.attempt_id, "CA-ringing", Progress.RINGING))
    texted = next(
        one
        for one in night.desk.attempts.values()
        if one.channel is Channel.SMS and one.contact == ringing.contact
    )
    night.tell(SmsReceived(ringing.contact, SmsAnswer.CODE_RIGHT, "SM1", texted.attempt_id))
    night.wait(seconds=10)

    commands = [command for _, command in night.commands]
    assert {c.account for c in commands if isinstance(c, Reconcile)} == {"first"}
    assert [c.account for c in commands if isinstance(c, EndCall)] == ["spare"]


def test_a_call_that_came_in_is_asked_for_at_the_account_it_came_to() -> None:
    night = a_night(SPARE, FIRST, people=1)
    night.respond(Level.II)
    night.ends(night.rings("p0"), Outcome.NO_ANSWER)

    night.tell(CalledBack("c-p0", "CA-in", "in_1", "first"))
    night.wait(seconds=16)

    asked = [c for _, c in night.commands if isinstance(c, AskStatus)]
    assert [(c.provider_id, c.account) for c in asked] == [("CA-in", "first")]


def test_a_word_to_somebody_is_not_lost_with_the_account_it_was_sent_through() -> None:
    night = a_night(FIRST, SPARE, people=1)
    night.respond(Level.II)
    night.respond(None, previous=Level.II)
    release = [one for one in night.desk.attempts.values() if not one.chains][-1]

    night.tell(RequestRefused(release.attempt_id, "code", False, STOPPED))

    assert night.messages("p0").count(release.text) == 2
    assert [one.account for one in night.desk.attempts.values() if one.text == release.text] == [
        "first",
        "spare",
    ]


def test_what_an_account_refused_before_it_went_down_does_not_keep_it_down_longer() -> None:
    night = a_night(SPARE, people=2)
    night.respond(Level.II)
    first, second = night.calls()

    refuse(night, first, STOPPED)
    night.now += timedelta(seconds=1)
    refuse(night, second, STOPPED)

    assert len(night.said(Fact.ACCOUNT_DOWN)) == 1
    night.tell(WokenUp())
