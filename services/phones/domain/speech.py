"""
How long words take, and where a speaker draws breath.
"""

import re
from datetime import timedelta

_PHRASE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*[”』」)）]*")
_LATIN_WEIGHT = 0.3  # about 15 letters a second beside 4.5 characters
_MARK_WEIGHT = 0.5
_LAST_LATIN = 0x24F


def phrases(text: str) -> list[str]:
    """Cut *text* after each sentence; a person hears one phrase after the other."""
    return [found.strip() for found in _PHRASE.findall(text) if any(map(str.isalnum, found))]


def spoken_for(phrase: str, chars_per_s: float) -> timedelta:
    """
    Return how long *phrase* takes at *chars_per_s* Chinese characters or digits a second.

    Newsreaders speak about 4.5 a second: a message of 90 characters takes 20 s.
    """
    return timedelta(milliseconds=round(1000 * sum(map(_weight, phrase)) / chars_per_s))


def _weight(sign: str) -> float:
    if sign.isspace():
        return 0.0
    if sign.isdigit():
        return 1.0
    if sign.isalpha():
        return _LATIN_WEIGHT if ord(sign) <= _LAST_LATIN else 1.0
    return _MARK_WEIGHT
