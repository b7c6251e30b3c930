"""What a night leaves behind: every record with the true time it became durable, and the carrier's."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from schemas.dispatch import Fact
from schemas.topics import Topic
from services.dispatcher.adapters.codes import Codes
from services.dispatcher.adapters.desk_store import StoredBytes
from services.phones.domain.call import Call
from services.phones.domain.exchange import Exchange
from services.phones.domain.message import Message
from services.runtime.bus import Stored
from tests.simulation.carrier import Request
from tests.simulation.faults import Fault
from tests.simulation.plan import Plan


@dataclass(frozen=True, slots=True)
class Kept:
    """One durable record: its body, and the virtual second at which it became durable, as which."""

    at_s: float
    number: int
    body: dict[str, Any]


@dataclass(slots=True)
class Evidence:
    """
    Everything that invariants are judged by. Times are virtual seconds since the night's begin.

    *down* and *choked* are spans in which no process was there, or its disk could not be written
    quickly; *errors* is what the system itself called an error that no fault explains.
    """

    plan: Plan
    exchange: Exchange
    codes: Codes
    requests: list[Request]
    kept: list[tuple[float, Stored]] = field(default_factory=list)
    down: list[tuple[float, float]] = field(default_factory=list)
    choked: list[tuple[float, float]] = field(default_factory=list)
    steps_of_clock: list[tuple[float, float]] = field(default_factory=list)
    accepted: dict[str, float] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    struck: list[Fault] = field(default_factory=list)
    sealed: list[bytes] = field(default_factory=list)
    """The ledger as it lies on disk at the end."""
    rows: StoredBytes | None = None
    """What the desk has stored beside it."""
    ended_at: float = 0.0
    is_finished: bool = False
    steps: int = 0
    _topics: dict[Topic, list[Kept]] = field(default_factory=dict)

    def of(self, topic: Topic) -> list[Kept]:
        """Return the records of *topic* in their order."""
        if topic not in self._topics:
            self._topics[topic] = [
                Kept(at_s, number, orjson.loads(stored.data))
                for number, (at_s, stored) in enumerate(self.kept)
                if stored.topic is topic
            ]
        return self._topics[topic]

    def facts(self, *facts: Fact) -> Iterator[Kept]:
        """Yield the ledger's records of *facts*, or all."""
        wanted = {fact.value for fact in facts}
        for kept in self.of(Topic.DISPATCH):
            if not wanted or kept.body["fact"] in wanted:
                yield kept

    def second(self, at: datetime) -> float:
        """Return the virtual second of an instant of the carrier's clock."""
        return (at - self.plan.start).total_seconds()

    def texts(self) -> list[Message]:
        """Return the SMS that we sent."""
        return [one for one in self.exchange.messages.values() if one.status_callback]

    def calls_by_attempt(self) -> dict[str, list[Call]]:
        """Return the calls that the carrier took, by the attempt their call-back URL names."""
        found: dict[str, list[Call]] = {}
        for url, sids in self.exchange.record.calls_by_status_callback.items():
            found.setdefault(attempt_of(url), []).extend(self.exchange.calls[sid] for sid in sids)
        return found


def attempt_of(url: str) -> str:
    """Return the attempt that a call-back URL of ours is about."""
    return urlsplit(url).path.rsplit("/", 1)[-1]
