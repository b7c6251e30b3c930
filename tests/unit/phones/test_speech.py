"""How long words take."""

from datetime import timedelta

from services.phones.domain.speech import phrases, spoken_for


def test_ninety_characters_take_twenty_seconds() -> None:
    assert spoken_for("撤" * 90, 4.5) == timedelta(seconds=20)


def test_a_spoken_digit_takes_as_long_as_a_character() -> None:
    assert spoken_for("4 7 2", 4.5) == spoken_for("四七二", 4.5)


def test_a_speaker_pauses_after_each_sentence() -> None:
    assert phrases("暴雨红色预警。请转移！收到请按 1") == [
        "暴雨红色预警。",
        "请转移！",
        "收到请按 1",
    ]


def test_no_words_are_no_phrases() -> None:
    assert phrases(" 。 ") == []
