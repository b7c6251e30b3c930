"""A task: somebody is sent to a door, or calls by radio, for a post that no phone has reached."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.district.domain.policy import ResortKind


class TaskEnd(StrEnum):
    """How a task ended. Only CONFIRMED is an acknowledgement, and it is `vouched`."""

    CONFIRMED = "confirmed"
    NOBODY_THERE = "nobody_there"
    NOT_REACHED = "not_reached"
    WITHDRAWN = "withdrawn"
    """The post confirmed otherwise, or the callout ended."""
    EXPIRED = "expired"
    """No result by its time."""


@dataclass(frozen=True, slots=True)
class Task:
    """*runner* is who was sent; None where nobody could be found, and whoever is on duty acts."""

    task_id: str
    chain_id: str
    callout_id: str
    kind: ResortKind
    runner: str | None
    opened_at: datetime
    until: datetime
    end: TaskEnd | None = None
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether a result is still awaited."""
        return self.end is None
