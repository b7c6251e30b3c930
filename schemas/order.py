"""断禁停撤疏 orders: what one says, and the states it goes through."""

from enum import StrEnum

from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.record import Instant, Part
from schemas.role import Role


class OrderState(StrEnum):
    """PROPOSED waits for a person (or its time); IN_FORCE is being carried out; the rest are ends."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    LIFTED = "lifted"
    COMPLETED = "completed"


class IssuedBy(Part):
    """Who put an order in force: a named user, or the rule and plan that say it needs nobody."""

    user: str | None = None
    role: Role | None = None
    mandate: str | None = None
    automatic: bool = False


class Order(Part):
    """
    An order for *place* (a place code or a point id) in *town*.

    *confirm* is the role that must confirm it before it is in force (None: at once); *auto_at*
    is when it comes into force without that person, where the plan allows it. *people* and
    *households* are how many an EVACUATE has to move.
    """

    order_id: str
    number: int
    measure: Measure
    place: str
    town: str
    hazard: Hazard
    level: Level
    target: str
    text: str = ""
    state: OrderState
    confirm: Role | None = None
    proposed_at: Instant
    auto_at: Instant | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    issued_by: IssuedBy | None = None
    executors: tuple[Role, ...] = ()
    households: int | None = None
    people: int | None = None
    shelter: str | None = None
