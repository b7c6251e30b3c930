import asyncio
import itertools
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.dispatcher.adapters.carrier_desk import Carrier
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.commands import (
    AskStatus,
    CancelMessage,
    Command,
    EndCall,
    PlaceCall,
    Reconcile,
    SendMessage,
)
from services.dispatcher.domain.inputs import (
    AttemptSeen,
    Input,
    NotFound,
    RequestAnswered,
    RequestLost,
    RequestRefused,
)
from services.dispatcher.domain.script import Script
from services.dispatcher.ports import AnswerLostError, CarrierRefusedError, OpenWindow, Seen
from services.district.domain.policy import MAIN
from services.runtime.bus import BusUnavailableError, NotOwnerError
from services.runtime.clock import SteppingClock

START = datetime(2026, 7, 8, 16, 0, tzinfo=UTC)
RINGS = Seen("CA1", Progress.RINGING)
ENDED = Seen("CA2", Progress.ENDED, Outcome.BUSY, "486")
LOST = AnswerLostError("lost")
CALL = PlaceCall("a_1", "c_1", timedelta(seconds=30))
TEXT = SendMessage("a_1", "c_1", "收到请回 1", timedelta(minutes=5))
END = EndCall("a_1", "CA1", answered=False)
CANCEL = CancelMessage("a_1", "SM1")
Outcomes = list[Any]


class Line:
    """Answers each request with the next of *outcomes*: a value, or an error that is raised."""

    def __init__(self, *outcomes: Any) -> None:
        self.outcomes: Outcomes = list(outcomes)
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def _next(self, what: str) -> Any:
        self.asked.append(what)
        await self.gate.wait()
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def place_call(self, command: PlaceCall) -> str:
        return str(await self._next("call"))

    async def send_message(self, command: SendMessage) -> str:
        return str(await self._next("text"))

    async def end_call(self, provider_id: str, *, answered: bool) -> None:
        await self._next(f"end {provider_id} {answered}")

    async def cancel_message(self, provider_id: str) -> None:
        await self._next(f"cancel {provider_id}")

    async def fetch(self, provider_id: str, *, voice: bool) -> Seen:
        seen: Seen = await self._next(f"fetch {provider_id} {voice}")
        return seen

    async def list_to(
        self, contact: str, since: datetime, *, voice: bool, coded_for: str | None = None
    ) -> Sequence[Seen]:
        found: Sequence[Seen] = await self._next(f"list {contact} {voice}")
        return found


class Desk:
    def __init__(self, *troubles: Exception) -> None:
        self.troubles = list(troubles)
        self.told: list[Input] = []

    async def tell(self, what: Input) -> Script | None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.told.append(what)
        return None


class Office:
    def __init__(self, line: Line, desk: Desk | None = None) -> None:
        self.line, self.desk = line, desk or Desk()
        self.clock = SteppingClock(START)
        self.tasks: set[asyncio.Task[None]] = set()
        self.carrier = Carrier({MAIN: line}, self.spawn, self.clock)
        self.carrier.bind(self.desk)

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=name)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def settled(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    async def finish(self) -> None:
        await self.settled()
        while self.tasks:
            assert self.carrier.at_rest
            assert self.clock.step()
            await self.settled()
        assert self.carrier.in_flight == 0


async def test_others_go_on_while_a_second_of_starts_is_begun() -> None:
    office = Office(Line())
    office.line.gate.clear()

    office.carrier.run(PlaceCall(f"a_{nth}", "c_1", timedelta(seconds=30)) for nth in range(60))
    begun = []
    while len(office.line.asked) < 60:
        await asyncio.sleep(0)
        begun.append(len(office.line.asked))

    assert max(after - before for before, after in itertools.pairwise([0, *begun])) == 4
    office.line.gate.set()
    await office.finish()


def reconcile(*known: str, final: bool = False) -> Reconcile:
    return Reconcile("a_1", "c_1", voice=True, since=START, known=known, final=final)


@pytest.mark.parametrize("command", [CALL, TEXT], ids=["call", "text"])
@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ("CA1", RequestAnswered("a_1", "CA1")),
        (CarrierRefusedError("20429", retry=True), RequestRefused("a_1", "20429", retry=True)),
        (CarrierRefusedError("21211", retry=False), RequestRefused("a_1", "21211", retry=False)),
        (LOST, RequestLost("a_1")),
        (ZeroDivisionError(), RequestLost("a_1")),
    ],
    ids=["answered", "refused", "never", "lost", "broke"],
)
async def test_what_came_of_a_request_is_told_once(
    command: Command, outcome: Any, told: Input
) -> None:
    office = Office(Line(outcome))

    office.carrier.run([command])
    await office.finish()

    assert office.desk.told == [told]
    assert len(office.line.asked) == 1


@pytest.mark.parametrize(
    ("command", "outcomes", "told"),
    [
        (
            AskStatus("a_1", "CA2", voice=True),
            [ENDED],
            [AttemptSeen("a_1", "CA2", Progress.ENDED, Outcome.BUSY, code="486")],
        ),
        (AskStatus("a_1", "CA2", voice=True), [LOST], []),
        (
            reconcile("CA0"),
            [[Seen("CA0", Progress.ENDED), RINGS]],
            [RequestAnswered("a_1", "CA1"), AttemptSeen("a_1", "CA1", Progress.RINGING)],
        ),
        (reconcile("CA0"), [[Seen("CA0", Progress.ENDED)]], []),
        (reconcile(final=True), [[]], [NotFound("a_1")]),
        (reconcile(), [[RINGS, ENDED]], []),
        (
            reconcile(final=True),
            [[RINGS, ENDED]],
            [RequestAnswered("a_1", "CA1"), AttemptSeen("a_1", "CA1", Progress.RINGING)],
        ),
        (reconcile(final=True), [LOST], []),
        (reconcile(final=True), [ZeroDivisionError()], []),
    ],
    ids=[
        "status",
        "no_status",
        "found",
        "not_yet",
        "not_found",
        "several",
        "several_at_last",
        "no_list",
        "broke",
    ],
)
async def test_what_the_carrier_shows_is_told(
    command: Command, outcomes: Outcomes, told: list[Input]
) -> None:
    office = Office(Line(*outcomes))

    office.carrier.run([command])
    await office.finish()

    assert office.desk.told == told
    assert len(office.line.asked) == 1


@pytest.mark.parametrize("command", [END, CANCEL], ids=["end", "cancel"])
@pytest.mark.parametrize(
    ("outcomes", "tries"),
    [
        ([None], 1),
        ([LOST, None], 2),
        ([CarrierRefusedError("20429", retry=True), LOST, None], 3),
        ([LOST] * 5, 3),
        ([CarrierRefusedError("20003", retry=False)], 1),
    ],
    ids=["at_once", "second_try", "third_try", "never", "hopeless"],
)
async def test_ending_is_tried_up_to_three_times(
    command: Command, outcomes: Outcomes, tries: int
) -> None:
    office = Office(Line(*outcomes))

    office.carrier.run([command])
    await office.finish()

    assert len(office.line.asked) == tries
    assert office.desk.told == []


async def test_what_cannot_be_kept_is_told_again() -> None:
    office = Office(Line("CA1"), Desk(BusUnavailableError(), BusUnavailableError()))

    office.carrier.run([CALL])
    await office.finish()

    assert office.desk.told == [RequestAnswered("a_1", "CA1")]
    assert office.line.asked == ["call"]


@pytest.mark.parametrize("trouble", [BusUnavailableError, ZeroDivisionError])
async def test_a_dispatcher_in_trouble_does_not_break_the_carrier(
    trouble: type[Exception],
) -> None:
    office = Office(Line("CA1", "CA2"), Desk(*(trouble() for _ in range(3))))

    office.carrier.run([CALL])
    await office.finish()
    office.desk.troubles.clear()
    office.carrier.run([CALL])
    await office.finish()

    assert office.desk.told == [RequestAnswered("a_1", "CA2")]


async def test_a_call_is_ended_at_once_however_many_requests_hang() -> None:
    line = Line()
    office = Office(line)
    line.gate.clear()

    office.carrier.run([CALL] * 100)
    await office.settled()
    office.carrier.run([END])
    await office.settled()

    assert line.asked.count("call") == 64
    assert line.asked[-1] == "end CA1 False"
    assert not office.carrier.at_rest
    assert office.carrier.in_flight == 101
    line.gate.set()
    await office.finish()
    assert line.asked.count("call") == 100


@pytest.mark.parametrize("command", [CALL, TEXT], ids=["call", "text"])
async def test_what_was_put_on_record_too_long_ago_is_not_asked_for(command: Command) -> None:
    """Another process may have taken the district over, and have asked for it: nobody rings twice."""
    office = Office(Line())
    office.carrier = Carrier({MAIN: office.line}, office.spawn, office.clock, None, _window(office))
    office.carrier.bind(office.desk)
    office.carrier.run([command])
    office.clock.move_to(START + timedelta(seconds=2))  # before its task has come to it

    await office.finish()

    assert office.line.asked == []
    assert office.desk.told == [RequestRefused("a_1", "stale", retry=True)]


async def test_a_call_that_waited_for_a_free_line_for_too_long_is_not_asked_for() -> None:
    line = Line()
    office = Office(line)
    office.carrier = Carrier({MAIN: line}, office.spawn, office.clock, None, _window(office))
    office.carrier.bind(office.desk)
    line.gate.clear()
    office.carrier.run([CALL] * 65)
    await office.settled()
    office.clock.move_to(START + timedelta(seconds=3))

    line.gate.set()
    await office.finish()

    assert line.asked == ["call"] * 64
    assert office.desk.told.count(RequestRefused("a_1", "stale", retry=True)) == 1


async def test_what_rings_is_ended_however_long_ago_that_was_put_on_record() -> None:
    office = Office(Line(None))
    office.carrier = Carrier({MAIN: office.line}, office.spawn, office.clock, None, _window(office))
    office.carrier.bind(office.desk)

    office.carrier.run([END])
    office.clock.move_to(START + timedelta(seconds=10))
    await office.finish()

    assert office.line.asked == ["end CA1 False"]


class Window:
    """Closes two seconds after it was opened; *worn*: most of it was over by then."""

    def __init__(
        self, clock: SteppingClock, *, worn: bool = False, taken_over: bool = False
    ) -> None:
        self._clock = clock
        self._until = clock.now() + timedelta(seconds=0 if worn else 2)
        self.is_worn = worn
        self._taken_over = taken_over

    @property
    def is_open(self) -> bool:
        return self._clock.now() < self._until

    async def reopened(self) -> "Window":
        if self._taken_over:
            raise NotOwnerError
        return Window(self._clock)


def _window(office: Office) -> OpenWindow:
    return lambda: Window(office.clock)


@pytest.mark.parametrize("taken_over", [False, True], ids=["still ours", "another's"])
async def test_where_brokers_are_slow_it_is_made_sure_first_whose_the_district_is(
    *, taken_over: bool
) -> None:
    """Nobody is left unrung because a record took long; and nobody is rung by two."""
    office = Office(Line("CA1"))
    office.carrier = Carrier(
        {MAIN: office.line},
        office.spawn,
        office.clock,
        None,
        lambda: Window(office.clock, worn=True, taken_over=taken_over),
    )
    office.carrier.bind(office.desk)

    office.carrier.run([CALL])
    await office.finish()

    told = (
        RequestRefused("a_1", "stale", retry=True) if taken_over else RequestAnswered("a_1", "CA1")
    )
    assert office.desk.told == [told]
