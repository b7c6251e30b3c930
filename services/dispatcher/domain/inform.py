"""A word to somebody without an ask: a hazard joined, a release, an order that waits for him."""

from dataclasses import dataclass
from datetime import datetime

from schemas.level import Level


@dataclass(frozen=True, slots=True)
class Inform:
    """An SMS that waits for its permitted start; *text* is ready to be sent."""

    inform_id: str
    callout_id: str | None
    person: str
    contact: str
    text: str
    level: Level
    queued_at: datetime
