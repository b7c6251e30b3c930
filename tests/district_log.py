"""A district's log as a test writes it down, one thing at a time, and what is decided on the way."""

from collections.abc import Iterable
from datetime import datetime
from itertools import count

from schemas.act import ActBody
from schemas.cap import MsgType, Status
from schemas.decision import Decision, OrderChanged, OrderProposed, ResponseChanged
from schemas.event import (
    Act,
    AnyEvent,
    PackActivated,
    Quality,
    Reading,
    Readings,
    Tick,
    Tip,
    TipClass,
    WarningInfo,
)
from schemas.event import Warning as WarningEvent
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.metric import Metric
from schemas.order import Order
from schemas.role import Role
from schemas.rulepack import RulePack
from services.correlator.domain.fold import Fold
from tests.builders import DISTRICT, MINUTE, RAIN, START, TOWN, position


class Log:
    """
    A district's log as it is written, folded at once.

    Times are minutes after START; a record is accepted when it was measured unless said otherwise.
    """

    def __init__(self, pack: RulePack | None = None, start: datetime = START) -> None:
        self.fold = Fold(DISTRICT)
        self.start = start
        self.events: list[AnyEvent] = []
        self.decisions: list[Decision] = []
        self._ids = count(1)
        if pack is not None:
            self.activate(pack)

    def at(self, minute: float) -> datetime:
        return self.start + minute * MINUTE

    def add(self, event: AnyEvent) -> list[Decision]:
        """Fold *event*; return what is decided by it and by the time that has passed."""
        self.events.append(event)
        decided = self.fold.apply(event)
        self.decisions += decided
        return decided

    def new_id(self, event_id: str | None = None) -> str:
        return event_id or f"ev-{next(self._ids)}"

    def activate(self, pack: RulePack, minute: float = 0) -> list[Decision]:
        return self.add(
            PackActivated(
                district=DISTRICT, event_id=self.new_id(), accepted_at=self.at(minute), pack=pack
            )
        )

    def tick(self, minute: float) -> list[Decision]:
        return self.add(
            Tick(district=DISTRICT, event_id=self.new_id(), accepted_at=self.at(minute))
        )

    def read(
        self,
        minute: float,
        value: float,
        sensor_id: str = RAIN,
        metric: Metric = Metric.RAIN,
        *,
        accepted: float | None = None,
        valid: float | None = None,
        quality: tuple[Quality, ...] = (),
        status: Status = Status.ACTUAL,
        event_id: str | None = None,
    ) -> list[Decision]:
        """One reading; *value* in the metric's unit."""
        reading = Reading(
            sensor_id=sensor_id,
            metric=metric,
            value=round(value * 1000),
            occurred_at=self.at(minute),
            valid_at=None if valid is None else self.at(valid),
            quality=quality,
        )
        return self.add(
            Readings(
                district=DISTRICT,
                event_id=self.new_id(event_id),
                accepted_at=self.at(minute if accepted is None else accepted),
                status=status,
                source="test",
                readings=(reading,),
            )
        )

    def series(
        self,
        values: Iterable[tuple[float, float]],
        sensor_id: str = RAIN,
        metric: Metric = Metric.RAIN,
    ) -> list[Decision]:
        """Readings one after the other."""
        return [
            decision
            for minute, value in values
            for decision in self.read(minute, value, sensor_id, metric)
        ]

    def publish(
        self,
        minute: float,
        level: Level | None,
        hazard: Hazard = Hazard.RAINSTORM,
        *,
        identifier: str,
        msg_type: MsgType = MsgType.ALERT,
        references: tuple[str, ...] = (),
        targets: tuple[str, ...] = (TOWN,),
        expires: float | None = None,
        status: Status = Status.ACTUAL,
        sender: str = "CMA",
    ) -> list[Decision]:
        info = WarningInfo(
            event="暴雨",
            hazard=hazard,
            warning_level=level,
            targets=targets,
            expires=None if expires is None else self.at(expires),
        )
        return self.add(
            WarningEvent(
                district=DISTRICT,
                event_id=f"w-{identifier}",
                accepted_at=self.at(minute),
                status=status,
                source="test",
                identifier=identifier,
                sender=sender,
                sent=self.at(minute),
                msg_type=msg_type,
                references=references,
                infos=(info,),
            )
        )

    def tip(
        self,
        minute: float,
        caller: str | None,
        hazard: Hazard = Hazard.GAS_LEAK,
        *,
        metres_north: float | None = 300,
        place: str | None = None,
        tip_id: str | None = None,
        tip_class: TipClass = TipClass.A,
        accepted: float | None = None,
    ) -> list[Decision]:
        event_id = self.new_id()
        return self.add(
            Tip(
                district=DISTRICT,
                event_id=event_id,
                accepted_at=self.at(minute if accepted is None else accepted),
                source="test",
                tip_id=tip_id or event_id,
                text="有异味",
                occurred_at=self.at(minute),
                tip_class=tip_class,
                hazard=hazard,
                place=place,
                position=None if metres_north is None else position(metres_north),
                caller=caller,
            )
        )

    def act(
        self,
        minute: float,
        body: ActBody,
        role: Role = Role.DUTY_LEADER,
        *,
        event_id: str | None = None,
        status: Status = Status.ACTUAL,
    ) -> list[Decision]:
        return self.add(
            Act(
                district=DISTRICT,
                event_id=self.new_id(event_id),
                accepted_at=self.at(minute),
                status=status,
                user="li",
                role=role,
                body=body,
            )
        )

    def responses(
        self, place: str = TOWN, hazard: Hazard = Hazard.RAINSTORM
    ) -> list[ResponseChanged]:
        """Everything decided about a response, oldest first."""
        return [
            decision
            for decision in self.decisions
            if isinstance(decision, ResponseChanged)
            and (decision.place, decision.hazard) == (place, hazard)
        ]

    def last(self, place: str = TOWN, hazard: Hazard = Hazard.RAINSTORM) -> ResponseChanged:
        return self.responses(place, hazard)[-1]

    def level(self, place: str = TOWN, hazard: Hazard = Hazard.RAINSTORM) -> Level | None:
        """The response level in force."""
        found = self.responses(place, hazard)
        return found[-1].response_level if found else None

    def orders(self) -> list[Order]:
        """Every state an order has gone through, oldest first."""
        return [
            decision.order
            for decision in self.decisions
            if isinstance(decision, OrderProposed | OrderChanged)
        ]
