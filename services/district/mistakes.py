"""What is wrong with a value of a pack's file, in words for who wrote the file."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

_SECRET_KEYS = frozenset({"number", "key_sha256"})
_LONGEST_SHOWN = 60
_MOST_SHOWN = 12

_WORDS = {
    "decimal": "a number is wanted",
    "int": "a whole number is wanted",
    "float": "a number is wanted",
    "bool": "true or false is wanted",
    "string": "a text is wanted",
    "tuple": "a list is wanted",
    "dict": "keys with values are wanted",
    "model": "keys with values are wanted",
    "time": "a time of day is written HH:MM",
    "datetime": "a time is written with its offset, such as 2026-09-19T20:00:00+08:00",
    "timezone": "a time is written with its offset, such as 2026-09-19T20:00:00+08:00",
    "too": "it may not be empty",
}
"""By the first word of the type of a mistake, where our words are plainer."""
_PATTERNS = {
    "number": "a number is written as in E.164, such as +8613…",
    "key_sha256": "the SHA-256 of a key is 64 digits of 0-9a-f",
    "district": "the code of a district has 6 digits",
}


def words_for(found: Mapping[str, Any]) -> str:
    """Return the mistake *found* by pydantic in words; a number or a key is never repeated."""
    keys = [step for step in found["loc"] if isinstance(step, str) and step != "[key]"]
    key = keys[-1] if keys else ""
    if found["type"] == "extra_forbidden":
        return f"unknown key {key!r}"
    if found["type"] == "missing":
        return f"missing key {key!r}"
    message = f"{key}: {_message(found, key)}" if key else _message(found, key)
    shown = str(found["input"])
    if _SECRET_KEYS & set(keys):
        return message
    if len(shown) > _LONGEST_SHOWN or isinstance(found["input"], dict | list):
        return message
    return f"{message}; found {shown!r}"


def _none_of(known: list[str], written: str) -> str:
    if len(known) <= _MOST_SHOWN:
        return f"it is one of {', '.join(known)}"
    near = get_close_matches(written, known, n=1)
    meant = f", did you mean {near[0]}?" if near else f", such as {', '.join(known[:3])}"
    return f"none of the {len(known)} that are known{meant}"


def _message(found: Mapping[str, Any], key: str) -> str:
    kind: str = found["type"]
    context = found.get("ctx", {})
    if kind in {"enum", "literal_error"}:
        return _none_of(re.findall(r"'([^']*)'", str(context["expected"])), str(found["input"]))
    if kind == "string_pattern_mismatch" and key in _PATTERNS:
        return _PATTERNS[key]
    if kind == "string_too_short":
        return _WORDS["too"]
    if kind.startswith(("greater_than", "less_than")):
        bound = next(iter(context.values()))
        words = {"greater_than": "more than", "greater_than_equal": "at least"}
        words |= {"less_than": "less than", "less_than_equal": "at most"}
        return f"it is {words[kind]} {bound}"
    own = found["msg"].removeprefix("Value error, ")
    if kind in {"value_error", "condition"}:
        return str(own)
    return _WORDS.get(kind.partition("_")[0], str(own))
