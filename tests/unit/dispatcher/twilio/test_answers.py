import pytest

from services.dispatcher.adapters.codes import Codes
from services.dispatcher.domain.inputs import Heard, SmsAnswer
from services.dispatcher.entrypoints.answers import heard_code, heard_key, read_sms

CODES = Codes(b"secret")
RIGHT = CODES.write_into("{code}", "s_1")
WRONG = f"{(int(RIGHT) + 1) % 10_000:04}"


@pytest.mark.parametrize(
    ("digits", "heard"),
    [
        ("1", Heard.CONFIRM),
        ("2", Heard.DEPUTY),
        ("3", Heard.REPEAT),
        ("", Heard.NOTHING),
        ("0", Heard.OTHER_KEY),
        ("9", Heard.OTHER_KEY),
        ("*", Heard.OTHER_KEY),
        ("11", Heard.OTHER_KEY),
    ],
)
def test_only_one_key_confirms(digits: str, heard: Heard) -> None:
    assert heard_key(digits) is heard


def test_a_code_is_right_wrong_or_not_given() -> None:
    assert heard_code(CODES, "s_1", RIGHT) is Heard.CODE_RIGHT
    assert heard_code(CODES, "s_1", WRONG) is Heard.CODE_WRONG
    assert heard_code(CODES, "s_1", RIGHT[:2]) is Heard.CODE_WRONG
    assert heard_code(CODES, "s_1", "") is Heard.NOTHING


@pytest.mark.parametrize(
    "body",
    [
        "1",
        " 1 ",
        "１",
        "1。",
        "收到",
        "收到！",
        "　收到　",
        "1收到",
        "1 收到，已组织转移",
        "收到，马上转移",
        "收到 1",
    ],
)
def test_a_text_that_confirms(body: str) -> None:
    assert read_sms(body, CODES, ["s_1"]) == (SmsAnswer.CONFIRM, None)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "11",
        "没收到",
        "未收到",
        "收到什么？",
        "收到 了吗",
        "1号楼进水",
        "1 号楼进水",
        "10",
        "一会儿再说",
        "STOP",
    ],
)
def test_a_text_that_confirms_nothing(body: str) -> None:
    assert read_sms(body, CODES, ["s_1"]) == (SmsAnswer.OTHER, None)


@pytest.mark.parametrize("template", ["{}", " {} ", "确认码{}", "{}，收到", "1 {}"])
def test_the_code_of_a_message_names_that_message(template: str) -> None:
    answer = read_sms(template.format(RIGHT), CODES, ["s_2", "s_1"])

    assert answer == (SmsAnswer.CODE_RIGHT, "s_1")


def test_the_code_may_come_in_full_width_digits() -> None:
    wide = RIGHT.translate({ord("0") + digit: ord("０") + digit for digit in range(10)})

    assert read_sms(wide, CODES, ["s_1"]) == (SmsAnswer.CODE_RIGHT, "s_1")


@pytest.mark.parametrize("body", [f"{RIGHT}5", f"5{RIGHT}", WRONG])
def test_other_digits_are_no_code(body: str) -> None:
    assert read_sms(body, CODES, ["s_1"]) == (SmsAnswer.OTHER, None)


def test_a_code_counts_only_from_whom_it_was_sent_to() -> None:
    assert read_sms(RIGHT, CODES, ["s_2"]) == (SmsAnswer.OTHER, None)
