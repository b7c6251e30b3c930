"""Which hazard and level a warning means, by its codes and words. The tables are data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.hazard import Hazard
from schemas.level import Colour, Level

_ROMAN = {"Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV"}
_COLOURS = {
    "蓝": Colour.BLUE,
    "黄": Colour.YELLOW,
    "橙": Colour.ORANGE,
    "红": Colour.RED,
    "藍": Colour.BLUE,
    "黃": Colour.YELLOW,
    "紅": Colour.RED,
}
_CHINESE_COLOUR = re.compile("([蓝黄橙红藍黃紅])色?(?:预警|預警|信号|信號)")
_LEVEL_IN_WORDS = re.compile(r"(?<![IVⅠ-Ⅳ])(IV|I{1,3}|[ⅠⅡⅢⅣ])\s*级?\s*(?=[/／\]】］]|级)")
_DEGREE = {"特别严重": Level.I, "较重": Level.III, "严重": Level.II, "一般": Level.IV}
_DEGREE_IN_WORDS = re.compile("[/／](特别严重|较重|严重|一般)")
_CHANGED_COLOUR = re.compile(
    "(?:更新|升级|变更|调整|降级|升|降|改|预警|信号)为[^，。,；;]{0,12}?([蓝黄橙红藍黃紅])色?(?:预警|預警|信号|信號)"
)
"""What a signal was changed to counts, not what it was: 将黄色预警信号升级为橙色预警信号."""
_ENGLISH_COLOUR = re.compile(
    r"\b(blue|yellow|orange|red)\s+(?:\w+\s+){0,2}(?:warning|alert)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class HazardWords:
    """
    The tables of `hazard_words.yaml`.

    *chinese* maps names to hazards; *event_codes* (11Bxx), *picture_types* (the four digits of a
    p-code), *short_types* (two digits) and *weather_types* (10xx) map codes to Chinese names;
    *foreign* maps patterns in lower case, tried in their order; *same* the SAME codes;
    *awareness* MeteoAlarm's types; *severity* CAP's words.
    """

    chinese: Mapping[str, Hazard]
    event_codes: Mapping[str, str]
    picture_types: Mapping[str, str]
    short_types: Mapping[str, str]
    weather_types: Mapping[str, str]
    foreign: tuple[tuple[re.Pattern[str], Hazard], ...]
    same: Mapping[str, Hazard]
    awareness: Mapping[str, Hazard]
    severity: Mapping[str, Level]

    def name_in(self, text: str) -> str | None:
        """Return the longest Chinese name in *text*; of equally long ones the last."""
        found = [(len(name), text.rfind(name), name) for name in self.chinese if name in text]
        return max(found)[2] if found else None

    def named(self, name: str | None) -> Hazard | None:
        """Return the hazard of a Chinese *name* that may have more around it ("暴雨事件")."""
        known = self.name_in(name) if name else None
        return self.chinese[known] if known else None

    def coded(self, event_code: str | None) -> Hazard | None:
        """Return the hazard of an 11Bxx *event_code*."""
        return self.named(self.event_codes.get(event_code or ""))

    def foreign_hazard(self, text: str) -> Hazard | None:
        """Return the hazard that *text* names in another language."""
        lowered = text.lower()
        return next((hazard for pattern, hazard in self.foreign if pattern.search(lowered)), None)


def colour_in(text: str) -> Colour | None:
    """Return the colour *text* gives a warning: "橙色预警", and "橙预警" where 色 was left out."""
    found = _CHANGED_COLOUR.search(text) or _CHINESE_COLOUR.search(text)
    return _COLOURS[found[1]] if found else None


def level_in(text: str) -> Level | None:
    """Return the level of a Chinese headline: its colour, else its "[IV级/一般]"."""
    colour = colour_in(text)
    if colour is not None:
        return colour.level
    if found := _LEVEL_IN_WORDS.search(text):
        return Level[_ROMAN.get(found[1], found[1])]
    if found := _DEGREE_IN_WORDS.search(text):
        return _DEGREE[found[1]]
    return None


def colour_level(word: object) -> Level | None:
    """Return the level of a colour standing alone: "橙色", "橙", "Orange", "ORANGE"."""
    if not isinstance(word, str) or not word.strip():
        return None
    plain = word.strip()
    colour = _COLOURS.get(plain[0]) or Colour.__members__.get(plain.upper())
    return colour.level if colour else None


def english_level(headline: str) -> Level | None:
    """Return the level of "updates blue warning for ..."."""
    found = _ENGLISH_COLOUR.search(headline)
    return colour_level(found[1]) if found else None
