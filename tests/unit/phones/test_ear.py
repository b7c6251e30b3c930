"""What a person makes of what he hears."""

import pytest

from services.demo.stage import PACK
from services.district.domain.spoken import CodeOne, voice_of
from services.district.domain.templates import TextKey
from services.district.load import load_pack
from services.phones.domain.ear import code_in, understand


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("您的确认码是 4 7 2，请输入。", "472", id="spaced digits"),
        pytest.param("验证码：四七二", "472", id="Chinese digits"),
        pytest.param("确认码，四、七、二。", "472", id="digits with pauses"),
        pytest.param("确认码 幺〇零 请按", "100", id="telephone words for one and zero"),
        pytest.param("确认码 4 7，2026 年", "47", id="a run ends where its separator changes"),
        pytest.param("请输入两位确认码：83", "83", id="digits without a gap"),
        pytest.param("your code is 9 0 1", "901", id="English"),
        pytest.param("确认码请在一分钟内输入 3 8", "38", id="a lone digit word is no code"),
        pytest.param("水位 1 8 2 米", "", id="digits that are not a code"),
        pytest.param("请输入确认码", "", id="asked for and not told"),
        pytest.param("", "", id="silence"),
    ],
)
def test_a_code_is_the_digits_after_the_word_for_it(text: str, code: str) -> None:
    assert code_in(text) == code


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param("收到请按 1。", "1", id="digit"),
        pytest.param("收到请按一", "1", id="Chinese digit"),
        pytest.param("请按“2”", "2", id="quoted"),
        pytest.param("确认按 1，重听按 2", "1", id="the first of a menu"),
        pytest.param("按井号键结束，按 * 返回", "*", id="star"),
        pytest.param("Press 3 to confirm", "3", id="English"),
        pytest.param("请按一下", "", id="not a key"),
        pytest.param("请按通知要求转移", "", id="按 in another sense"),
    ],
)
def test_the_first_key_asked_for_is_the_one_meant(text: str, key: str) -> None:
    assert understand(text).key == key


def test_a_key_and_then_a_code_may_be_asked_in_one_sentence() -> None:
    asked = understand("收到请按 1，再按 四、七。")

    assert (asked.key, asked.code, asked.wants_code) == ("1", "47", True)


def test_a_listener_knows_that_a_code_is_ended_by_the_pound_key() -> None:
    assert understand("确认码 4 7 2，按井号键结束").ends_with_pound
    assert not understand("确认码 4 7 2").ends_with_pound


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("one", list(CodeOne))
def test_every_code_is_heard_as_the_demo_districts_voices_say_it(
    language: str, one: CodeOne
) -> None:
    pack = load_pack(PACK)
    texts = pack.templates if language == "zh-CN" else pack.languages[language]
    voice = voice_of(language, one)
    for number in range(10_000):
        code = f"{number:04}"
        said = texts.fill(TextKey.VOICE_CODE, exercise="", code=voice.code(code))

        assert code_in(said) == code
