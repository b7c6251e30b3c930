"""Text messages and what people write back."""

import pytest

from services.phones.domain.errors import RefusedError
from services.phones.domain.message import segments
from services.phones.domain.person import Delivery, Habit, Reply
from services.phones.domain.record import What
from tests.unit.phones.town import ANNA, DESK, SID, Town, person

STATUS = "http://desk.test/sms-status"


def told(town: Town) -> list[tuple[str, str | None]]:
    return [
        (one.form["MessageStatus"], one.form.get("ErrorCode"))
        for one in town.told
        if one.path == "/sms-status"
    ]


@pytest.mark.parametrize(
    ("someone", "last"),
    [
        pytest.param(person(), ("delivered", None), id="at home"),
        pytest.param(person(ANNA, Habit.OFF), ("undelivered", "30003"), id="off"),
        pytest.param(person(ANNA, Habit.UNALLOCATED), ("failed", "30005"), id="no such number"),
        pytest.param(person(delivery=Delivery.UNREPORTED), ("sent", None), id="never reported"),
    ],
)
def test_a_text_ends_as_the_phone_lets_it(someone: object, last: tuple[str, str | None]) -> None:
    town = Town(someone)  # type: ignore[arg-type] # parametrised values are objects

    town.text(StatusCallback=STATUS)
    town.run()

    assert told(town)[:2] == [("queued", None), ("sent", None)]
    assert told(town)[-1] == last


@pytest.mark.parametrize(
    ("reply", "written"),
    [(Reply.ONE, "1"), (Reply.RECEIVED, "收到"), (Reply.CODE, "47")],
)
def test_people_write_back(reply: Reply, written: str) -> None:
    town = Town(person(reply=reply))

    town.text(body="请转移，回复确认码 4 7")
    town.run()

    inbound = [one.form for one in town.told if one.path == "/sms"]
    assert [(form["From"], form["To"], form["Body"]) for form in inbound] == [(ANNA, DESK, written)]


def test_who_answers_only_by_text_writes_one() -> None:
    town = Town(person(ANNA, Habit.REPLIES_BY_SMS))

    town.text()
    town.run()

    assert town.told[-1].form["Body"] == "1"


def test_a_text_without_a_code_gets_no_code_back() -> None:
    town = Town(person(reply=Reply.CODE))

    town.text(body="天气通报")
    town.run()

    assert town.told == []


def test_a_reply_may_be_answered_by_a_script() -> None:
    scripts = {"/sms": "<Response><Message>已记录</Message></Response>"}
    town = Town(person(reply=Reply.ONE, replies_after=(person().replies_after)), scripts=scripts)

    town.text(body="第一条")
    town.run(60)

    received = [one.detail for one in town.exchange.record.of(ANNA, What.TEXT_RECEIVED)]
    assert received[:2] == ["第一条", "已记录"]


def test_a_human_can_write_from_a_practice_phone() -> None:
    town = Town()
    town.text()
    town.run()

    done = town.exchange.handsets.write(ANNA, "收到了", town.now)
    town.run()

    assert done
    assert town.told[-1].form["Body"] == "收到了"


def test_nobody_can_answer_a_text_that_never_came() -> None:
    town = Town()

    assert not town.exchange.handsets.write(ANNA, "喂", town.now)


def test_a_queued_text_can_be_canceled() -> None:
    town = Town()
    sid = town.text()

    message = town.exchange.update_message(SID, sid, {"Status": ["canceled"]}, town.now)
    town.run()

    assert message.status.value == "canceled"
    assert town.exchange.record.of(ANNA) == []


def test_an_empty_body_redacts() -> None:
    town = Town()
    sid = town.text()

    message = town.exchange.update_message(SID, sid, {"Body": [""]}, town.now)

    assert message.body == ""


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"To": ""}, 21604, id="no To"),
        pytest.param({"To": "x"}, 21211, id="bad To"),
        pytest.param({"From": ""}, 21603, id="no From"),
        pytest.param({"Body": ""}, 21602, id="no text"),
        pytest.param({"Body": "撤" * 1601}, 21617, id="too long"),
    ],
)
def test_a_bad_text_is_refused_with_the_carriers_code(fields: dict[str, str], code: int) -> None:
    with pytest.raises(RefusedError) as refused:
        Town().text(**{"to": ANNA, "body": "x", **fields})

    assert refused.value.code == code


def test_who_has_opted_out_is_never_written_to() -> None:
    town = Town(person(refuses_texts_with=21610))

    with pytest.raises(RefusedError) as refused:
        town.text()

    assert refused.value.code == 21610


@pytest.mark.parametrize(
    ("text", "count"), [("a" * 160, 1), ("a" * 161, 2), ("撤" * 70, 1), ("撤" * 71, 2)]
)
def test_chinese_fills_a_segment_after_seventy_signs(text: str, count: int) -> None:
    assert segments(text) == count
