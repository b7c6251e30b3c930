"""A night at the desk: tells the dispatcher's domain what happens, minute by minute."""

import itertools
from datetime import UTC, datetime, timedelta

from schemas.act import FieldAct
from schemas.cap import Status
from schemas.decision import ActAnswered, OrderChanged, ResponseChanged
from schemas.dispatch import Fact
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.measure import Measure
from schemas.order import Order, OrderState
from schemas.reason import RaiseRule
from schemas.role import Role
from services.dispatcher.adapters.desk_copy import DeskCopy
from services.dispatcher.domain.asks.callout import Callout
from services.dispatcher.domain.asks.chain import Ask, Chain
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.commands import Command, EndCall, PlaceCall, SendMessage
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.desk.effects import Draft, Effects
from services.dispatcher.domain.inputs import (
    AttemptSeen,
    CallHeard,
    DecisionRead,
    Heard,
    Input,
    RequestAnswered,
    WokenUp,
)
from services.dispatcher.domain.record.taking import take
from services.dispatcher.domain.script import Script
from services.district.domain.pack import Pack
from tests.districts import DISTRICT, TOWN

MIDNIGHT = datetime(2026, 7, 8, 16, 0, tzinfo=UTC)
"""00:00 in Chongqing."""


def response(level: Level, decision_id: str, at: datetime) -> ResponseChanged:
    """A response to rain in the town."""
    return ResponseChanged(
        district=DISTRICT,
        decision_id=decision_id,
        decided_at=at,
        place=TOWN,
        town=TOWN,
        hazard=Hazard.RAINSTORM,
        family="rain",
        response_level=level,
    )


class Night:
    """Drives one desk through time; the carrier is played by the test."""

    def __init__(self, pack: Pack, start: datetime = MIDNIGHT) -> None:
        self.desk = Desk(pack)
        self.kept = DeskCopy()
        """What a store would hold by now."""
        self.now = start
        self.facts: list[tuple[datetime, Draft]] = []
        self.commands: list[tuple[datetime, Command]] = []
        self.received: list[tuple[str, str, str]] = []
        self._numbers = itertools.count(1)

    def tell(self, what: Input) -> Script | None:
        """Tell the desk *what*, and note what came of it."""
        script, effects = take(self.desk, what, self.now)
        self.note(effects)
        return script

    def note(self, effects: Effects) -> None:
        """Keep what one input came to, where the tests look."""
        self.kept.note(effects, self.desk.serial)
        self.facts += [(self.now, fact) for fact in effects.facts]
        self.received += effects.received
        self.commands += [(self.now, command) for command in effects.commands]

    def wait(self, **span: float) -> None:
        """Let time pass, waking the desk whenever it wants to be woken."""
        until = self.now + timedelta(**span)
        while (at := self.desk.next_wake()) is not None and at <= until:
            self.now = max(self.now, at)
            self.tell(WokenUp())
        self.now = until
        self.tell(WokenUp())

    def respond(
        self,
        level: Level | None,
        *,
        place: str = TOWN,
        hazard: Hazard = Hazard.RAINSTORM,
        previous: Level | None = None,
        warning: Level | None = None,
        night: bool = False,
        status: Status = Status.ACTUAL,
        source: str | None = None,
    ) -> None:
        """The correlator decides a response."""
        number = next(self._numbers)
        decision = ResponseChanged(
            district=DISTRICT,
            decision_id=f"d{number}",
            decided_at=self.now,
            status=status,
            source=source,
            place=place,
            town=TOWN,
            hazard=hazard,
            family="rain" if hazard in (Hazard.RAINSTORM, Hazard.LANDSLIDE) else hazard.value,
            warning_level=warning,
            response_level=level,
            previous_level=previous,
            raises=(RaiseRule.UP1,) if night else (),
        )
        self.tell(DecisionRead(decision, number))

    def order(self, state: OrderState, level: Level = Level.I, order_id: str = "o1") -> None:
        """An order comes into force, or ends."""
        number = next(self._numbers)
        order = Order(
            order_id=order_id,
            number=1,
            measure=Measure.EVACUATE,
            place=TOWN,
            town=TOWN,
            hazard=Hazard.LANDSLIDE,
            level=level,
            target="households",
            state=state,
            proposed_at=self.now,
            executors=(Role.VILLAGE_SECRETARY,),
        )
        decision = OrderChanged(
            district=DISTRICT, decision_id=f"d{number}", decided_at=self.now, order=order
        )
        self.tell(DecisionRead(decision, number))

    def act(
        self, body: FieldAct, user: str = "duty-officer", status: Status = Status.ACTUAL
    ) -> None:
        """A named user records something, and may."""
        number = next(self._numbers)
        answered = ActAnswered(
            district=DISTRICT,
            decision_id=f"d{number}",
            decided_at=self.now,
            act_id=f"a{number}",
            status=status,
            done=True,
            user=user,
            field=body,
        )
        self.tell(DecisionRead(answered, number))

    def callout(self) -> Callout:
        """The newest callout."""
        return list(self.desk.callouts.values())[-1]

    def calls(self, person: str | None = None) -> list[PlaceCall]:
        """The calls asked for so far, of one person or of all."""
        return [
            command
            for _, command in self.commands
            if isinstance(command, PlaceCall)
            and (person is None or command.contact == f"c-{person}")
        ]

    def called_at(self, person: str) -> list[float]:
        """Seconds since the start at which calls to *person* were asked for."""
        return [
            (at - MIDNIGHT).total_seconds()
            for at, command in self.commands
            if isinstance(command, PlaceCall) and command.contact == f"c-{person}"
        ]

    def messages(self, person: str) -> list[str]:
        """The texts sent to *person*."""
        return [
            command.text
            for _, command in self.commands
            if isinstance(command, SendMessage) and command.contact == f"c-{person}"
        ]

    def withdrawn(self) -> list[str]:
        """The attempts that the carrier was asked to end."""
        return [c.attempt_id for _, c in self.commands if isinstance(c, EndCall)]

    def rings(self, person: str) -> PlaceCall:
        """The newest call to *person* reaches the carrier and rings."""
        call = self.calls(person)[-1]
        self.tell(RequestAnswered(call.attempt_id, f"CA{call.attempt_id}"))
        self.tell(AttemptSeen(call.attempt_id, f"CA{call.attempt_id}", Progress.RINGING))
        return call

    def ends(self, call: PlaceCall, outcome: Outcome) -> None:
        """The carrier's last word about *call*."""
        self.tell(AttemptSeen(call.attempt_id, f"CA{call.attempt_id}", Progress.ENDED, outcome))

    def delivered(self, attempt_id: str) -> None:
        """The carrier's last word about an SMS."""
        told = AttemptSeen(attempt_id, f"SM{attempt_id}", Progress.ENDED, Outcome.DELIVERED)
        self.tell(told)

    def presses(self, call: PlaceCall, *heard: Heard) -> Script:
        """Somebody answers *call* and does *heard*, one after the other."""
        script = self.tell(CallHeard(call.attempt_id, 0, Heard.ANSWERED))
        assert script is not None
        for what in heard:
            script = self.tell(CallHeard(call.attempt_id, script.step, what))
            assert script is not None
        return script

    def chain(self, post: str) -> Chain:
        """The newest chain of *post*."""
        return [chain for chain in self.desk.chains.values() if chain.post == post][-1]

    def chains(self, post: str, ask: Ask) -> list[Chain]:
        """The chains of one ask to *post*, in their order."""
        return [one for one in self.desk.chains.values() if (one.post, one.ask) == (post, ask)]

    def confirms(self, person: str, *, coded: bool = True) -> None:
        """The newest call to *person* is taken and confirmed, and the line closes."""
        call = self.rings(person)
        self.presses(call, Heard.CONFIRM, *([Heard.CODE_RIGHT] if coded else []))
        self.ends(call, Outcome.COMPLETED)

    def said(self, fact: Fact) -> list[Draft]:
        """All facts of one kind."""
        return [draft for _, draft in self.facts if draft.fact is fact]
