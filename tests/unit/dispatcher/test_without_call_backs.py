"""A carrier that cannot reach us: what the desk does differently."""

from schemas.dispatch import Fact
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.asks.chain import ChainState, Strength
from services.dispatcher.domain.calls.call_state import Progress
from services.dispatcher.domain.calls.capabilities import Capabilities
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.inputs import RequestAnswered, SmsAnswer, SmsReceived
from services.district.domain.roster import Contact, Person
from tests.districts import pack, post
from tests.unit.dispatcher.night import Night

TWO_NUMBERS = Person(
    "holder", "holder", (Contact("c-landline", True, False), Contact("c-mobile", False, True))
)


class Silent(Night):
    """A night at a carrier without call-backs."""

    def __init__(self, *people: Person) -> None:
        of = pack(post("VS", Role.VILLAGE_SECRETARY, "holder", deputies=("deputy",)), people=people)
        super().__init__(of)
        self.desk = Desk(of, Capabilities(call_backs=False))


def words(night: Night) -> tuple[str, ...]:
    script = night.calls("holder")[0].script
    assert script is not None
    return script.words


def test_the_call_itself_says_how_to_answer_by_sms() -> None:
    coded, keyed = Silent(), Silent()

    coded.respond(Level.II)
    keyed.respond(Level.III)

    message, how = words(coded)
    assert "石坪镇" in message
    assert how == "请用短信回复确认码{code}。"
    assert words(keyed)[1] == "收到请用短信回复1。"


def test_with_call_backs_the_words_are_asked_for_when_somebody_answers() -> None:
    night = Night(pack(post("VS", Role.VILLAGE_SECRETARY, "holder")))

    night.respond(Level.II)

    assert night.calls("holder")[0].script is None


def test_the_code_of_the_call_sent_by_sms_confirms_and_ends_the_call() -> None:
    night = Silent()
    night.respond(Level.II)
    call = night.rings("holder")

    night.tell(SmsReceived("c-holder", SmsAnswer.CODE_RIGHT, "SM1", call.attempt_id))

    chain = night.chain("VS")
    assert (chain.state, chain.strength) == (ChainState.ACKNOWLEDGED, Strength.CODED)
    assert night.withdrawn() == [call.attempt_id]


def test_the_code_heard_on_the_landline_comes_from_his_mobile() -> None:
    night = Silent(TWO_NUMBERS)
    night.respond(Level.II)
    [call] = [one for one in night.calls() if one.contact == "c-landline"]

    night.tell(SmsReceived("c-mobile", SmsAnswer.CODE_RIGHT, "SM1", call.attempt_id))

    assert night.chain("VS").strength is Strength.CODED


def test_somebody_elses_sms_does_not_answer_it() -> None:
    night = Silent()
    night.respond(Level.II)
    call = night.rings("holder")

    night.tell(SmsReceived("c-deputy", SmsAnswer.CODE_RIGHT, "SM1", call.attempt_id))

    assert night.chain("VS").is_open


def test_an_sms_does_not_answer_a_call_that_asked_for_keys() -> None:
    night = Night(pack(post("VS", Role.VILLAGE_SECRETARY, "holder")))
    night.respond(Level.II)
    call = night.rings("holder")

    night.tell(SmsReceived("c-holder", SmsAnswer.CODE_RIGHT, "SM1", call.attempt_id))

    assert night.chain("VS").is_open


def test_a_further_ask_does_not_join_a_call_whose_words_are_under_way() -> None:
    night = Silent()
    night.respond(Level.III)
    first = night.rings("holder")
    night.respond(Level.II, hazard=Hazard.GAS_LEAK)

    assert night.said(Fact.ATTEMPT_JOINED) == []
    assert len(night.desk.attempts[first.attempt_id].chains) == 1


def test_what_is_live_is_known_to_who_asks_the_carrier() -> None:
    night = Silent()
    night.respond(Level.II)
    call = night.calls("holder")[0]
    night.tell(RequestAnswered(call.attempt_id, "CA1"))

    live = {one.attempt_id: one for one in night.desk.live_attempts()}

    assert live[call.attempt_id].progress is Progress.ACCEPTED
    assert {one.channel.value for one in live.values()} == {"voice", "sms"}
