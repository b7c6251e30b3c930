"""
The night lived through again from the ledger: each recorded input is taken once more, by the same
code and at the time it bears, and must come to the same records, byte for byte.

There is no carrier here: what would be asked of one is dropped.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from schemas.dispatch import Fact
from services.dispatcher.adapters.desk_copy import DeskCopy
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.desk.effects import Effects
from services.dispatcher.domain.inputs import Input
from services.dispatcher.domain.record.ledger import Head, seal
from services.dispatcher.domain.record.pack_digest import pack_digest
from services.dispatcher.domain.record.recorded_input import INPUT_FACTS, Loaded, input_of
from services.dispatcher.domain.record.taking import take
from services.district.domain.pack import Pack


class Parting(StrEnum):
    """How what was rebuilt can part from what is there."""

    RECORD_DIFFERS = "record_differs"
    RECORD_MISSING = "record_missing"
    """An input came to a fact that is not recorded."""
    RECORD_UNEXPLAINED = "record_unexplained"
    """A fact that no recorded input came to."""
    INPUT_UNREADABLE = "input_unreadable"
    INPUT_FAILED = "input_failed"
    """Taking the input again raised an error."""
    PACK_MISSING = "pack_missing"
    """From here on it was decided with a district pack that was not given."""
    ROW_DIFFERS = "row_differs"
    ROW_MISSING = "row_missing"
    """It should be stored, and is not."""
    ROW_UNEXPLAINED = "row_unexplained"
    """It is stored, and nothing recorded led to it."""


class PartedError(Exception):
    """What was lived through again parts from the ledger; *what* names the fact, or the pack."""

    def __init__(self, parting: Parting, what: str) -> None:
        super().__init__(f"{parting}: {what}")
        self.parting = parting
        self.what = what


@dataclass(frozen=True, slots=True)
class Lived:
    """An input that was taken again at *at*, and what came of it at *desk*."""

    what: Input
    at: datetime
    effects: Effects
    desk: Desk


class Reliving:
    """
    Give it every record in order with `take`; *copy* holds the rows that the first of them finds.

    After a PartedError it is of no use: all behind that record follows from another state.
    """

    def __init__(self, packs: Iterable[Pack], district: str, copy: DeskCopy | None = None) -> None:
        self._packs = {pack_digest(pack): pack for pack in packs}
        self._district = district
        self._desk: Desk | None = None
        self._expected: deque[bytes] = deque()
        self.copy = copy or DeskCopy()
        self.seq = 0
        """The record that was looked at last."""

    def take(self, data: bytes) -> Lived | None:
        """Look at the next record; return the input that it begins with, if it does."""
        body = orjson.loads(data)
        self.seq = body["seq"]
        lived = None
        if not self._expected:
            lived = self._lived(body)
        _match(self._expected.popleft(), data, body)
        return lived

    def missing(self) -> str | None:
        """Return the fact that should have followed the last record, if one should."""
        if not self._expected:
            return None
        fact: str = orjson.loads(self._expected[0])["fact"]
        return fact

    def _lived(self, body: dict[str, Any]) -> Lived:
        """Take the input that *body* records once more, and expect the records that come of it."""
        what, loaded = _input(body)
        if loaded is not None:
            self._load(loaded)
        if self._desk is None:
            raise PartedError(Parting.RECORD_UNEXPLAINED, body["fact"])
        at = datetime.fromisoformat(body["at"])
        try:
            _, effects = take(self._desk, what, at, loaded)
        except Exception as error:  # whatever it is, it did not happen that night
            said = f"{type(what).__name__}: {type(error).__name__}"
            raise PartedError(Parting.INPUT_FAILED, said) from error
        self.copy.note(effects, self._desk.serial)
        head = Head(body["seq"] - 1, body["prev_hash"])
        records, _ = seal(effects.facts, self._district, head, at)
        if not records:
            raise PartedError(Parting.RECORD_UNEXPLAINED, type(what).__name__)
        self._expected.extend(records)
        return Lived(what, at, effects, self._desk)

    def _load(self, loaded: Loaded) -> None:
        pack = self._packs.get(loaded.pack)
        if pack is None:
            raise PartedError(Parting.PACK_MISSING, loaded.pack)
        self._desk = Desk(pack, loaded.capabilities)
        self.copy.load(self._desk, loaded.at)


def begins_with_a_load(data: bytes) -> bool:
    """Whether the record *data* is that of an input before which the desk was read from its rows."""
    # Most records hold no such word, and need not be read for that.
    return b'"loaded_at"' in data and "loaded_at" in orjson.loads(data).get("detail", {})


def _match(expected: bytes, data: bytes, body: dict[str, Any]) -> None:
    if expected == data:
        return
    came = orjson.loads(expected)
    if came["fact"] != body["fact"] and body["fact"] in INPUT_FACTS:
        raise PartedError(Parting.RECORD_MISSING, came["fact"])
    raise PartedError(Parting.RECORD_DIFFERS, _named(came, body))


def _input(body: dict[str, Any]) -> tuple[Input, Loaded | None]:
    if body["fact"] not in INPUT_FACTS:
        raise PartedError(Parting.RECORD_UNEXPLAINED, body["fact"])
    try:
        return input_of(Fact(body["fact"]), body.get("detail", {}))
    except ValueError as error:
        raise PartedError(Parting.INPUT_UNREADABLE, body["fact"]) from error


def _named(expected: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    if expected["fact"] != found["fact"]:
        return f"{expected['fact']} ({found['fact']})"
    parts = [
        key
        for key in sorted(expected.keys() | found.keys())
        if key != "hash" and expected.get(key) != found.get(key)
    ]
    return f"{expected['fact']}: {', '.join(parts) or 'hash'}"
