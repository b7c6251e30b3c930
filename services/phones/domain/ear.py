"""
What a person understands: which key he is asked for, and the code he is told.

A code is learned only by hearing or reading it. It is a run of two or more digits, "4 7 2", "472",
"四、七、二" or "四七二", after 验证码, 确认码, code or 按; a run ends where its separator changes,
so that "确认码 4 7，2026 年" is 47.
"""

import re
from dataclasses import dataclass

_CHINESE = dict(zip("〇零一二三四五六七八九幺", "001234567891", strict=True))
_DIGIT = r"[0-9〇零一二三四五六七八九幺]"
_RUN = rf"(?:{_DIGIT}(?:(?P<gap>\s*[、，,.·\-]?\s*){_DIGIT}(?:(?P=gap){_DIGIT})*))"
_CODE_WORD = re.compile(r"验证码|确认码|\bcode\b", re.IGNORECASE)
_CODE_AFTER = re.compile(_RUN)
_KEYS_AFTER = re.compile(rf"(?:按|press)\s*[“\"「『]?\s*(?P<run>{_RUN})", re.IGNORECASE)
_KEY_AFTER = re.compile(
    rf"(?:按|press)\s*[“\"「『]?\s*(?P<key>{_DIGIT}|[*#])(?![下次遍个会])", re.IGNORECASE
)
_REACH = 40  # characters between the word "code" and its first digit
_URGE = re.compile(r"按|输入|键入|\b(?:press|enter|type)\b", re.IGNORECASE)
_BY_TEXT = re.compile(
    r"短信[^。！？]{0,20}回复|回复[^。！？]{0,20}短信|reply by SMS", re.IGNORECASE
)
_POUND = re.compile(r"井号|#|\bpound\b|\bhash\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a spoken text asks of the listener, as far as it has been heard."""

    key: str = ""
    code: str = ""
    wants_code: bool = False
    urges: bool = False
    """He is told to do something, not only told something."""
    ends_with_pound: bool = False
    by_text: bool = False
    """The answer is wanted as a text message, not by keys."""


def understand(text: str) -> Asked:
    """Return what *text* asks: the first single key, the first code, and how to end it."""
    run = _KEYS_AFTER.search(text)
    key = _KEY_AFTER.search(_without(text, run))
    code_word = _CODE_WORD.search(text)
    code = code_in(text) or (_digits(run["run"]) if run else "")
    return Asked(
        key=_digits(key["key"]) if key else "",
        code=code,
        wants_code=bool(code or code_word),
        urges=bool(_URGE.search(text)),
        ends_with_pound=bool(_POUND.search(text)),
        by_text=bool(_BY_TEXT.search(text)),
    )


def code_in(text: str) -> str:
    """Return the digits that follow the first word for "code" that has any, or nothing."""
    for word in _CODE_WORD.finditer(text):
        run = _CODE_AFTER.search(text, word.end())
        if run and run.start() - word.end() <= _REACH:
            return _digits(run[0])
    return ""


def _without(text: str, match: re.Match[str] | None) -> str:
    return text if match is None else text[: match.start()] + text[match.end() :]


def _digits(run: str) -> str:
    translated = (_CHINESE.get(sign, sign) for sign in run)
    return "".join(sign for sign in translated if sign.isdigit() or sign in "*#")
