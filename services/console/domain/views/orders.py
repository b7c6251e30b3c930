"""Orders, and whom one would call before it is sent."""

from dataclasses import dataclass
from datetime import datetime

from schemas.cap import Status
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.order import OrderState
from schemas.role import Role
from services.console.domain.views.responses import ReasonView
from services.console.domain.views.roster import RosterRow


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order. *shares* are the posts that execute it; *acknowledged* of them confirmed it."""

    order_id: str
    number: str
    measure: Measure
    measure_name: str
    status: Status
    title: str
    place: str
    place_name: str
    town: str
    hazard: Hazard
    hazard_name: str
    level: Level
    target: str
    text: str
    state: OrderState
    confirm: Role | None
    confirm_name: str
    proposed_at: datetime
    changed_at: datetime
    in_force_at: datetime | None
    auto_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    issued_by: str
    """Who put it in force, in words, with the mandate; empty while it waits."""
    executors: tuple[str, ...]
    households: int | None
    people: int | None
    shelter: str
    callout_id: str | None
    shares: int
    acknowledged: int
    reasons: tuple[ReasonView, ...]


@dataclass(frozen=True, slots=True)
class FirstRound:
    """Whom an order would call, before it is sent, and how long the first calls take."""

    posts: tuple[RosterRow, ...]
    by_layer: tuple[tuple[str, int], ...]
    """区级, 镇街, 村社, 单位 … with their numbers of posts; they add up."""
    dialled_s: float
    """From sending to the start of the last first call, with the lines and starts there are."""
    listened_s: float
    """Until the last of them has rung and been listened to."""
    spoken: str
    """What they hear."""
    unreachable: int
    """Posts that have nobody, or nobody with a number."""
