"""What the page shows of a phone."""

from services.phones.domain.person import Habit
from services.phones.domain.phone_view import Doing, masked, phone_view
from services.phones.entrypoints.phone_card import card, screen
from tests.unit.phones.town import ANNA, Town, person

HOSTILE = "<img src=x onerror=alert(1)>"


def test_a_number_is_masked() -> None:
    assert masked("+8613800000231") == "138****0231"
    assert masked("+15005550006") == "+15****0006"


def test_a_card_never_shows_the_number() -> None:
    town = Town(person(ANNA, Habit.NEVER, label="村书记"))
    town.call()
    town.run(2)

    html = card(phone_view(town.exchange, ANNA))

    assert ANNA.removeprefix("+86") not in html
    assert "199****0231" in html
    assert "村书记" in html


def test_what_strangers_wrote_is_escaped() -> None:
    town = Town(person(ANNA, Habit.MANUAL, label=HOSTILE))
    town.text(body=HOSTILE)
    town.run(10)
    town.exchange.handsets.write(ANNA, HOSTILE, town.now)
    town.call(Twiml="<Response><Say>&lt;img src=x onerror=alert(1)&gt; 听</Say></Response>", Url="")
    town.run(1)
    town.exchange.handsets.answer(ANNA, town.now)

    html = card(phone_view(town.exchange, ANNA))

    assert "<img" not in html
    assert html.count("&lt;img") >= 4


def test_a_talking_phone_shows_what_is_being_said() -> None:
    town = Town(person(ANNA, Habit.AT_ONCE))
    town.call()
    town.run(3)

    view = phone_view(town.exchange, ANNA)

    assert view.doing is Doing.TALKING
    assert "南岸区应急指挥部。" in screen(view)


def test_a_phone_that_rang_in_vain_says_so_in_words() -> None:
    town = Town(person(ANNA, Habit.NEVER))
    town.call(Timeout="20")
    town.run()

    html = screen(phone_view(town.exchange, ANNA))

    assert "空闲" in html
    assert "无人接" in html
