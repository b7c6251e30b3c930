"""
The desk's rows in the bus's store: written in the transaction that writes the ledger. At the start
the slips are read and what is few; every other row when it is named.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from services.dispatcher.adapters.row_codec import decode_row, decode_rows, encode_rows
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.desk.effects import Effects
from services.dispatcher.domain.desk.refill import refill
from services.dispatcher.domain.desk.stored_rows import Kind
from services.dispatcher.ports import Behind, EncodedRows
from services.runtime.bus import Bus, Transaction

V = TypeVar("V")

SERIAL = "serial"
StoredBytes = Mapping[str, Sequence[tuple[str, bytes]]]
"""By the name of the kind: (key, value) of each row, in the order of the keys."""


def space_of(district: str, name: str) -> str:
    """Return the space of the rows *name* of *district*."""
    return f"dispatcher/{district}/{name}"


class SqliteDeskStore:
    """The `DeskStore`, and the `StoredRows`, over a bus that has transactions with values."""

    def __init__(self, bus: Bus, district: str) -> None:
        self._bus = bus
        self._district = district

    def _space(self, name: str) -> str:
        return space_of(self._district, name)

    def encode(self, effects: Effects) -> EncodedRows:
        """Return the rows of *effects* as bytes."""
        return encode_rows(effects.rows)

    def write(self, tx: Transaction, rows: EncodedRows, serial: int, behind: Behind) -> None:  # noqa: ARG002 - what is written with the ledger never lags behind it
        """Write *rows*, and the serial that the next id comes from."""
        for name, key, data in rows:
            if data is None:
                tx.delete(self._space(name), key)
            else:
                tx.put(self._space(name), key, data)
        tx.put(self._space(SERIAL), SERIAL, str(serial).encode())

    async def load(self, desk: Desk, now: datetime) -> None:
        """Fill the empty *desk* and arm what is due."""
        serial = self._bus.value(self._space(SERIAL), SERIAL)
        refill(desk, self, int(serial) if serial is not None else 0, now)

    def rows(self, kind: Kind[V]) -> Iterable[tuple[str, V]]:
        """Return (key, row) of every durable row of *kind*."""
        return decode_rows(kind, self._bus.values(self._space(kind.name)))

    def row(self, kind: Kind[V], key: str) -> V:
        """Return one durable row; KeyError when there is none."""
        data = self._bus.value(self._space(kind.name), key)
        if data is None:
            raise KeyError(key)
        return decode_row(kind, data)
