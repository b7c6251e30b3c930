"""The JSON Schema of `phones.yaml`, which is read by hand: see `services/phones/adapters/habits_file.py`."""

from typing import Any

from services.phones.domain.person import Delivery, Habit, Reply

_HABIT = {"enum": [habit.value for habit in Habit]}
_SECONDS = {
    "type": "array",
    "items": {"type": "number", "minimum": 0},
    "minItems": 2,
    "maxItems": 2,
    "description": "The shortest and the longest, in seconds.",
}
_PERSON: dict[str, Any] = {
    "number": {"type": "string", "pattern": r"^\+[1-9][0-9]{6,14}$"},
    "label": {"type": "string"},
    "habit": {
        "anyOf": [_HABIT, {"type": "array", "items": _HABIT, "minItems": 1}],
        "description": "How he behaves; a list is one for each call, the last for the rest.",
    },
    "rings_s": _SECONDS,
    "reacts_s": _SECONDS,
    "replies_after_s": _SECONDS,
    "rings_back_after_s": _SECONDS,
    "hangs_up_after_s": {"type": "number", "minimum": 0},
    "replies": {"enum": [reply.value for reply in Reply]},
    "sms": {"enum": [delivery.value for delivery in Delivery]},
    "sms_refused_with": {"type": "integer", "description": "The carrier's error code."},
}

PHONES: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "default": {
            "type": "object",
            "additionalProperties": False,
            "properties": {key: value for key, value in _PERSON.items() if key != "number"},
        },
        "people": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": _PERSON,
                "required": ["number"],
            },
        },
    },
}
