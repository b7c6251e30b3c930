"""
The desk's rows in the bus's store: written in the transaction that writes the ledger, read once
at the start. A row is the JSON of a frozen value; its space says of which kind.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from services.dispatcher.domain.accounts import Standing
from services.dispatcher.domain.attempt import Attempt
from services.dispatcher.domain.callout import Callout, Family
from services.dispatcher.domain.chain import Chain
from services.dispatcher.domain.desk import Desk, Effects
from services.dispatcher.domain.inform import Inform
from services.dispatcher.domain.outage import Outage
from services.dispatcher.domain.task import Task
from services.dispatcher.ports import EncodedRows
from services.runtime.bus import Bus, Transaction

SERIAL = "serial"
_ADAPTERS: dict[str, TypeAdapter[Any]] = {
    "callout": TypeAdapter(Callout),
    "chain": TypeAdapter(Chain),
    "attempt": TypeAdapter(Attempt),
    "family": TypeAdapter(Family),
    "inform": TypeAdapter(Inform),
    "task": TypeAdapter(Task),
    "outage": TypeAdapter(Outage),
    "account": TypeAdapter(Standing),
    "history": TypeAdapter(tuple[datetime, ...]),
    "noted": TypeAdapter(tuple[()]),
}


SPACES = (*_ADAPTERS, SERIAL)
StoredRows = Mapping[str, Sequence[tuple[str, bytes]]]
"""By space: (key, value) of each row, in the order of the keys."""


def encode_rows(effects: Effects) -> EncodedRows:
    """Return the rows of *effects* as bytes."""
    return [
        (name, key, None if row is None else _ADAPTERS[name].dump_json(row))
        for (name, key), row in effects.rows.items()
    ]


class SqliteDeskStore:
    """The `DeskStore` over a bus that has transactions with values."""

    def __init__(self, bus: Bus, district: str) -> None:
        self._bus = bus
        self._district = district

    def _space(self, name: str) -> str:
        return f"dispatcher/{self._district}/{name}"

    def encode(self, effects: Effects) -> EncodedRows:
        """Return the rows of *effects* as bytes."""
        return encode_rows(effects)

    def write(self, tx: Transaction, rows: EncodedRows, serial: int) -> None:
        """Write *rows*, and the serial that the next id comes from."""
        for name, key, data in rows:
            if data is None:
                tx.delete(self._space(name), key)
            else:
                tx.put(self._space(name), key, data)
        tx.put(self._space(SERIAL), SERIAL, str(serial).encode())

    async def load(self, desk: Desk, now: datetime) -> None:
        """Fill the empty *desk* and arm what is due."""
        fill(desk, await self._bus.transact(self._read), now)

    def _read(self, tx: Transaction) -> StoredRows:
        return {name: tx.scan(self._space(name)) for name in SPACES}


def fill(desk: Desk, stored: StoredRows, now: datetime) -> None:
    """Fill the empty *desk* from *stored* and arm what is due."""
    serial = stored[SERIAL]
    desk.serial = int(serial[0][1]) if serial else 0

    def rows(name: str) -> list[tuple[str, Any]]:
        return [(key, _ADAPTERS[name].validate_json(data)) for key, data in stored[name]]

    desk.noted.update(key for key, _ in stored["noted"])
    callouts = [callout for _, callout in rows("callout")]
    for callout in sorted(callouts, key=lambda c: (c.opened_at, c.callout_id)):
        desk.adopt_callout(callout)
    desk.families.update(rows("family"))
    for _, standing in rows("account"):
        desk.accounts.adopt(standing)
    for contact, rung in rows("history"):
        desk.callees.restore(contact, rung)
    for _, attempt in rows("attempt"):
        desk.adopt_attempt(attempt)
    desk.restore_starts(now)
    chains = [chain for _, chain in rows("chain")]
    for chain in sorted(chains, key=lambda c: (c.opened_at, c.chain_id)):
        desk.adopt_chain(chain, now)
    desk.take_unplanned()  # they were planned when they were opened
    for _, task in rows("task"):
        desk.adopt_task(task)
    for _, outage in rows("outage"):
        desk.adopt_outage(outage)
    for _, inform in rows("inform"):
        desk.adopt_inform(inform)
