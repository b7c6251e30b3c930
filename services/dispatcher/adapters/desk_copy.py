"""The desk's rows in memory: what a store would hold had it lived through the same night."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self, TypeVar

from services.dispatcher.adapters.desk_store import SERIAL, StoredBytes, space_of
from services.dispatcher.adapters.row_codec import KINDS, decode_row, decode_rows, encode_rows
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.desk.effects import Effects
from services.dispatcher.domain.desk.refill import refill
from services.dispatcher.domain.desk.stored_rows import Kind
from services.runtime.bus import Bus

V = TypeVar("V")


class DeskCopy:
    """Takes effects as the store does, and fills a desk as the store does."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, bytes]] = {name: {} for name in KINDS}
        self._serial = 0

    @classmethod
    def of(cls, bus: Bus, district: str) -> Self:
        """Return a copy of what *bus* holds of *district*."""
        copy = cls()
        for name in KINDS:
            copy._kept[name].update(bus.values(space_of(district, name)))
        serial = bus.value(space_of(district, SERIAL), SERIAL)
        copy._serial = int(serial) if serial is not None else 0
        return copy

    def note(self, effects: Effects, serial: int) -> None:
        """Keep the rows of *effects*, and the serial that the next id comes from."""
        for name, key, data in encode_rows(effects.rows):
            if data is None:
                self._kept[name].pop(key, None)
            else:
                self._kept[name][key] = data
        self._serial = serial

    def load(self, desk: Desk, now: datetime) -> None:
        """Fill the empty *desk* and arm what is due at *now*."""
        refill(desk, self, self._serial, now)

    def rows(self, kind: Kind[V]) -> Iterable[tuple[str, V]]:
        """Return (key, row) of every row of *kind*."""
        return decode_rows(kind, sorted(self._kept[kind.name].items()))

    def row(self, kind: Kind[V], key: str) -> V:
        """Return one row; KeyError when there is none."""
        return decode_row(kind, self._kept[kind.name][key])

    def as_stored(self) -> StoredBytes:
        """Return every row as the store would, in the order of the keys."""
        found = {name: sorted(rows.items()) for name, rows in self._kept.items()}
        found[SERIAL] = [(SERIAL, str(self._serial).encode())]
        return found
