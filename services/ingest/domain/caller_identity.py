"""Who called: what of a tip tells it, and how it is kept out of everything that travels."""

import re
from dataclasses import dataclass

_NUMBERS = re.compile(
    r"(?<!\d)(?:\d{17}[\dXx]|(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}"
    r"|0\d{2,3}[- ]?\d{7,8}|\d{7,8}(?=(?:打|联系|找我)))(?!\d)"
)
_HIDDEN = "〔号码已隐去〕"
_COUNTRY = "86"
_MOBILE_DIGITS = 11


@dataclass(frozen=True, slots=True)
class Caller:
    """The identity as given; never in a log, a topic or an error. *number* is normalised."""

    number: str
    name: str

    def __repr__(self) -> str:
        return "Caller(…)"

    @property
    def mark(self) -> str:
        """What makes two calls the same person's: the number, or the name where there is none."""
        return self.number or self.name.strip()


def read_caller(given: object) -> Caller | None:
    """Return the caller in *given*, a number or an object with `number` and `name`; or None."""
    if isinstance(given, dict):
        number = given.get("number") or given.get("phone") or ""
        name = given.get("name") or ""
    else:
        number, name = given, ""
    if isinstance(number, int) and not isinstance(number, bool):
        number = str(number)
    if not isinstance(number, str) or not isinstance(name, str):
        return None
    digits = re.sub(r"[^0-9]", "", number)
    if digits.startswith(_COUNTRY) and len(digits) == _MOBILE_DIGITS + len(_COUNTRY):
        digits = digits.removeprefix(_COUNTRY)
    # A "number" without digits is what somebody typed where the number goes: a name.
    caller = Caller(digits, name.strip() or ("" if digits else number.strip()))
    return caller if caller.mark else None


def without_identity(text: str, caller: Caller | None) -> str:
    """Return *text* with phone and identity numbers, and the caller's own name, left out."""
    told = _NUMBERS.sub(_HIDDEN, text)
    if caller is not None and caller.number:
        told = told.replace(caller.number, _HIDDEN)
    if caller is not None and len(caller.name) > 1:
        told = told.replace(caller.name, "〔姓名已隐去〕")
    return told
