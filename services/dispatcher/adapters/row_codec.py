"""The desk's rows as bytes: the JSON of a frozen value, by the kind of row."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

from services.dispatcher.domain.asks.callout import Callout, Family
from services.dispatcher.domain.asks.chain import Chain
from services.dispatcher.domain.asks.inform import Inform
from services.dispatcher.domain.calls.accounts import Standing
from services.dispatcher.domain.calls.attempt import Attempt
from services.dispatcher.domain.desk.slips import AttemptSlip, ChainSlip
from services.dispatcher.domain.desk.stored_rows import (
    ACCOUNTS,
    ATTEMPT_SLIPS,
    ATTEMPTS,
    CALLOUTS,
    CHAIN_SLIPS,
    CHAINS,
    FAMILIES,
    HISTORY,
    INFORMS,
    NOTED,
    NOTED_FOR_GOOD,
    OUTAGES,
    TASKS,
    Changes,
    Kind,
)
from services.dispatcher.domain.ladder.outage import Outage
from services.dispatcher.domain.ladder.task import Task
from services.dispatcher.ports import EncodedRows

V = TypeVar("V")

_ADAPTERS: dict[str, TypeAdapter[Any]] = {
    CALLOUTS.name: TypeAdapter(Callout),
    CHAINS.name: TypeAdapter(Chain),
    CHAIN_SLIPS.name: TypeAdapter(ChainSlip),
    ATTEMPTS.name: TypeAdapter(Attempt),
    ATTEMPT_SLIPS.name: TypeAdapter(AttemptSlip),
    FAMILIES.name: TypeAdapter(Family),
    INFORMS.name: TypeAdapter(Inform),
    HISTORY.name: TypeAdapter(tuple[datetime, ...]),
    NOTED.name: TypeAdapter(datetime),
    NOTED_FOR_GOOD.name: TypeAdapter(tuple[()]),
    TASKS.name: TypeAdapter(Task),
    OUTAGES.name: TypeAdapter(Outage),
    ACCOUNTS.name: TypeAdapter(Standing),
}
KINDS = tuple(_ADAPTERS)
"""The names of all kinds of rows."""


def encode_rows(changes: Changes) -> EncodedRows:
    """Return *changes* as bytes."""
    return [
        (name, key, None if row is None else _ADAPTERS[name].dump_json(row))
        for (name, key), row in changes.items()
    ]


def decode_row(kind: Kind[V], data: bytes) -> V:
    """Return the row of *kind* that *data* is."""
    return cast("V", _ADAPTERS[kind.name].validate_json(data))


def decode_rows(kind: Kind[V], stored: Iterable[tuple[str, bytes]]) -> Iterable[tuple[str, V]]:
    """Yield (key, row) of every row of *kind* in *stored*."""
    validate = _ADAPTERS[kind.name].validate_json
    return ((key, validate(data)) for key, data in stored)
