"""Where phones are dead people are passed over, not counted as not answering."""

from datetime import timedelta

from schemas.act import ChannelReported
from schemas.dispatch import Fact
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.calls.call_state import Outcome
from services.district.domain.policy import Resort, ResortKind
from tests.districts import DISTRICT, TOWN, pack, policies, post, with_level
from tests.unit.dispatcher.night import Night

_VILLAGE = f"{TOWN[:9]}201"
_LADDER = (Resort(ResortKind.RADIO, timedelta(minutes=5), (Role.DUTY_OFFICER,)),)


def valley() -> Night:
    return Night(
        pack(
            post("VS", Role.VILLAGE_SECRETARY, "ann", place=_VILLAGE, superior="TP"),
            post("TP", Role.TOWN_PRINCIPAL, "tom", place=f"{DISTRICT}000000"),
            post("DO", Role.DUTY_OFFICER, "officer", place=f"{DISTRICT}000000"),
            policies_=with_level(policies(), Level.I, resorts=_LADDER),
        )
    )


def dead(night: Night, place: str = _VILLAGE, *, works: bool = False) -> None:
    night.act(ChannelReported(place=place, channels=("voice", "sms"), works=works, why="基站中断"))


def test_the_superior_is_rung_at_once_when_the_village_goes_dead() -> None:
    night = valley()
    night.respond(Level.I)
    call = night.rings("ann")
    night.wait(seconds=10)
    night.ends(call, Outcome.NO_ANSWER)

    dead(night)
    night.wait(seconds=10)

    chain = night.chain("VS")
    assert chain.rungs[0].cut_off
    assert any(rung.person == "tom" and rung.opened_at for rung in chain.rungs)


def test_whoever_is_cut_off_is_neither_rung_nor_written_to() -> None:
    night = valley()
    dead(night, TOWN)

    night.respond(Level.I)
    night.wait(minutes=4)

    assert night.calls("ann") == []
    assert night.messages("ann") == []


def test_a_radio_task_is_opened_within_ten_seconds_where_no_phone_works_at_all() -> None:
    night = valley()
    night.respond(Level.I)

    dead(night, f"{DISTRICT}000000")
    night.wait(seconds=10)

    kinds = {task.kind for task in night.desk.tasks.values()}
    assert kinds == {ResortKind.RADIO}


def test_a_call_that_rang_into_the_outage_is_given_back() -> None:
    night = valley()
    night.respond(Level.I)
    call = night.rings("ann")

    dead(night)
    night.ends(call, Outcome.NO_ANSWER)

    assert night.chain("VS").rungs[0].calls == 0


def test_he_is_rung_again_when_phones_work_again() -> None:
    night = valley()
    dead(night)
    night.respond(Level.I)
    night.wait(minutes=1)

    dead(night, works=True)
    night.wait(seconds=1)

    assert len(night.calls("ann")) == 1
    assert len(night.messages("ann")) == 1


def test_an_sms_that_could_not_be_sent_goes_when_sms_work_again() -> None:
    """Calls were never dead here: that the text was due all the time must not be forgotten."""
    night = valley()
    night.act(ChannelReported(place=_VILLAGE, channels=("sms",), works=False, why="短信中断"))
    night.respond(Level.I)
    night.wait(minutes=2)
    assert night.messages("ann") == []

    night.act(ChannelReported(place=_VILLAGE, channels=("sms",), works=True, why="恢复"))
    night.wait(seconds=1)

    assert len(night.messages("ann")) == 1


def test_nobody_who_confirmed_in_time_is_rung_again_when_phones_work_again() -> None:
    night = valley()
    night.respond(Level.I)
    night.confirms("ann")
    dead(night)

    dead(night, works=True)
    night.wait(minutes=30)

    assert len(night.calls("ann")) == 1


def test_what_was_reported_is_on_record_with_who_said_so() -> None:
    night = valley()

    dead(night)

    (said,) = night.said(Fact.CHANNEL_REPORTED)
    assert (said.detail["place"], said.detail["user"]) == (_VILLAGE, "duty-officer")
