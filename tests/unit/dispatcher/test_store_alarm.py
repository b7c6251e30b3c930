"""The duty officer rung from memory: at once, and never while another call of ours to him is live."""

from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from schemas.role import Role
from services.dispatcher.adapters.store_alarm import StoreAlarm
from services.dispatcher.domain.calls.attempt import Attempt, Channel, Purpose
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.commands import PlaceCall, SendMessage
from services.dispatcher.ports import AnswerLostError, Seen
from services.district.domain.policy import MAIN
from services.runtime.clock import SteppingClock
from tests.districts import pack, post
from tests.unit.dispatcher.night import MIDNIGHT

OFFICER = "c-officer"
LIVE = Attempt(
    attempt_id="a_1",
    channel=Channel.VOICE,
    purpose=Purpose.ASK,
    person="officer",
    contact=OFFICER,
    chains=(),
    intended_at=MIDNIGHT,
    progress=Progress.RINGING,
    provider_id="CA1",
)


class Network:
    """
    Keeps who was rung, shows a call as `shows` says, and `lists` our calls; None: it does not answer.
    """

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.lists: list[Seen] | None = []
        self.shows: Progress | None = Progress.RINGING

    async def place_call(self, command: PlaceCall) -> str:
        self.rung.append(command.contact)
        return "CA2"

    async def fetch(self, provider_id: str, *, voice: bool) -> Seen:
        if self.shows is None:
            raise AnswerLostError("lost")
        ended = self.shows is Progress.ENDED
        return Seen(provider_id, self.shows, Outcome.COMPLETED if ended else None)

    async def send_message(self, command: SendMessage) -> str:
        raise NotImplementedError

    async def end_call(self, provider_id: str, *, answered: bool) -> None:
        raise NotImplementedError

    async def cancel_message(self, provider_id: str) -> None:
        raise NotImplementedError

    async def list_to(
        self, contact: str, since: datetime, *, voice: bool, coded_for: str | None = None
    ) -> Sequence[Seen]:
        if self.lists is None:
            raise AnswerLostError("lost")
        return self.lists


class Office:
    """An alarm whose tasks are run to their end by `ring`."""

    def __init__(self, live: Attempt | None) -> None:
        self.live = live
        self.clock = SteppingClock(MIDNIGHT)
        self.network = Network()
        self._tasks: list[Coroutine[Any, Any, None]] = []
        district = pack(post("DO", Role.DUTY_OFFICER, "officer", place="500199000000"))
        self.alarm = StoreAlarm(
            {MAIN: self.network},
            district,
            self.clock,
            lambda _name, task: self._tasks.append(task),
            lambda _contact: self.live,
        )

    async def ring(self) -> list[str]:
        self.alarm.ring()
        while self._tasks:
            await self._tasks.pop(0)
        return self.network.rung


async def test_who_is_on_duty_is_rung_once_in_two_minutes() -> None:
    office = Office(live=None)

    await office.ring()
    again = await office.ring()
    office.clock.move_to(MIDNIGHT + timedelta(minutes=2))

    assert again == [OFFICER]
    assert await office.ring() == [OFFICER, OFFICER]


async def test_who_is_on_the_phone_with_us_is_rung_when_the_carrier_says_that_it_is_over() -> None:
    """No number has two live calls, and what the carrier told could not be stored."""
    office = Office(live=LIVE)

    meanwhile = list(await office.ring())
    office.network.shows = Progress.ENDED

    assert meanwhile == []
    assert await office.ring() == [OFFICER]


async def test_a_request_that_is_under_way_may_become_a_call() -> None:
    office = Office(live=replace(LIVE, progress=Progress.INTENDED, provider_id=None))

    at_once = list(await office.ring())
    office.clock.move_to(MIDNIGHT + timedelta(seconds=20))

    assert at_once == []
    assert await office.ring() == [OFFICER]


async def test_nobody_is_rung_on_the_word_of_a_carrier_that_does_not_answer() -> None:
    office = Office(live=LIVE)
    office.network.shows = None

    assert await office.ring() == []


async def test_a_call_that_a_process_before_asked_for_is_not_made_twice() -> None:
    """It could be written down nowhere: the carrier alone knows of it."""
    office = Office(live=None)
    office.network.lists = [Seen("CA0", Progress.RINGING)]

    meanwhile = list(await office.ring())
    office.network.lists = [Seen("CA0", Progress.ENDED, Outcome.COMPLETED)]

    assert meanwhile == []
    assert await office.ring() == [OFFICER]


async def test_who_is_on_duty_is_rung_although_the_carrier_does_not_list_its_calls() -> None:
    office = Office(live=None)
    office.network.lists = None

    assert await office.ring() == [OFFICER]


async def test_a_number_that_was_rung_from_memory_is_not_rung_again_while_that_may_last() -> None:
    office = Office(live=None)

    before = office.alarm.occupies(OFFICER)
    await office.ring()
    at_once = office.alarm.occupies(OFFICER)
    office.clock.move_to(MIDNIGHT + timedelta(minutes=2))

    assert (before, at_once, office.alarm.occupies(OFFICER)) == (False, True, False)
