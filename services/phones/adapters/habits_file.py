"""
The people of a district pack's `phones.yaml`: who has which number, and how he behaves.

    default: {habit: coder}
    people:
      - {number: "+8619900000231", label: 村书记, habit: [never, coder], rings_s: [5, 15], replies: code}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from services.phones.domain.draw import seconds
from services.phones.domain.errors import BadHabitsError
from services.phones.domain.person import Delivery, Habit, Person, Reply

_SPANS = {
    "rings_s": "rings",
    "reacts_s": "reacts",
    "replies_after_s": "replies_after",
    "rings_back_after_s": "rings_back_after",
}
_KNOWN = frozenset(
    {"number", "label", "habit", "hangs_up_after_s", "replies", "sms", "sms_refused_with", *_SPANS}
)


@dataclass(frozen=True, slots=True)
class Town:
    """Everybody who is listed, and how everybody else behaves."""

    people: tuple[Person, ...] = ()
    default: Person = field(default_factory=lambda: Person(number=""))


def load_town(path: Path) -> Town:
    """Read the file at *path*. Raises BadHabitsError, also when it is not YAML."""
    try:
        return parse_town(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as exc:
        raise BadHabitsError("not YAML") from exc


def parse_town(document: Any) -> Town:
    """Read what the file holds. Raises BadHabitsError naming the entry and the field."""
    if document is None:
        return Town()
    if not isinstance(document, Mapping) or set(document) - {"default", "people"}:
        raise BadHabitsError("the file holds default and people, nothing else")
    people = tuple(
        _person(entry, f"people[{index}]", needs_number=True)
        for index, entry in enumerate(document.get("people") or ())
    )
    if len({person.number for person in people}) < len(people):
        raise BadHabitsError("a number is listed twice")
    return Town(people, _person(document.get("default") or {}, "default", needs_number=False))


def _person(entry: Any, where: str, *, needs_number: bool) -> Person:
    if not isinstance(entry, Mapping):
        raise BadHabitsError(f"{where} is not a mapping")
    unknown = sorted(map(str, set(entry) - _KNOWN))
    if unknown:
        raise BadHabitsError(f"{where}: unknown {', '.join(unknown)}")
    if needs_number and not str(entry.get("number", "")).startswith("+"):
        raise BadHabitsError(f"{where}.number must begin with +")
    habits = entry.get("habit", "coder")
    fields: dict[str, Any] = {
        ours: _span(entry[theirs], f"{where}.{theirs}")
        for theirs, ours in _SPANS.items()
        if theirs in entry
    }
    try:
        if "hangs_up_after_s" in entry:
            fields["hangs_up_after"] = timedelta(seconds=float(entry["hangs_up_after_s"]))
        if "sms_refused_with" in entry:
            fields["refuses_texts_with"] = int(entry["sms_refused_with"])
        if "sms" in entry:
            fields["delivery"] = Delivery(entry["sms"])
        return Person(
            number=str(entry.get("number", "")),
            label=str(entry.get("label", "")),
            habits=tuple(map(Habit, [habits] if isinstance(habits, str) else habits)),
            reply=Reply(entry.get("replies", "none")),
            **fields,
        )
    except (TypeError, ValueError) as exc:
        raise BadHabitsError(f"{where}: {exc}") from exc


def _span(value: Any, where: str) -> tuple[timedelta, timedelta]:
    match value:
        case [int() | float() as shortest, int() | float() as longest] if 0 <= shortest <= longest:
            return seconds(shortest, longest)
        case _:
            raise BadHabitsError(f"{where} must be two numbers of seconds, the smaller first")
