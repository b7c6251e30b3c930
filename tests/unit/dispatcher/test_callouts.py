"""Which callout a decision opens, joins, supersedes or ends."""

from schemas.cap import Status
from schemas.dispatch import Fact
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.order import OrderState
from schemas.role import Role
from services.dispatcher.domain.asks.chain import ChainState
from services.dispatcher.domain.calls.attempt import Channel
from services.dispatcher.domain.calls.call_state import Outcome
from services.dispatcher.domain.inputs import DecisionRead, Heard
from tests.districts import POINT, pack, post
from tests.unit.dispatcher.night import MIDNIGHT, Night, response


def town() -> Night:
    return Night(
        pack(
            post("DO", Role.DUTY_OFFICER, "officer", place="500199000000"),
            post("VS", Role.VILLAGE_SECRETARY, "secretary"),
            post("PM", Role.POINT_MONITOR, "monitor", place=POINT),
            post("VS-far", Role.VILLAGE_SECRETARY, "stranger", place="500199002000"),
        )
    )


def test_only_the_posts_over_and_inside_the_place_are_called() -> None:
    night = town()

    night.respond(Level.III)

    assert {chain.post for chain in night.desk.chains.values()} == {"DO", "VS"}


def test_a_higher_level_opens_a_new_callout_and_supersedes_the_old_chains() -> None:
    night = town()
    night.respond(Level.III)
    first = night.chain("VS")

    night.respond(Level.II)

    assert night.desk.chains[first.chain_id].state is ChainState.SUPERSEDED
    assert night.chain("VS").level is Level.II
    opened = night.said(Fact.CALLOUT_OPENED)
    assert [fact.detail["level"] for fact in opened] == ["III", "II"]
    assert opened[1].detail["follows"] == first.callout_id


def test_a_call_that_rings_for_the_old_level_carries_the_new_ask() -> None:
    """He is told of level II by the phone that rings already, and nobody rings him twice."""
    night = town()
    night.respond(Level.III)
    ringing = night.rings("secretary")

    night.respond(Level.II)

    assert len(night.calls("secretary")) == 1
    assert ringing.attempt_id not in night.withdrawn()
    night.presses(ringing, Heard.CONFIRM, Heard.CODE_RIGHT)
    assert night.chain("VS").state is ChainState.ACKNOWLEDGED


def test_a_further_hazard_of_the_family_adds_its_posts_and_informs_the_rest() -> None:
    night = town()
    night.respond(Level.I)
    before = len(night.messages("secretary"))

    night.respond(Level.I, place=POINT, hazard=Hazard.LANDSLIDE)

    assert len(night.said(Fact.CALLOUT_OPENED)) == 1
    assert len(night.calls("monitor")) == 1
    assert len(night.messages("secretary")) == before + 1
    assert len(night.calls("secretary")) == 1


def test_the_same_level_again_calls_nobody() -> None:
    night = town()
    night.respond(Level.II)
    calls = len(night.calls())

    night.respond(Level.II, previous=Level.II)

    assert len(night.calls()) == calls
    assert len(night.said(Fact.CALLOUT_OPENED)) == 1


def test_a_higher_warning_at_the_same_level_is_one_information_sms() -> None:
    night = town()
    night.respond(Level.II, warning=Level.III)
    before = len(night.messages("secretary"))

    night.respond(Level.II, previous=Level.II, warning=Level.II)
    night.respond(Level.II, previous=Level.II, warning=Level.II)

    assert len(night.messages("secretary")) == before + 1


def test_a_lowered_response_ends_its_callout_and_says_so() -> None:
    night = town()
    night.respond(Level.II)
    ringing = night.rings("secretary")

    night.respond(Level.III, previous=Level.II)

    assert night.chain("VS").state is ChainState.CANCELLED
    assert ringing.attempt_id in night.withdrawn()
    assert "解除" in night.messages("secretary")[-1]


def test_a_response_that_rises_again_calls_again() -> None:
    night = town()
    night.respond(Level.II)
    night.respond(Level.III, previous=Level.II)

    night.respond(Level.II, previous=Level.III)

    assert [fact.detail["level"] for fact in night.said(Fact.CALLOUT_OPENED)] == ["II", "II"]


def test_ii_at_night_has_the_limits_of_i() -> None:
    night = town()

    night.respond(Level.II, night=True)

    assert night.chain("VS").limits.deputy_at is not None
    assert night.chain("VS").level is Level.II


def test_a_person_in_two_callouts_gets_one_call_and_both_record_it() -> None:
    """Fire and gale fall due together: one call says both, one answer confirms both."""
    night = town()
    night.respond(Level.III)
    ringing = night.rings("secretary")

    night.respond(Level.II, hazard=Hazard.GAS_LEAK)
    night.presses(ringing, Heard.CONFIRM, Heard.CODE_RIGHT)
    night.ends(ringing, Outcome.COMPLETED)
    night.wait(hours=1)

    assert len(night.calls("secretary")) == 1
    mine = [chain for chain in night.desk.chains.values() if chain.post == "VS"]
    assert [chain.state for chain in mine] == [ChainState.ACKNOWLEDGED] * 2
    assert len([f for f in night.said(Fact.ACKNOWLEDGED) if f.values["post"] == "VS"]) == 2


def test_an_order_in_force_opens_its_own_callout() -> None:
    night = town()

    night.order(OrderState.IN_FORCE)

    assert [chain.post for chain in night.desk.chains.values()] == ["VS"]
    assert [fact.detail["kind"] for fact in night.said(Fact.CALLOUT_OPENED)] == ["order"]


def test_a_lifted_order_stops_what_rings_for_it() -> None:
    night = town()
    night.order(OrderState.IN_FORCE)
    ringing = night.rings("secretary")

    night.order(OrderState.LIFTED)

    assert night.chain("VS").state is ChainState.CANCELLED
    assert ringing.attempt_id in night.withdrawn()


def test_an_acknowledged_order_is_reported_to_the_correlator() -> None:
    night = town()
    night.order(OrderState.IN_FORCE)
    call = night.rings("secretary")

    night.presses(call, Heard.CONFIRM, Heard.CODE_RIGHT)

    assert night.received == [(night.chain("VS").callout_id, "o1", "VS")]


def test_exercise_and_actual_never_share_a_callout() -> None:
    night = town()

    night.respond(Level.III, status=Status.EXERCISE)
    night.respond(Level.III)

    opened = night.said(Fact.CALLOUT_OPENED)
    assert [fact.status for fact in opened] == [Status.EXERCISE, Status.ACTUAL]
    assert night.messages("secretary")[0].startswith("【演练】")


def test_a_decision_read_twice_is_one_decision() -> None:
    night = town()
    night.respond(Level.III)
    calls = len(night.calls())

    night.tell(DecisionRead(response(Level.III, "d1", MIDNIGHT), 7))

    assert len(night.calls()) == calls
    assert len(night.said(Fact.DECISION_READ)) == 1


def test_an_exercise_and_the_real_thing_never_stand_in_one_call_or_sms() -> None:
    night = town()

    night.respond(Level.III)
    night.respond(Level.III, status=Status.EXERCISE)
    night.wait(minutes=20)

    told = night.messages("secretary")
    rung = [
        {night.desk.chains[key].status for key in attempt.chains}
        for attempt in night.desk.attempts.values()
        if attempt.channel is Channel.VOICE
    ]
    assert sorted(text.startswith("【演练】") for text in told) == [False, True]
    assert rung
    assert all(len(statuses) == 1 for statuses in rung)


def test_releases_of_an_exercise_and_of_the_real_thing_are_two_sms() -> None:
    night = town()
    night.respond(Level.III)
    night.respond(Level.III, status=Status.EXERCISE)
    night.wait(seconds=5)

    night.respond(None, previous=Level.III)
    night.respond(None, previous=Level.III, status=Status.EXERCISE)
    night.wait(minutes=1)

    released = [text for text in night.messages("secretary") if "解除" in text]
    assert sorted(text.count("【演练】") for text in released) == [0, 1]
    informs = [f for f in night.said(Fact.ATTEMPT_INTENDED) if f.detail.get("purpose") == "inform"]
    assert {fact.status for fact in informs} == {Status.ACTUAL, Status.EXERCISE}


def test_the_ledger_tells_in_how_many_parts_an_sms_went_out() -> None:
    night = town()

    night.respond(Level.III)
    night.wait(seconds=5)

    sent = [f for f in night.said(Fact.ATTEMPT_INTENDED) if f.detail["channel"] == "sms"]
    assert sent
    assert {fact.detail["segments"] for fact in sent} == {1}
