"""
The night lived through again from the ledger alone: each recorded input is taken once more, by the
same code and at the time it bears. What comes of it must be what is recorded and what is stored.

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
from services.dispatcher.adapters.desk_store import SERIAL, StoredBytes
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.inputs import Input
from services.dispatcher.domain.record.ledger import Head, seal
from services.dispatcher.domain.record.pack_digest import pack_digest
from services.dispatcher.domain.record.recorded_input import INPUT_FACTS, Loaded, input_of
from services.dispatcher.domain.record.taking import take
from services.district.domain.pack import Pack

MOST_TOLD = 20


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


@dataclass(frozen=True, slots=True)
class Difference:
    """*seq* is the record concerned, None for a row; *what* names the fact, the row or the pack."""

    parting: Parting
    seq: int | None
    what: str


class _PartedError(Exception):
    def __init__(self, parting: Parting, what: str) -> None:
        super().__init__(f"{parting}: {what}")
        self.parting = parting
        self.what = what


class Rebuilding:
    """
    Give it every record in order with `take`, then compare the rows with `finish`.

    It stops at the first record that parts: all behind it follows from another state.
    """

    def __init__(self, packs: Iterable[Pack], district: str) -> None:
        self._packs = {pack_digest(pack): pack for pack in packs}
        self._district = district
        self._copy = DeskCopy()
        self._desk: Desk | None = None
        self._expected: deque[bytes] = deque()
        self._seq = 0
        self.inputs = 0
        self.differences: list[Difference] = []

    def take(self, data: bytes) -> None:
        """Look at the next record."""
        if self.differences:
            return
        body = orjson.loads(data)
        self._seq = body["seq"]
        try:
            if not self._expected:
                self._expected.extend(self._came_of(body))
            self._match(self._expected.popleft(), data, body)
        except _PartedError as parted:
            self.differences.append(Difference(parted.parting, self._seq, parted.what))

    def finish(self, stored: StoredBytes | None = None) -> None:
        """Compare what was rebuilt with the rows that are *stored*; None: there are none to compare."""
        if self._expected and not self.differences:
            missing = orjson.loads(self._expected[0])
            parted = Difference(Parting.RECORD_MISSING, self._seq + 1, missing["fact"])
            self.differences.append(parted)
        if stored is not None and not self.differences:
            self._compare(stored)

    def _came_of(self, body: dict[str, Any]) -> list[bytes]:
        """Take the input that *body* records once more; return the records that come of it."""
        what, loaded = _input(body)
        if loaded is not None:
            self._load(loaded)
        if self._desk is None:
            raise _PartedError(Parting.RECORD_UNEXPLAINED, body["fact"])
        self.inputs += 1
        at = datetime.fromisoformat(body["at"])
        try:
            _, effects = take(self._desk, what, at, loaded)
        except Exception as error:  # whatever it is, it did not happen that night
            said = f"{type(what).__name__}: {type(error).__name__}"
            raise _PartedError(Parting.INPUT_FAILED, said) from error
        self._copy.note(effects, self._desk.serial)
        head = Head(body["seq"] - 1, body["prev_hash"])
        records, _ = seal(effects.facts, self._district, head, at)
        if not records:
            raise _PartedError(Parting.RECORD_UNEXPLAINED, type(what).__name__)
        return records

    def _load(self, loaded: Loaded) -> None:
        pack = self._packs.get(loaded.pack)
        if pack is None:
            raise _PartedError(Parting.PACK_MISSING, loaded.pack)
        self._desk = Desk(pack, loaded.capabilities)
        self._copy.load(self._desk, loaded.at)

    def _match(self, expected: bytes, data: bytes, body: dict[str, Any]) -> None:
        if expected == data:
            return
        came = orjson.loads(expected)
        if came["fact"] != body["fact"] and body["fact"] in INPUT_FACTS:
            raise _PartedError(Parting.RECORD_MISSING, came["fact"])
        raise _PartedError(Parting.RECORD_DIFFERS, _named(came, body))

    def _compare(self, stored: StoredBytes) -> None:
        for space, rebuilt in self._copy.as_stored().items():
            mine, theirs = dict(rebuilt), dict(stored.get(space, ()))
            if space == SERIAL and not theirs:
                theirs = {SERIAL: b"0"}
            for key in sorted(mine.keys() | theirs.keys()):
                if mine.get(key) != theirs.get(key) and len(self.differences) < MOST_TOLD:
                    parting = _parting_of_row(mine, theirs, key)
                    self.differences.append(Difference(parting, None, f"{space} {key}"))


def rebuild(
    records: Iterable[bytes],
    packs: Iterable[Pack],
    district: str,
    stored: StoredBytes | None = None,
) -> Rebuilding:
    """Return the rebuilding of the ledger *records*, compared with what is *stored*."""
    rebuilding = Rebuilding(packs, district)
    for data in records:
        rebuilding.take(data)
    rebuilding.finish(stored)
    return rebuilding


def _input(body: dict[str, Any]) -> tuple[Input, Loaded | None]:
    if body["fact"] not in INPUT_FACTS:
        raise _PartedError(Parting.RECORD_UNEXPLAINED, body["fact"])
    try:
        return input_of(Fact(body["fact"]), body.get("detail", {}))
    except ValueError as error:
        raise _PartedError(Parting.INPUT_UNREADABLE, body["fact"]) from error


def _named(expected: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    if expected["fact"] != found["fact"]:
        return f"{expected['fact']} ({found['fact']})"
    parts = [
        key
        for key in sorted(expected.keys() | found.keys())
        if key != "hash" and expected.get(key) != found.get(key)
    ]
    return f"{expected['fact']}: {', '.join(parts) or 'hash'}"


def _parting_of_row(mine: Mapping[str, bytes], theirs: Mapping[str, bytes], key: str) -> Parting:
    if key not in theirs:
        return Parting.ROW_MISSING
    return Parting.ROW_DIFFERS if key in mine else Parting.ROW_UNEXPLAINED
