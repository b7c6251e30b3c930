"""
What may go wrong in a night: drawn beforehand, one by one, so that each can be left out alone.

A fault strikes at an ordinal (the 17th commit, the 40th delivery) or at a second of the night. One
whose moment never comes has not struck and is not counted.
"""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong; *size* of a fault is in seconds unless something else is said."""

    KILL_AT_STEP = "kill_at_step"
    """The process dies between two of its steps; *size* is how long it stays away."""
    KILL_BEFORE_COMMIT = "kill_before_commit"
    KILL_AFTER_COMMIT = "kill_after_commit"
    """On disk, and nobody was told."""
    DISK_FULL = "disk_full"
    SLOW_DISK = "slow_disk"
    CLOCK_STEP = "clock_step"
    """The machine's clock is set forwards or, *size* below 0, back."""
    REQUEST_LOST = "request_lost"
    """It never reaches the carrier, and nobody knows that."""
    SERVER_ERROR_AFTER_ACCEPTING = "500_after_accepting"
    DROPPED_AFTER_ACCEPTING = "dropped_after_accepting"
    SERVER_ERROR = "500"
    TOO_MANY_REQUESTS = "429"
    SLOW_REQUEST = "slow_request"
    QUESTION_LOST = "question_lost"
    """A fetch, a list, an end or a cancel is not answered."""
    CALLBACK_LOST = "lost"
    CALLBACK_LATE = "late"
    CALLBACK_DOUBLED = "doubled"
    CALLBACK_REORDERED = "reordered"
    DELIVERY_LOST = "delivery_lost"
    """A webhook does not reach us."""
    ANSWER_LOST = "answer_lost"
    """A webhook reaches us, and our answer does not reach the carrier."""
    DELIVERY_DOUBLED = "delivery_doubled"
    DELIVERY_SLOW = "delivery_slow"
    LIST_LAG = "list_lag"
    """For a minute the carrier's list does not know what is younger than *size*."""


class Count(StrEnum):
    """What ordinals count."""

    STEP = "step"
    COMMIT = "commit"
    REQUEST = "request"
    QUESTION = "question"
    CALLBACK = "callback"
    DELIVERY = "delivery"
    SECOND = "second"
    """Not an ordinal: a time."""


COUNTED = {
    FaultKind.KILL_AT_STEP: Count.STEP,
    FaultKind.KILL_BEFORE_COMMIT: Count.COMMIT,
    FaultKind.KILL_AFTER_COMMIT: Count.COMMIT,
    FaultKind.DISK_FULL: Count.SECOND,
    FaultKind.SLOW_DISK: Count.SECOND,
    FaultKind.CLOCK_STEP: Count.SECOND,
    FaultKind.LIST_LAG: Count.SECOND,
    FaultKind.REQUEST_LOST: Count.REQUEST,
    FaultKind.SERVER_ERROR_AFTER_ACCEPTING: Count.REQUEST,
    FaultKind.DROPPED_AFTER_ACCEPTING: Count.REQUEST,
    FaultKind.SERVER_ERROR: Count.REQUEST,
    FaultKind.TOO_MANY_REQUESTS: Count.REQUEST,
    FaultKind.SLOW_REQUEST: Count.REQUEST,
    FaultKind.QUESTION_LOST: Count.QUESTION,
    FaultKind.CALLBACK_LOST: Count.CALLBACK,
    FaultKind.CALLBACK_LATE: Count.CALLBACK,
    FaultKind.CALLBACK_DOUBLED: Count.CALLBACK,
    FaultKind.CALLBACK_REORDERED: Count.CALLBACK,
    FaultKind.DELIVERY_LOST: Count.DELIVERY,
    FaultKind.ANSWER_LOST: Count.DELIVERY,
    FaultKind.DELIVERY_DOUBLED: Count.DELIVERY,
    FaultKind.DELIVERY_SLOW: Count.DELIVERY,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong at *at*, counted from 1, of what its kind counts."""

    kind: FaultKind
    at: int
    size: float = 0.0

    def __str__(self) -> str:
        count = COUNTED[self.kind]
        where = f"{self.at}s" if count is Count.SECOND else f"{count.value} {self.at}"
        return f"{self.kind.value} at {where}" + (f" ({self.size:g}s)" if self.size else "")


class Mishaps:
    """The faults of one night, struck as their ordinals come."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self._waiting: dict[tuple[Count, int], list[Fault]] = {}
        for fault in faults:
            self._waiting.setdefault((COUNTED[fault.kind], fault.at), []).append(fault)
        self._counts: Counter[Count] = Counter()
        self.struck: list[Fault] = []

    def next(self, count: Count) -> list[Fault]:
        """Count one more of *count*, and return what strikes it."""
        self._counts[count] += 1
        struck = self._waiting.pop((count, self._counts[count]), [])
        self.struck += struck
        return struck

    def timed(self) -> list[Fault]:
        """Return what strikes at a time; it is struck by whoever waits for it."""
        return [
            fault
            for (count, _), faults in self._waiting.items()
            if count is Count.SECOND
            for fault in faults
        ]
