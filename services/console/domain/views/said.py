"""What authorities and callers said; all texts are foreign."""

from dataclasses import dataclass
from datetime import datetime

from schemas.cap import Status
from schemas.level import Level


@dataclass(frozen=True, slots=True)
class WarningView:
    """A message of a warning authority; all texts are foreign."""

    identifier: str
    status: Status
    msg_type: str
    event: str
    headline: str
    description: str
    sender_name: str
    level: Level | None
    hazard_name: str
    sent: datetime
    expires: datetime | None
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TipView:
    """A report to 12350; the caller is a token or nothing."""

    tip_id: str
    status: Status
    text: str
    tip_class: str
    hazard_name: str
    place: str | None
    place_name: str
    occurred_at: datetime
    accepted_at: datetime
    caller: str | None
