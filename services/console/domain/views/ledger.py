"""The ledger, a row a record."""

from dataclasses import dataclass
from datetime import datetime

from schemas.cap import Status


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One ledger record, with names beside its ids."""

    seq: int
    at: datetime
    status: Status
    fact: str
    label: str
    text: str
    callout_id: str | None
    chain_id: str | None
    attempt_id: str | None
    post_name: str
    person_name: str
    hash: str
