"""
Numbers as they are said in Chinese, so that nobody takes down a wrong one from a voice.

Speech services read "180.52" and "02:14" each in a way of their own. What a call says is therefore
spelled out: 一百八十点五二, 凌晨两点十四分. Values come in thousandths, as everywhere here.
"""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from schemas.metric import SCALE

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ((10**8, "亿"), (10**4, "万"))
_TWO = 2
_THOUSANDS = 3
_HALF_DAY = 12
_TWO_FIGURES = 10
_DAY_PARTS = ((0, "凌晨"), (6, "早上"), (9, "上午"), (12, "中午"), (13, "下午"), (18, "晚上"))
"""From which hour on a part of the day has its name."""


class CodeOne(StrEnum):
    """How the digit 1 of a code is said. 幺 cannot be taken for 七, which 一 can on a bad line."""

    YAO = "yao"
    YI = "yi"


@dataclass(frozen=True, slots=True)
class Voice:
    """
    The language a call speaks, and how it says a code: *digits* are the signs for 0 to 9, said one
    after the other with *gap* between them.
    """

    language: str
    digits: str = "0123456789"
    gap: str = ", "

    def code(self, digits: str) -> str:
        """Return the code *digits* as it is said."""
        return self.gap.join(self.digits[int(digit)] for digit in digits)


def is_chinese(language: str) -> bool:
    """Whether numbers in *language* are said as here."""
    return language.partition("-")[0] == "zh"


def voice_of(language: str, one: CodeOne = CodeOne.YAO) -> Voice:
    """Return the voice of *language*; *one* is how a Chinese one says the digit 1."""
    if not is_chinese(language):
        return Voice(language)
    return Voice(language, _DIGITS if one is CodeOne.YI else _DIGITS.replace("一", "幺"), "，")


CHINESE = voice_of("zh-CN")
"""The voice of the language that every pack has in full."""


def whole(number: int) -> str:
    """Return a whole number as it is read: 十二, 一百零二, 两千, 两万零二."""
    if number < 0:
        return "负" + whole(-number)
    said = _read(number)
    return said.removeprefix("一") if said.startswith("一十") else said


def _read(number: int) -> str:
    for size, name in _GROUPS:
        high, low = divmod(number, size)
        if high:
            gap = "零" if 0 < low < size // 10 else ""
            return f"{quantity(high * SCALE)}{name}{gap}{_read(low) if low else ''}"
    return _below_ten_thousand(number)


def _below_ten_thousand(number: int) -> str:
    if number == 0:
        return _DIGITS[0]
    said = ""
    passed_zero = False
    for place in range(_THOUSANDS, -1, -1):
        digit = number // 10**place % 10
        if digit == 0:
            passed_zero = True
            continue
        said += _DIGITS[0] if said and passed_zero else ""
        passed_zero = False
        said += "两" if digit == _TWO and place == _THOUSANDS else _DIGITS[digit]
        said += _PLACES[place]
    return said


def number(thousandths: int) -> str:
    """Return a number that counts nothing: 二, 二点五, 一百八十点五二, 负零点三."""
    if thousandths < 0:
        return "负" + number(-thousandths)
    units, rest = divmod(thousandths, SCALE)
    decimals = f"{rest:03d}".rstrip("0")
    point = "点" + "".join(_DIGITS[int(digit)] for digit in decimals) if decimals else ""
    return whole(units) + point


def quantity(thousandths: int) -> str:
    """Return a number before what it counts or measures: 两 (毫米), 十二, 二点五."""
    sign = "负" if thousandths < 0 else ""
    return f"{sign}两" if abs(thousandths) == _TWO * SCALE else number(thousandths)


def percentage(thousandths: int) -> str:
    """Return so many per cent: 百分之二十, 负百分之零点五."""
    sign = "负" if thousandths < 0 else ""
    return f"{sign}百分之{number(abs(thousandths))}"


def clock(at: time) -> str:
    """Return the time of day: 凌晨两点十分, 晚上十点零五分, 中午十二点整."""
    part = next(name for hour, name in reversed(_DAY_PARTS) if at.hour >= hour)
    hour = at.hour - _HALF_DAY if at.hour > _HALF_DAY else at.hour
    gap = _DIGITS[0] if at.minute < _TWO_FIGURES else ""
    minutes = f"{gap}{whole(at.minute)}分" if at.minute else "整"
    return f"{part}{quantity(hour * SCALE)}点{minutes}"
