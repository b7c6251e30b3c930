"""Who may do what: the roles of the pack's mandates, for each kind of act."""

from schemas.act import (
    AckVouched,
    ActBody,
    ChannelReported,
    ConsultationRecorded,
    LevelConfirmed,
    LevelLowered,
    LevelRaised,
    OrderConfirmed,
    OrderIssued,
    OrderLifted,
    OrderRefused,
    QuarantineReleased,
    TaskReported,
)
from schemas.order import Order
from schemas.role import Role
from schemas.rulepack import Mandates

_FIELDS = {
    OrderIssued: "issue_order",
    OrderConfirmed: "issue_order",
    OrderRefused: "issue_order",
    OrderLifted: "lift_order",
    LevelRaised: "raise_level",
    LevelLowered: "lower_level",
    LevelConfirmed: "confirm_level",
    ConsultationRecorded: "lower_level",
    QuarantineReleased: "release_quarantine",
    AckVouched: "vouch",
    TaskReported: "vouch",
    ChannelReported: "report_channel",
}


def may(mandates: Mandates, role: Role, body: ActBody, order: Order | None) -> bool:
    """
    Whether *role* may do the act.

    The role that an order waits for may say yes or no to it, whatever else it may do. Whoever may
    lower a level may record the consultation that lowering needs.
    """
    is_asked = order is not None and order.confirm is role
    if is_asked and isinstance(body, OrderConfirmed | OrderRefused):
        return True
    roles: tuple[Role, ...] = getattr(mandates, _FIELDS[type(body)])
    return role in roles
