"""How a chain climbs, and how it ends."""

from datetime import timedelta

from schemas.dispatch import Fact
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.asks.chain import ChainState, Strength
from services.dispatcher.domain.calls.attempt import Channel
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.inputs import AttemptSeen, Heard
from services.dispatcher.domain.script import Await
from tests.districts import pack, person, policies, post, with_level
from tests.unit.dispatcher.night import Night


def three_deep() -> Night:
    return Night(
        pack(
            post("VS", Role.VILLAGE_SECRETARY, "holder", deputies=("deputy",), superior="TP"),
            post("TP", Role.GRID_WORKER, "superior"),
        )
    )


def test_level_i_reaches_holder_then_deputy_then_superior_from_the_first_ring() -> None:
    night = three_deep()

    night.respond(Level.I)
    night.ends(night.rings("holder"), Outcome.NO_ANSWER)
    night.wait(seconds=59)
    assert night.called_at("holder") == [0.0]
    night.wait(seconds=1)
    assert len(night.called_at("holder")) == 2
    night.ends(night.rings("holder"), Outcome.NO_ANSWER)
    night.wait(seconds=59)
    assert night.calls("deputy") == []
    night.wait(seconds=1)
    assert night.called_at("deputy") == [120.0]
    night.rings("deputy")
    night.wait(seconds=60)

    assert night.called_at("superior") == [180.0]


def test_a_pause_runs_from_the_end_of_the_call_before() -> None:
    night = three_deep()

    night.respond(Level.I)
    call = night.rings("holder")
    night.wait(seconds=25)
    night.ends(call, Outcome.NO_ANSWER)
    night.wait(seconds=120)

    assert night.called_at("holder") == [0.0, 85.0]


def test_a_confirmation_with_the_code_stops_everything_that_rings_for_the_ask() -> None:
    night = three_deep()
    night.respond(Level.I)
    first = night.rings("holder")
    night.wait(seconds=121)
    deputys = night.rings("deputy")

    asked = night.presses(deputys, Heard.CONFIRM)
    assert asked.awaits is Await.CODE
    night.presses(deputys, Heard.CONFIRM, Heard.CODE_RIGHT)
    night.wait(minutes=30)

    chain = night.chain("VS")
    assert (chain.state, chain.acknowledged_by) == (ChainState.ACKNOWLEDGED, "deputy")
    assert chain.strength is Strength.CODED
    assert night.withdrawn() == [first.attempt_id]
    assert night.calls("superior") == []


def test_a_key_alone_is_not_enough_at_level_ii() -> None:
    night = three_deep()
    night.respond(Level.II)
    call = night.rings("holder")

    night.presses(call, Heard.CONFIRM)
    night.ends(call, Outcome.COMPLETED)

    assert night.chain("VS").is_open


def test_a_key_is_enough_at_level_iii() -> None:
    night = three_deep()
    night.respond(Level.III)

    script = night.presses(night.rings("holder"), Heard.CONFIRM)

    assert script.is_last
    assert night.chain("VS").strength is Strength.KEYED


def test_invariant_07_an_acknowledgement_is_a_humans_voicemail_is_not() -> None:
    """A voicemail box answers, says nothing that counts, and hangs up: nobody was woken."""
    night = three_deep()
    night.respond(Level.III)

    call = night.rings("holder")
    night.presses(call, Heard.NOTHING, Heard.NOTHING, Heard.NOTHING)
    night.ends(call, Outcome.COMPLETED)

    assert night.chain("VS").is_open
    assert night.said(Fact.ACKNOWLEDGED) == []


def test_key_2_passes_the_ask_to_the_deputy_at_once() -> None:
    night = three_deep()
    night.respond(Level.II)

    call = night.rings("holder")
    night.presses(call, Heard.DEPUTY)
    night.ends(call, Outcome.COMPLETED)

    assert night.called_at("deputy") == [0.0]
    night.wait(minutes=10)
    assert len(night.calls("holder")) == 1


def test_wrong_codes_end_the_call_without_a_confirmation() -> None:
    night = three_deep()
    night.respond(Level.I)

    script = night.presses(night.rings("holder"), Heard.CONFIRM, *[Heard.CODE_WRONG] * 3)

    assert script.is_last
    assert night.chain("VS").is_open


def test_the_same_key_told_twice_is_one_fact() -> None:
    night = three_deep()
    night.respond(Level.III)
    call = night.rings("holder")

    first = night.presses(call, Heard.CONFIRM)
    pressed = len(night.said(Fact.KEY_PRESSED))
    again = night.presses(call)

    assert again == first
    assert len(night.said(Fact.KEY_PRESSED)) == pressed
    assert len(night.said(Fact.ACKNOWLEDGED)) == 1


def test_invariant_05_every_chain_ends_exhausted_with_the_duty_officer_told() -> None:
    """Nobody answers anywhere: the chain still ends, on the list of those not woken."""
    night = three_deep()
    night.respond(Level.I)

    for _ in range(40):
        for who in ("holder", "deputy", "superior"):
            live = [c for c in night.calls(who) if night.desk.attempts[c.attempt_id].is_live]
            for call in live:
                night.ends(call, Outcome.NO_ANSWER)
        night.wait(seconds=30)

    assert night.chain("VS").state is ChainState.EXHAUSTED
    assert [len(night.calls(who)) for who in ("holder", "deputy", "superior")] == [3, 3, 3]
    assert len(night.said(Fact.NOT_WOKEN_LISTED)) == 1
    assert night.desk.next_wake() is None


def test_those_not_woken_are_told_to_the_duty_officer_in_one_message() -> None:
    night = Night(
        pack(
            post("DO", Role.DUTY_OFFICER, "officer", place="500199000000"),
            post("VS1", Role.VILLAGE_SECRETARY, "one"),
            post("VS2", Role.VILLAGE_SECRETARY, "two"),
        )
    )
    night.respond(Level.I)
    night.presses(night.rings("officer"), Heard.CONFIRM, Heard.CODE_RIGHT)

    night.wait(minutes=5, seconds=1)

    assert night.messages("officer")[-1] == "未叫醒2人：VS1、VS2"


def test_a_post_without_holder_escalates_at_once_and_is_a_fault() -> None:
    night = Night(
        pack(
            post("VS", Role.VILLAGE_SECRETARY, None, deputies=("deputy",)),
        )
    )

    night.respond(Level.II)

    assert night.called_at("deputy") == [0.0]
    assert [fact.detail["reason"] for fact in night.said(Fact.ROSTER_FAULT)] == ["no_holder"]


def test_a_holder_without_a_number_is_passed_over_at_once() -> None:
    night = Night(
        pack(
            post("VS", Role.VILLAGE_SECRETARY, "mute", deputies=("deputy",)),
            people=(person("mute", voice=False, sms=False),),
        )
    )

    night.respond(Level.II)

    assert night.called_at("deputy") == [0.0]
    assert [fact.detail["reason"] for fact in night.said(Fact.ROSTER_FAULT)] == ["no_contact"]


def test_a_post_that_nobody_can_be_reached_for_is_listed_at_once() -> None:
    night = Night(pack(post("VS", Role.VILLAGE_SECRETARY, None)))

    night.respond(Level.II)

    assert night.chain("VS").state is ChainState.EXHAUSTED
    assert len(night.said(Fact.NOT_WOKEN_LISTED)) == 1


def test_level_iv_writes_to_all_and_rings_only_the_town_duty_once() -> None:
    night = Night(
        pack(
            post("DO", Role.DUTY_OFFICER, "officer", place="500199000000"),
            post("TD", Role.TOWN_DUTY, "town"),
        )
    )

    night.respond(Level.IV)
    night.ends(night.rings("town"), Outcome.NO_ANSWER)
    night.wait(minutes=61)

    assert [len(night.calls(who)) for who in ("officer", "town")] == [0, 1]
    asked_and_reminded = 2
    assert len(night.messages("town")) == asked_and_reminded
    assert len(night.messages("officer")) == asked_and_reminded + 1  # and the list
    assert {night.chain(post).state for post in ("DO", "TD")} == {ChainState.EXHAUSTED}


def test_invariant_06_nobody_is_rung_again_for_an_ask_that_was_answered() -> None:
    """Once a post has answered, neither the holder nor a deputy hears of this ask again."""
    night = three_deep()
    night.respond(Level.I)
    call = night.rings("holder")
    night.presses(call, Heard.CONFIRM, Heard.CODE_RIGHT)
    before = len(night.calls())

    night.ends(call, Outcome.COMPLETED)
    night.wait(hours=2)

    assert len(night.calls()) == before


def test_a_machine_that_took_the_call_brings_the_deputy_without_waiting() -> None:
    """The hint confirms nothing and refuses nothing; it only spares the wait for somebody awake."""
    night = three_deep()
    night.respond(Level.I)
    call = night.rings("holder")
    provider = f"CA{call.attempt_id}"

    night.tell(AttemptSeen(call.attempt_id, provider, Progress.ANSWERED, answered_by_machine=True))
    night.ends(call, Outcome.COMPLETED)
    night.wait(seconds=1)

    assert len(night.calls("deputy")) == 1
    assert night.chain("VS").is_open
    night.wait(seconds=60)
    assert len(night.calls("holder")) == 2


def test_a_human_whom_the_hint_calls_a_machine_still_confirms() -> None:
    night = three_deep()
    night.respond(Level.I)
    call = night.rings("holder")
    provider = f"CA{call.attempt_id}"
    night.tell(AttemptSeen(call.attempt_id, provider, Progress.ANSWERED, answered_by_machine=True))

    night.presses(call, Heard.CONFIRM, Heard.CODE_RIGHT)

    assert night.chain("VS").state is ChainState.ACKNOWLEDGED


def test_an_sms_that_has_not_left_is_withdrawn_when_the_chain_is_spent() -> None:
    """Whoever opens it later would be asked for something that nobody waits for any more."""
    matrix = with_level(policies(), Level.I, attempts=1, deputy_at=timedelta(minutes=4, seconds=59))
    night = Night(
        pack(post("VS", Role.VILLAGE_SECRETARY, "holder", deputies=("deputy",)), policies_=matrix)
    )
    night.respond(Level.I)
    holders = night.rings("holder")
    night.wait(minutes=5)
    deputys = night.rings("deputy")
    (text,) = [
        one
        for one in night.desk.live_attempts_of("deputy")
        if one.channel is Channel.SMS and one.progress is Progress.INTENDED
    ]

    night.ends(holders, Outcome.NO_ANSWER)
    night.ends(deputys, Outcome.NO_ANSWER)
    night.wait(seconds=1)

    assert night.chain("VS").state is ChainState.EXHAUSTED
    assert night.desk.attempts[text.attempt_id].withdrawn
