"""
Faults on demand: what goes wrong between the carrier and us, by rate or for the next one only.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from services.phones.domain.draw import Span, draw, seconds
from services.phones.domain.errors import Code, LostAnswer, RefusedError

F = TypeVar("F", bound=StrEnum)


class Resource(StrEnum):
    """Which collection a request creates in."""

    CALLS = "Calls"
    MESSAGES = "Messages"


class CreateFault(StrEnum):
    """What may happen to a request that creates a call or message."""

    SERVER_ERROR_AFTER_ACCEPTING = "500_after_accepting"
    DROPPED_AFTER_ACCEPTING = "dropped_after_accepting"
    SERVER_ERROR = "500"
    TOO_MANY_REQUESTS = "429"


class CallbackFault(StrEnum):
    """What may happen to a status call-back."""

    LOST = "lost"
    LATE = "late"
    DOUBLED = "doubled"
    REORDERED = "reordered"


_REFUSALS = {
    CreateFault.SERVER_ERROR: (Code.SERVER_ERROR, "Internal Server Error", 500),
    CreateFault.TOO_MANY_REQUESTS: (Code.TOO_MANY_REQUESTS, "Too Many Requests", 429),
}
_LOST = {
    CreateFault.SERVER_ERROR_AFTER_ACCEPTING: LostAnswer.SERVER_ERROR,
    CreateFault.DROPPED_AFTER_ACCEPTING: LostAnswer.DROPPED,
}


@dataclass(slots=True)
class Faults:
    """
    Which faults are on; both tables and *list_lag* may be changed while the network runs.

    A rate is a share from 0 to 1, drawn from the seed for each request or call-back in turn.
    """

    seed: str
    create_rates: Mapping[CreateFault, float] = field(default_factory=dict)
    callback_rates: Mapping[CallbackFault, float] = field(default_factory=dict)
    list_lag: timedelta = timedelta(0)
    late_by: Span = field(default_factory=lambda: seconds(5, 20))
    _next_creates: dict[Resource, deque[CreateFault]] = field(default_factory=dict)
    _next_callbacks: deque[CallbackFault] = field(default_factory=deque)
    _creates: int = 0
    _callbacks: int = 0

    def fail_next_create(self, resource: Resource, fault: CreateFault) -> None:
        """Have the next request to *resource* that none waits for yet meet *fault*."""
        self._next_creates.setdefault(resource, deque()).append(fault)

    def fail_next_callback(self, fault: CallbackFault) -> None:
        """Have the next status call-back meet *fault*."""
        self._next_callbacks.append(fault)

    def on_create(self, resource: Resource) -> LostAnswer | None:
        """
        Return how the answer to this request will be lost, None when all is well.

        Raises RefusedError when nothing is to be done at all.
        """
        self._creates += 1
        waiting = self._next_creates.get(resource)
        if waiting:
            fault: CreateFault | None = waiting.popleft()
        else:
            fault = _drawn(self.create_rates, self.seed, "create", self._creates)
        if fault in _REFUSALS:
            raise RefusedError(*_REFUSALS[fault])
        return _LOST[fault] if fault is not None else None

    def on_callback(self) -> CallbackFault | None:
        """Return what happens to this call-back, None when all is well."""
        self._callbacks += 1
        if self._next_callbacks:
            return self._next_callbacks.popleft()
        return _drawn(self.callback_rates, self.seed, "callback", self._callbacks)


def _drawn(rates: Mapping[F, float], seed: str, what: str, ordinal: int) -> F | None:
    for fault, rate in sorted(rates.items()):
        if draw(seed, "fault", what, fault, ordinal) < rate:
            return fault
    return None
