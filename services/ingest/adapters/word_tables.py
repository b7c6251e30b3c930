"""Reads the tables of words that ship with ingest."""

import re
from importlib.resources import files

import yaml

from schemas.event import TipClass
from schemas.hazard import Hazard
from schemas.level import Level
from services.ingest.domain.hazard_words import HazardWords
from services.ingest.domain.tip_words import TipWords


def _table(name: str) -> dict[str, object]:
    text = (files("services.ingest") / "data" / name).read_text(encoding="utf-8")
    table: dict[str, object] = yaml.safe_load(text)
    return table


def _texts(table: object) -> dict[str, str]:
    if not isinstance(table, dict):
        raise TypeError("a table of words is a mapping")
    return {str(key): str(value) for key, value in table.items()}


def _pairs(table: object) -> list[tuple[str, str]]:
    if not isinstance(table, list):
        raise TypeError("a table of patterns is a list")
    return [(str(left), str(right)) for left, right in table]


def load_hazard_words() -> HazardWords:
    """Return the tables of `hazard_words.yaml`."""
    table = _table("hazard_words.yaml")
    return HazardWords(
        chinese={name: Hazard(value) for name, value in _texts(table["chinese"]).items()},
        event_codes=_texts(table["event_codes"]),
        picture_types=_texts(table["picture_types"]),
        short_types=_texts(table["short_types"]),
        weather_types=_texts(table["weather_types"]),
        foreign=tuple((re.compile(p), Hazard(value)) for p, value in _pairs(table["foreign"])),
        same={code: Hazard(value) for code, value in _texts(table["same"]).items()},
        awareness={code: Hazard(value) for code, value in _texts(table["awareness"]).items()},
        severity={word: Level[value] for word, value in _texts(table["severity"]).items()},
    )


def load_tip_words() -> TipWords:
    """Return the tables of `tip_words.yaml`."""
    table = _table("tip_words.yaml")
    classes, hazards = table["classes"], table["hazards"]
    return TipWords(
        classes=tuple((re.compile(p), TipClass(value)) for p, value in _pairs(classes)),
        hazards=tuple((re.compile(p), Hazard(value)) for p, value in _pairs(hazards)),
    )
