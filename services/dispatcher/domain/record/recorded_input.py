"""
Inputs as the ledger keeps them: each with the facts it brought about behind it, so that the night
can be lived through again from the ledger alone.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from pydantic import JsonValue, TypeAdapter

from schemas.cap import Status
from schemas.dispatch import Fact
from services.dispatcher.domain.calls.capabilities import EVERYTHING, Capabilities
from services.dispatcher.domain.desk.effects import Draft
from services.dispatcher.domain.inputs import DecisionRead, Input
from services.dispatcher.domain.record.ledger import in_utc_text

_ADAPTERS: dict[str, TypeAdapter[Any]] = {
    kind.__name__: TypeAdapter(kind) for kind in get_args(Input)
}
INPUT_FACTS = frozenset({Fact.DECISION_READ, Fact.INPUT_TAKEN})
"""A record with one of these begins what one input came to."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The desk was read from the store at *at*, by a process that knows the district as *pack*."""

    at: datetime
    pack: str
    """The version of the district pack."""
    capabilities: Capabilities = EVERYTHING


def record_input(what: Input, status: Status, loaded: Loaded | None) -> Draft:
    """
    Return the record of *what*. A decision stands in it whole.

    *loaded* is told where the desk has been read from the store since the input before: its queues
    and budgets are then those of a fresh process.
    """
    kind = type(what).__name__
    said = _ADAPTERS[kind].dump_python(what, mode="json", exclude_none=True)
    detail: dict[str, JsonValue]
    if isinstance(what, DecisionRead):
        fact, status = Fact.DECISION_READ, what.decision.status
        detail = {"kind": what.decision.kind, **said}
    else:
        fact, detail = Fact.INPUT_TAKEN, {"input": kind, **said}
    if loaded is not None:
        detail["loaded_at"], detail["pack"] = in_utc_text(loaded.at), loaded.pack
        detail["call_backs"] = loaded.capabilities.call_backs
    return Draft(fact, status, {}, detail)


def input_of(fact: Fact, detail: dict[str, Any]) -> tuple[Input, Loaded | None]:
    """Return what `record_input` recorded. ValueError (or a subclass) when *detail* holds none."""
    said = dict(detail)
    loaded_at, pack = said.pop("loaded_at", None), said.pop("pack", None)
    capabilities = Capabilities(call_backs=bool(said.pop("call_backs", True)))
    loaded = (
        None
        if loaded_at is None
        else Loaded(datetime.fromisoformat(loaded_at), str(pack), capabilities)
    )
    if fact is Fact.DECISION_READ:
        said.pop("kind", None)
        kind = DecisionRead.__name__
    else:
        kind = str(said.pop("input", None))
    if kind not in _ADAPTERS:
        raise ValueError(f"no such input: {kind}")
    # A decision in it may have fields of a later version: read as `schemas.wire` reads one.
    what: Input = _ADAPTERS[kind].validate_python(said, extra="ignore")
    return what, loaded
