"""How long words take."""

from datetime import timedelta

from services.phones.domain.account import Tempo
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


def test_a_faster_network_takes_a_fraction_of_each_of_its_times() -> None:
    faster = Tempo().faster(20)

    assert spoken_for("撤" * 90, faster.chars_per_s) == timedelta(seconds=1)
    assert faster.between_keys == timedelta(milliseconds=15)
    assert faster.text_ends_after == (timedelta(milliseconds=50), timedelta(milliseconds=200))
