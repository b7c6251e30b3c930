"""Numbers as a Chinese voice says them: a golden table."""

from datetime import time

import pytest

from services.district.domain.spoken import (
    CodeOne,
    clock,
    number,
    percentage,
    quantity,
    voice_of,
    whole,
)

WHOLE = [
    (0, "零"),
    (1, "一"),
    (2, "二"),
    (10, "十"),
    (11, "十一"),
    (12, "十二"),
    (20, "二十"),
    (22, "二十二"),
    (99, "九十九"),
    (100, "一百"),
    (101, "一百零一"),
    (102, "一百零二"),
    (110, "一百一十"),
    (112, "一百一十二"),
    (200, "二百"),
    (222, "二百二十二"),
    (1000, "一千"),
    (1002, "一千零二"),
    (1010, "一千零一十"),
    (1012, "一千零一十二"),
    (2000, "两千"),
    (2002, "两千零二"),
    (2020, "两千零二十"),
    (2200, "两千二百"),
    (9999, "九千九百九十九"),
    (10_000, "一万"),
    (10_001, "一万零一"),
    (10_010, "一万零一十"),
    (12_350, "一万两千三百五十"),
    (20_000, "两万"),
    (20_002, "两万零二"),
    (22_000, "两万两千"),
    (100_000, "十万"),
    (110_000, "十一万"),
    (120_200, "十二万零二百"),
    (200_000, "二十万"),
    (1_000_000, "一百万"),
    (1_100_000, "一百一十万"),
    (10_000_000, "一千万"),
    (20_000_000, "两千万"),
    (20_020_002, "两千零二万零二"),
    (99_999_999, "九千九百九十九万九千九百九十九"),
    (200_000_000, "两亿"),
    (-15, "负十五"),
]


@pytest.mark.parametrize(("value", "said"), WHOLE, ids=[str(value) for value, _ in WHOLE])
def test_a_whole_number_is_read(value: int, said: str) -> None:
    assert whole(value) == said


@pytest.mark.parametrize(
    ("thousandths", "said"),
    [
        pytest.param(2_000, "两", id="2"),
        pytest.param(-2_000, "负两", id="-2"),
        pytest.param(22_000, "二十二", id="22"),
        pytest.param(2_500, "二点五", id="2.5"),
        pytest.param(58_000, "五十八", id="58"),
        pytest.param(102_000, "一百零二", id="102"),
        pytest.param(180_520, "一百八十点五二", id="180.52"),
        pytest.param(2_000_000, "两千", id="2000"),
        pytest.param(300, "零点三", id="0.3"),
        pytest.param(-300, "负零点三", id="-0.3"),
        pytest.param(10_005, "十点零零五", id="10.005"),
        pytest.param(0, "零", id="0"),
    ],
)
def test_before_what_it_counts_a_lone_two_is_said_liang(thousandths: int, said: str) -> None:
    assert quantity(thousandths) == said


def test_a_number_that_counts_nothing_says_er() -> None:
    assert number(2_000) == "二"


@pytest.mark.parametrize(
    ("thousandths", "said"),
    [
        pytest.param(2_000, "百分之二", id="2%"),
        pytest.param(20_000, "百分之二十", id="20%"),
        pytest.param(12_500, "百分之十二点五", id="12.5%"),
        pytest.param(-500, "负百分之零点五", id="-0.5%"),
        pytest.param(100_000, "百分之一百", id="100%"),
    ],
)
def test_a_percentage_is_read(thousandths: int, said: str) -> None:
    assert percentage(thousandths) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        pytest.param(time(0, 0), "凌晨零点整", id="00:00"),
        pytest.param(time(0, 5), "凌晨零点零五分", id="00:05"),
        pytest.param(time(2, 2), "凌晨两点零二分", id="02:02"),
        pytest.param(time(2, 10), "凌晨两点十分", id="02:10"),
        pytest.param(time(2, 14), "凌晨两点十四分", id="02:14"),
        pytest.param(time(5, 59), "凌晨五点五十九分", id="05:59"),
        pytest.param(time(6, 0), "早上六点整", id="06:00"),
        pytest.param(time(9, 20), "上午九点二十分", id="09:20"),
        pytest.param(time(12, 0), "中午十二点整", id="12:00"),
        pytest.param(time(13, 1), "下午一点零一分", id="13:01"),
        pytest.param(time(14, 30), "下午两点三十分", id="14:30"),
        pytest.param(time(22, 5), "晚上十点零五分", id="22:05"),
        pytest.param(time(23, 59), "晚上十一点五十九分", id="23:59"),
    ],
)
def test_a_time_of_day_is_read_with_its_part_of_the_day(at: time, said: str) -> None:
    assert clock(at) == said


@pytest.mark.parametrize(
    ("language", "one", "said"),
    [
        pytest.param("zh-CN", CodeOne.YAO, "四，七，幺，零", id="yao"),
        pytest.param("zh-CN", CodeOne.YI, "四，七，一，零", id="yi"),
        pytest.param("en", CodeOne.YAO, "4, 7, 1, 0", id="another language reads digits itself"),
    ],
)
def test_a_code_is_said_digit_by_digit(language: str, one: CodeOne, said: str) -> None:
    assert voice_of(language, one).code("4710") == said
