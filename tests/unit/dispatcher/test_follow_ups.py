"""The second call and the feedback of measures: new asks, each with a clock of its own."""

from datetime import timedelta

from schemas.dispatch import Fact
from schemas.level import Level
from schemas.order import OrderState
from schemas.role import Role
from services.dispatcher.domain.asks.chain import Ask, ChainState
from services.dispatcher.domain.calls.call_state import Outcome
from services.dispatcher.domain.inputs import Heard, SmsAnswer, SmsReceived
from services.district.domain.policy import FollowUp, Limits
from tests.districts import pack, policies, post, with_level
from tests.unit.dispatcher.night import Night

_ASKED = Limits(
    sms_within=timedelta(seconds=10),
    first_ring_within=timedelta(seconds=30),
    ack_limit=timedelta(minutes=5),
    attempts=1,
    repeat_gap=timedelta(minutes=1),
)


def followed_up() -> Night:
    matrix = with_level(
        policies(),
        Level.I,
        second_call=FollowUp(timedelta(minutes=30), _ASKED),
        measures=FollowUp(timedelta(minutes=15), _ASKED, every=timedelta(minutes=30)),
    )
    night = Night(
        pack(
            post("VS", Role.VILLAGE_SECRETARY, "ann", deputies=("bob",)),
            post("TP", Role.TOWN_PRINCIPAL, "tom"),
            post("DO", Role.DUTY_OFFICER, "officer"),
            policies_=matrix,
        )
    )
    night.respond(Level.I)
    return night


def test_half_an_hour_later_those_who_confirmed_are_called_again() -> None:
    night = followed_up()
    night.confirms("ann")

    night.wait(minutes=29, seconds=59)
    assert night.chains("VS", Ask.SECOND_CALL) == []
    night.wait(seconds=2)

    assert len(night.chains("VS", Ask.SECOND_CALL)) == 1
    assert night.chains("TP", Ask.SECOND_CALL) == []


def test_a_second_call_says_that_it_is_one_and_a_key_answers_it() -> None:
    night = followed_up()
    night.confirms("ann")
    night.wait(minutes=15, seconds=1)
    night.confirms("ann", coded=False)
    night.wait(minutes=15)

    script = night.presses(night.rings("ann"))
    assert any("再呼应" in words for words in script.words)
    night.presses(night.calls("ann")[-1], Heard.CONFIRM)

    (chain,) = night.chains("VS", Ask.SECOND_CALL)
    assert chain.state is ChainState.ACKNOWLEDGED


def test_a_deputy_who_confirmed_is_asked_first() -> None:
    night = followed_up()
    night.ends(night.rings("ann"), Outcome.NO_ANSWER)
    night.wait(minutes=2)
    night.confirms("bob")

    night.wait(minutes=13, seconds=1)

    (chain,) = night.chains("VS", Ask.MEASURES)
    assert [rung.person for rung in chain.rungs] == ["bob", "ann"]


def test_done_ends_the_asking_for_measures() -> None:
    night = followed_up()
    night.confirms("ann")
    night.wait(minutes=15, seconds=1)

    night.confirms("ann", coded=False)
    night.wait(hours=2)

    assert len(night.chains("VS", Ask.MEASURES)) == 1
    (reported,) = night.said(Fact.MEASURES_REPORTED)
    assert reported.detail["done"] is True


def test_not_done_tells_who_is_on_duty_and_is_asked_again() -> None:
    night = followed_up()
    night.confirms("ann")
    night.wait(minutes=15, seconds=1)

    night.presses(night.rings("ann"), Heard.DEPUTY)
    night.wait(minutes=31)

    assert any("需要支援" in text for text in night.messages("officer"))
    assert len(night.chains("VS", Ask.MEASURES)) == 2
    assert night.calls("bob") == []


def test_a_reply_of_2_to_the_measure_sms_says_the_same() -> None:
    night = followed_up()
    night.confirms("ann")
    night.wait(minutes=15, seconds=1)

    night.tell(SmsReceived("c-ann", SmsAnswer.CANNOT, "SM1"))

    (chain,) = night.chains("VS", Ask.MEASURES)
    assert chain.needs_support


def test_the_key_for_measures_never_answers_another_ask() -> None:
    """A call carries either measure asks or the others: "done" must not be read as "received"."""
    night = followed_up()
    night.confirms("ann")
    night.wait(minutes=14, seconds=59)
    night.order(OrderState.IN_FORCE)
    night.wait(seconds=2)

    for key in night.desk.live_call.values():
        asks = {night.desk.chains[chain].ask for chain in night.desk.attempts[key].chains}
        assert asks == {Ask.MEASURES} or Ask.MEASURES not in asks


def test_nobody_is_asked_again_once_the_callout_has_ended() -> None:
    night = followed_up()
    night.confirms("ann")

    night.respond(None, previous=Level.I)
    night.wait(hours=1)

    assert night.chains("VS", Ask.SECOND_CALL) == []
    assert night.chains("VS", Ask.MEASURES) == []
