"""What people do with a call that asks for a key and then for the code it speaks."""

from datetime import timedelta

import pytest

from services.phones.domain.draw import seconds
from services.phones.domain.person import Habit
from services.phones.domain.record import What
from tests.unit.phones.town import ANNA, DESK, START, Town, person

ANSWERERS = (Habit.CODER, Habit.AT_ONCE, Habit.SLOWLY)


@pytest.mark.parametrize("habit", ANSWERERS)
def test_a_coder_presses_the_key_and_types_the_code_he_heard(habit: Habit) -> None:
    town = Town(person(ANNA, habit))

    town.call()
    town.run()

    assert town.digits() == ["1", "472"]
    assert town.exchange.record.heard(ANNA).endswith("已记录，再见。")


@pytest.mark.parametrize(
    ("habit", "digits"),
    [
        pytest.param(Habit.ONE_ONLY, ["1"], id="one only"),
        pytest.param(Habit.WRONG_KEY, ["9"], id="wrong key"),
        pytest.param(Habit.WRONG_CODE, ["1", "583"], id="wrong code"),
        pytest.param(Habit.VOICEMAIL, [], id="voicemail"),
        pytest.param(Habit.HANGS_UP, [], id="hangs up"),
    ],
)
def test_the_others_do_not(habit: Habit, digits: list[str]) -> None:
    town = Town(person(ANNA, habit))

    town.call()
    town.run()

    assert town.digits() == digits


def test_a_machine_hangs_up_after_one_message() -> None:
    town = Town(person(ANNA, Habit.VOICEMAIL))

    town.call()
    town.run()

    assert town.exchange.record.heard(ANNA).endswith("收到请按 1。")
    assert town.exchange.record.of(ANNA)[-2].what is What.HUNG_UP


def test_a_pocket_presses_without_listening() -> None:
    town = Town(person(ANNA, Habit.POCKET))

    town.call()
    town.run()

    assert town.exchange.record.pressed(ANNA).startswith("1470")
    assert "472" not in town.digits()


def test_a_code_told_before_it_is_asked_for_is_remembered() -> None:
    scripts = {
        "/voice": '<Response><Say>确认码是 8 3。</Say><Gather numDigits="1" action="/ask">'
        "<Say>收到请按 1。</Say></Gather></Response>",
        "/ask": '<Response><Gather numDigits="2" action="/end"><Say>请输入确认码。</Say></Gather></Response>',
        "/end": "<Response/>",
    }
    town = Town(person(ANNA, reacts=seconds(1.5, 2)), scripts=scripts)

    town.call()
    town.run()

    assert town.digits() == ["1", "83"]


def test_a_code_spoken_digit_by_digit_is_typed_when_it_is_whole() -> None:
    digits = "".join(f'<Say>{digit}</Say><Pause length="0.3"/>' for digit in "4725")
    scripts = {
        "/voice": f'<Response><Gather numDigits="4" action="/end"><Say>确认码是</Say>{digits}</Gather></Response>',
        "/end": "<Response/>",
    }
    town = Town(person(ANNA, reacts=seconds(1, 1.5)), scripts=scripts)

    town.call()
    town.run()

    assert town.digits() == ["4725"]


def test_a_code_that_is_only_told_is_typed_when_silence_asks_for_it() -> None:
    scripts = {
        "/voice": '<Response><Gather numDigits="2" action="/end"><Say>确认码 8 3。请注意安全。</Say></Gather></Response>',
        "/end": "<Response/>",
    }
    town = Town(scripts=scripts)

    town.call()
    town.run()

    assert town.digits() == ["83"]
    assert town.exchange.record.heard(ANNA) == "确认码 8 3。 请注意安全。"


def test_a_key_and_a_code_may_be_typed_into_one_gather() -> None:
    scripts = {
        "/voice": '<Response><Gather numDigits="3" action="/end"><Say>收到请按 1，再按 四、七。</Say></Gather></Response>',
        "/end": "<Response/>",
    }
    town = Town(scripts=scripts)

    town.call()
    town.run()

    assert town.digits() == ["147"]


def test_a_repeated_message_is_answered_once() -> None:
    scripts = {
        "/voice": '<Response><Gather numDigits="2" timeout="3" action="/end">'
        '<Say loop="3">收到请按 1。</Say></Gather></Response>',
        "/end": "<Response/>",
    }
    town = Town(scripts=scripts)

    town.call()
    town.run()

    assert town.exchange.record.pressed(ANNA) == "1"


def test_a_person_may_change_his_habit_from_call_to_call() -> None:
    town = Town(person(ANNA, Habit.NEVER, Habit.BUSY, Habit.CODER))

    ends = []
    for _ in range(4):
        sid = town.call(Timeout="20")
        town.run()
        ends.append(town.status(sid))

    assert ends == ["no-answer", "busy", "completed", "completed"]


def test_who_missed_a_call_rings_back_and_confirms() -> None:
    town = Town(person(ANNA, Habit.RINGS_BACK))

    town.call(Timeout="20")
    town.run()

    _, back = town.exchange.calls.values()
    assert (back.direction.value, back.from_, back.to) == ("inbound", ANNA, DESK)
    assert town.asked[0].form["CallStatus"] == "ringing"
    assert town.digits() == ["1", "472"]


def test_without_a_number_to_ring_the_carrier_notes_it() -> None:
    town = Town(person(ANNA, Habit.RINGS_BACK), voice_url="")

    town.call(Timeout="20")
    town.run()

    assert [notice.code for notice in town.exchange.record.notices] == [11200]


def test_rings_last_as_long_as_the_person_lets_them() -> None:
    town = Town(person(ANNA, rings=seconds(7, 7)))

    sid = town.call()
    town.run()

    assert town[sid].answered_at == START + timedelta(seconds=7.2)


def test_whoever_touches_a_phone_has_it_for_the_rest_of_the_call() -> None:
    town = Town(person(ANNA, Habit.SLOWLY))
    town.call()
    town.run(2)

    town.exchange.handsets.answer(ANNA, town.now)
    town.run()

    assert town.exchange.record.pressed(ANNA) == ""


def test_everybody_can_be_made_to_wait_for_a_human() -> None:
    town = Town()
    town.exchange.let_humans_answer(manual=True, now=town.now)

    sid = town.call(Timeout="30")
    town.run()

    assert town.status(sid) == "no-answer"


def test_a_menu_that_asks_for_one_for_ever_is_given_up() -> None:
    menu = '<Response><Gather numDigits="1" timeout="2"><Say>重听请按 1。</Say></Gather></Response>'
    town = Town(scripts={"/voice": menu})

    town.call()
    town.run()

    assert len(town.exchange.record.pressed(ANNA)) == 40
