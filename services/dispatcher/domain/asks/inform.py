"""A word to somebody without an ask: a hazard joined, a release, an order that waits for him."""

from dataclasses import dataclass
from datetime import datetime

from schemas.cap import Status
from schemas.level import Level


@dataclass(frozen=True, slots=True)
class Inform:
    """
    An SMS that waits for its permitted start; *text* is ready to be sent. One of an exercise never
    stands in one SMS with the real thing: *status* tells them apart.
    """

    inform_id: str
    callout_id: str | None
    person: str
    contact: str
    text: str
    level: Level
    queued_at: datetime
    status: Status = Status.ACTUAL
