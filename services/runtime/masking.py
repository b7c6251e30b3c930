"""Phone numbers out of log lines: whatever looks like one, wherever it stands."""

import re
from collections.abc import Mapping, MutableMapping
from datetime import date, timedelta
from enum import Enum
from typing import Any

MASK = "***"

# Seven digits or more, with or without a plus, also when blanks, hyphens or brackets stand between
# them. An instant is let through: it has as many digits, and a log without times is of no use.
_NUMBER = re.compile(
    r"(?P<instant>(?<!\d)\d{4}-[01]\d-[0-3]\d(?:[T ][0-2]\d:[0-5]\d(?::[0-6]\d(?:\.\d{1,9})?)?)?(?!\d))"
    r"|\+?\d(?:[ \-()]{0,2}\d){6,}"
)

# Values under these keys are ids, counts or codes of ours. "contact" and "text" are not among them.
_CLEAR_KEYS = frozenset(
    ("at", "hash", "identifier", "key", "offset", "place", "places", "point", "seq", "town")
)
_CLEAR_ENDINGS = ("_at", "_hash", "_id", "_ids", "_offset", "_ms")


def mask_numbers(text: str) -> str:
    """Return *text* with everything that looks like a phone number replaced."""
    return _NUMBER.sub(lambda match: match["instant"] or MASK, text)


def mask_event(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """
    Mask every text of a structlog event, as deep as it goes, except under the keys of our ids.

    It stands after whatever turns exceptions into text, and leaves only what JSON can say.
    """
    return {key: value if _is_clear(key, value) else _masked(value) for key, value in event.items()}


def _is_clear(key: str, value: object) -> bool:
    return isinstance(value, str) and (key in _CLEAR_KEYS or key.endswith(_CLEAR_ENDINGS))


def _masked(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | date():
            return value.value if isinstance(value, Enum) else value
        case str():
            return mask_numbers(value)
        case timedelta():
            return str(value)
        case Mapping():
            return {
                mask_numbers(str(key)): inner if _is_clear(str(key), inner) else _masked(inner)
                for key, inner in value.items()
            }
        case list() | tuple() | set() | frozenset():
            return [_masked(inner) for inner in value]
        case _:
            return mask_numbers(str(value))
