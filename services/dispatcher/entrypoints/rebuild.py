"""
Whether the night comes out of its ledger again: it is lived through once more (`reliving.py`), and
what comes of it must be what is recorded and what is stored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.dispatcher.adapters.desk_store import SERIAL, StoredBytes
from services.dispatcher.entrypoints.reliving import PartedError, Parting, Reliving
from services.district.domain.pack import Pack

MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """*seq* is the record concerned, None for a row; *what* names the fact, the row or the pack."""

    parting: Parting
    seq: int | None
    what: str


class Rebuilding:
    """
    Give it every record in order with `take`, then compare the rows with `finish`.

    It stops at the first record that parts: all behind it follows from another state.
    """

    def __init__(self, packs: Iterable[Pack], district: str) -> None:
        self._reliving = Reliving(packs, district)
        self.inputs = 0
        self.differences: list[Difference] = []

    def take(self, data: bytes) -> None:
        """Look at the next record."""
        if self.differences:
            return
        try:
            if self._reliving.take(data) is not None:
                self.inputs += 1
        except PartedError as parted:
            self.differences.append(Difference(parted.parting, self._reliving.seq, parted.what))

    def finish(self, stored: StoredBytes | None = None) -> None:
        """Compare what was rebuilt with the rows that are *stored*; None: there are none to compare."""
        missing = None if self.differences else self._reliving.missing()
        if missing is not None:
            seq = self._reliving.seq + 1
            self.differences.append(Difference(Parting.RECORD_MISSING, seq, missing))
        if stored is not None and not self.differences:
            self._compare(stored)

    def _compare(self, stored: StoredBytes) -> None:
        for space, rebuilt in self._reliving.copy.as_stored().items():
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


def _parting_of_row(mine: Mapping[str, bytes], theirs: Mapping[str, bytes], key: str) -> Parting:
    if key not in theirs:
        return Parting.ROW_MISSING
    return Parting.ROW_DIFFERS if key in mine else Parting.ROW_UNEXPLAINED
