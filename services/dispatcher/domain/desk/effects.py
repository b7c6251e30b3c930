"""What handling an input comes to: ledger records, changed rows, things to do outside."""

from dataclasses import dataclass, field

from pydantic import JsonValue

from schemas.cap import Status
from schemas.dispatch import Fact
from services.dispatcher.domain.commands import Command
from services.dispatcher.domain.desk.stored_rows import Changes


@dataclass(frozen=True, slots=True)
class Draft:
    """A ledger record before it has its place in the chain of hashes."""

    fact: Fact
    status: Status
    values: dict[str, str | None]
    detail: dict[str, JsonValue]


@dataclass(slots=True)
class Effects:
    """What handling one or more inputs came to."""

    facts: list[Draft] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    rows: Changes = field(default_factory=dict)
    received: list[tuple[str, str, str]] = field(default_factory=list)
    """Shares of orders acknowledged: (callout id, order id, post), for the correlator."""
