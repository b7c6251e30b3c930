"""What the carrier and a callee may be asked, and that a restart does not forget it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.role import Role
from services.dispatcher.domain.calls.budget import StartBudget
from services.dispatcher.domain.calls.call_state import Outcome
from services.dispatcher.domain.commands import SendMessage
from services.dispatcher.domain.desk.desk import Desk
from services.district.domain.templates import TextKey
from services.district.domain.wording import Wording
from tests.districts import TEMPLATES, pack, policies, post
from tests.unit.dispatcher.night import MIDNIGHT, Night


def test_the_starts_of_the_process_before_count_after_a_restart() -> None:
    posts = [post(f"VS{n}", Role.VILLAGE_SECRETARY, f"p{n}") for n in range(5)]
    night = Night(pack(*posts, policies_=policies(starts_per_s=3)))
    night.respond(Level.II)
    assert len(night.calls()) == 3

    again = Desk(night.desk.pack)
    night.kept.load(again, night.now + timedelta(milliseconds=300))

    assert again.accounts.for_call(night.now + timedelta(milliseconds=300)) is None
    assert again.accounts.for_call(night.now + timedelta(seconds=1.1)) is not None


def test_an_sms_of_several_parts_uses_as_many_starts() -> None:
    starts = StartBudget(2)

    starts.use(MIDNIGHT, 3)

    # The third part goes out in the next second, which then permits one start more.
    assert not starts.allows(MIDNIGHT + timedelta(seconds=0.9))
    soon = MIDNIGHT + timedelta(seconds=1.1)
    assert starts.allows(soon)
    starts.use(soon)
    assert not starts.allows(soon)


def test_parts_beyond_what_a_second_permits_are_charged_to_the_seconds_after() -> None:
    starts = StartBudget(1)

    starts.use(MIDNIGHT, 4)

    assert not starts.allows(MIDNIGHT + timedelta(seconds=4))
    assert starts.allows(MIDNIGHT + timedelta(seconds=4.1))


@pytest.mark.parametrize(
    ("text", "seconds"), [("雨", 4.5), ("雨" * 140, 13.5)], ids=["one part", "three parts"]
)
def test_sms_go_out_as_slowly_as_the_carrier_sends_their_parts(text: str, seconds: float) -> None:
    posts = [post(f"VS{n}", Role.VILLAGE_SECRETARY, f"p{n}") for n in range(10)]
    texts = {**TEMPLATES.texts, TextKey.SMS_CONFIRM: Wording.plain(text)}
    slow = replace(policies().budget.accounts[0], sms_per_s=2)
    given = replace(policies(), budget=replace(policies().budget, accounts=(slow,)))
    night = Night(replace(pack(*posts, policies_=given), templates=replace(TEMPLATES, texts=texts)))

    night.respond(Level.III)
    while len(sent := [c for _, c in night.commands if isinstance(c, SendMessage)]) < len(posts):
        night.wait(seconds=0.5)

    assert (night.now - MIDNIGHT).total_seconds() == seconds
    assert {command.text for command in sent} == {text}


def test_the_highest_level_goes_first_and_first_calls_before_repeats() -> None:
    posts = [post(f"VS{n}", Role.VILLAGE_SECRETARY, f"p{n}") for n in range(4)]
    night = Night(pack(*posts, policies_=policies(starts_per_s=0.005)))
    night.respond(Level.III)
    [first] = night.calls()
    night.ends(night.rings(first.contact.removeprefix("c-")), Outcome.NO_ANSWER)
    night.wait(seconds=199)
    assert len(night.calls()) == 1, "a start in 200 s is all that the carrier permits"

    night.respond(Level.II, hazard=Hazard.GAS_LEAK)
    night.wait(seconds=2)
    urgent = night.desk.attempts[night.calls()[1].attempt_id]
    assert Level.II in {night.desk.chains[key].level for key in urgent.chains}

    night.respond(None, hazard=Hazard.GAS_LEAK, previous=Level.II)
    night.wait(seconds=201)
    # His repeat has been due for longer than theirs, but they have not been reached at all.
    assert night.calls()[2].contact not in {first.contact, urgent.contact}
