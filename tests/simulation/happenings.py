"""What happens in the towns, as the records that tell of it."""

import json
from datetime import datetime
from typing import Any

from schemas.act import (
    ActBody,
    LevelLowered,
    LevelRaised,
    OrderConfirmed,
    OrderIssued,
    OrderLifted,
)
from schemas.cap import Status
from schemas.event import Act
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.role import Role
from services.district.domain.pack import Pack
from tests.simulation.plan import Said, SaidKind
from tests.simulation.town import GAUGES, TOWNS


class Situation:
    """What whoever acts knows: the levels in force and the open orders, from the decisions."""

    def __init__(self) -> None:
        self.levels: dict[tuple[str, str], int | None] = {}
        self.orders: dict[str, dict[str, Any]] = {}

    def learn(self, decision: dict[str, Any]) -> None:
        """Take in one decision."""
        match decision["kind"]:
            case "ResponseChanged":
                key = decision["status"], decision["place"]
                self.levels[key] = decision.get("response_level")
            case "OrderProposed" | "OrderChanged":
                self.orders[decision["order"]["order_id"]] = decision
            case _:
                pass

    def an_order(self, status: Status, state: str, number: int) -> str:
        """Return the order number *number*, round and round, of those that stand in *state*."""
        found = [
            order_id
            for order_id, told in self.orders.items()
            if told["order"]["state"] == state and told["status"] == status.value
        ]
        return found[number % len(found)] if found else "ord_none"


def reading_of(said: Said, status: Status, now: datetime) -> bytes:
    """Return the body in which the gauge of the town tells *said*."""
    return json.dumps(
        {
            "sensor_id": GAUGES[said.town],
            "metric": "rain",
            "value": said.amount,
            "unit": "mm",
            "occurred_at": now.isoformat(),
            "status": status.value,
        }
    ).encode()


def act_of(
    name: str, said: Said, status: Status, pack: Pack, situation: Situation, now: datetime
) -> Act:
    """Return what the duty leader does."""
    user = pack.users["duty-leader"]
    return Act(
        district=pack.rules.district,
        event_id=f"act-{name}",
        accepted_at=now,
        status=status,
        user=user.user_id,
        role=user.role,
        mandate=user.mandate,
        body=_body(said, status, situation),
    )


def _body(said: Said, status: Status, situation: Situation) -> ActBody:
    place = TOWNS[said.town]
    match said.kind:
        case SaidKind.RAISE:
            return LevelRaised(
                place=place, hazard=Hazard.RAINSTORM, level=Level(said.amount), why="测试"
            )
        case SaidKind.LOWER:
            stands = situation.levels.get((status.value, place)) or 1
            return LevelLowered(
                place=place,
                hazard=Hazard.RAINSTORM,
                level=Level(stands - 1) if stands > 1 else None,
                why="测试",
                consultation="c1" if said.amount else None,
            )
        case SaidKind.CONFIRM:
            return OrderConfirmed(order_id=situation.an_order(status, "proposed", said.amount))
        case SaidKind.LIFT:
            order = situation.an_order(status, "in_force", said.amount)
            return OrderLifted(order_id=order, why="测试")
        case _:
            return OrderIssued(
                measure=list(Measure)[said.amount],
                place=place,
                hazard=Hazard.RAINSTORM,
                level=Level(1 + said.amount),
                text="测试指令",
                executors=(Role.TOWN_DUTY, Role.VILLAGE_SECRETARY),
            )
