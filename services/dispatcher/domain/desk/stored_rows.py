"""The desk's rows where they are kept between processes: the kinds there are, and who reads them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from services.dispatcher.domain.asks.callout import Callout, Family
from services.dispatcher.domain.asks.chain import Chain
from services.dispatcher.domain.asks.inform import Inform
from services.dispatcher.domain.calls.accounts import Standing
from services.dispatcher.domain.calls.attempt import Attempt
from services.dispatcher.domain.desk.slips import AttemptSlip, ChainSlip
from services.dispatcher.domain.ladder.outage import Outage
from services.dispatcher.domain.ladder.task import Task

V = TypeVar("V")

Row = (
    Callout
    | Chain
    | ChainSlip
    | Attempt
    | AttemptSlip
    | Family
    | Inform
    | Task
    | Outage
    | Standing
    | datetime
    | tuple[()]
    | tuple[datetime, ...]
)
Changes = dict[tuple[str, str], Row | None]
"""What became of rows, by (name of the kind, key); None: the row is gone."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[V]):
    """One kind of rows, under the *name* that they are stored by."""

    name: str


CALLOUTS: Kind[Callout] = Kind("callout")
CHAINS: Kind[Chain] = Kind("chain")
CHAIN_SLIPS: Kind[ChainSlip] = Kind("chain_slip")
ATTEMPTS: Kind[Attempt] = Kind("attempt")
ATTEMPT_SLIPS: Kind[AttemptSlip] = Kind("attempt_slip")
FAMILIES: Kind[Family] = Kind("family")
INFORMS: Kind[Inform] = Kind("inform")
HISTORY: Kind[tuple[datetime, ...]] = Kind("history")
"""The calls of the last day, by contact."""
TASKS: Kind[Task] = Kind("task")
OUTAGES: Kind[Outage] = Kind("outage")
ACCOUNTS: Kind[Standing] = Kind("account")
NOTED_FOR_GOOD: Kind[tuple[()]] = Kind("noted_for_good")
NOTED: Kind[datetime] = Kind("noted")
"""Decisions read and messages received, by id: when."""


class StoredRows(Protocol):
    """The rows as they were stored last. Reading one must be quick: the desk waits for it."""

    def rows(self, kind: Kind[V]) -> Iterable[tuple[str, V]]:
        """Yield (key, row) of every row of *kind*."""
        ...

    def row(self, kind: Kind[V], key: str) -> V:
        """Return one row; KeyError when there is none."""
        ...
