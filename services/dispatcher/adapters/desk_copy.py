"""The desk's rows in memory: what a store would hold had it lived through the same night."""

from datetime import datetime

from services.dispatcher.adapters.desk_store import SERIAL, SPACES, StoredRows, encode_rows, fill
from services.dispatcher.domain.desk import Desk, Effects


class DeskCopy:
    """Takes effects as the store does, and fills a desk as the store does."""

    def __init__(self) -> None:
        self._kept = Effects()
        self._serial = 0

    def note(self, effects: Effects, serial: int) -> None:
        """Keep the rows of *effects*, and the serial that the next id comes from."""
        for place, row in effects.rows.items():
            if row is None:
                self._kept.rows.pop(place, None)
            else:
                self._kept.rows[place] = row
        self._serial = serial

    def load(self, desk: Desk, now: datetime) -> None:
        """Fill the empty *desk* and arm what is due at *now*."""
        fill(desk, self.rows(), now)

    def rows(self) -> StoredRows:
        """Return every row as the store would, in the order of the keys."""
        found: dict[str, list[tuple[str, bytes]]] = {space: [] for space in SPACES}
        for space, key, data in encode_rows(self._kept):
            if data is not None:
                found[space].append((key, data))
        for rows in found.values():
            rows.sort()
        found[SERIAL] = [(SERIAL, str(self._serial).encode())]
        return found
