"""
The practice telephone network through both its doors: Twilio's own client over HTTP, and in process.
"""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.phones.domain.account import Account
from services.phones.domain.exchange import Exchange
from services.phones.domain.faults import CallbackFault, CreateFault, Resource
from services.phones.domain.person import Habit, Reply
from services.runtime.clock import SteppingClock
from tests.unit.phones.doors import Door, HttpDoor, InProcessDoor, Lost, Refused
from tests.unit.phones.town import ANNA, BORIS, SID, START, TOKEN, person

NIGHT = "+8619900000233"
PEOPLE = (
    person(ANNA, Habit.CODER),
    person(BORIS, Habit.NEVER, reply=Reply.ONE),
    person(NIGHT, Habit.RINGS_BACK),
)


class Night:
    """A door and its clock: the story is told in seconds."""

    def __init__(self, door: Door, clock: SteppingClock) -> None:
        self.door, self.clock = door, clock

    async def live(self, seconds: float) -> None:
        until = self.clock.now() + timedelta(seconds=seconds)
        await self.door.network.settle()
        while (due := self.clock.next_due()) is not None and due <= until:
            self.clock.move_to(due)
            await self.door.network.settle()
        self.clock.move_to(until)
        await self.door.network.settle()

    def statuses(self, sid: str) -> list[str]:
        return [form["CallStatus"] for form in self.door.told if form.get("CallSid") == sid]


@pytest.fixture(params=["http", "in_process"])
async def night(request: pytest.FixtureRequest) -> AsyncIterator[Night]:
    clock = SteppingClock(START)
    account = Account(
        SID,
        TOKEN,
        starts_per_s=2,
        lines=3,
        voice_url="http://desk.test/voice",
        sms_url="http://desk.test/sms",
    )
    exchange = Exchange([account], seed="contract", start=START, people=PEOPLE)
    if request.param == "http":
        door = HttpDoor(exchange, clock)
        close = await door.open()
        yield Night(door, clock)
        await close()
    else:
        inside = InProcessDoor(exchange, clock)
        await inside.phones.start()
        yield Night(inside, clock)
        await inside.phones.stop()


async def test_a_person_hears_the_code_and_confirms_with_it(night: Night) -> None:
    sid = await night.door.call(ANNA)
    queued = await night.door.status(sid)
    await night.live(60)

    assert queued == "queued"
    assert await night.door.status(sid) == "completed"
    assert night.statuses(sid) == ["initiated", "ringing", "in-progress", "completed"]
    assert night.door.exchange.record.pressed(ANNA) == "1472"
    assert night.door.network.in_flight == 0


async def test_a_phone_nobody_answers_rings_out(night: Night) -> None:
    sid = await night.door.call(BORIS, rings_s=20)
    await night.live(15)
    while_ringing = await night.door.status(sid)
    await night.live(10)

    assert while_ringing == "ringing"
    assert night.statuses(sid) == ["initiated", "ringing", "no-answer"]


async def test_a_ringing_call_can_be_canceled_once(night: Night) -> None:
    sid = await night.door.call(BORIS)
    await night.live(3)

    ended = await night.door.end(sid, "canceled")
    with pytest.raises(Refused) as refused:
        await night.door.end(sid, "completed")
    await night.live(60)

    assert (ended, refused.value.code) == ("canceled", 21220)
    assert night.statuses(sid)[-1] == "canceled"


async def test_calls_over_the_budget_wait_their_turn(night: Night) -> None:
    numbers = [f"+86199000020{n:02}" for n in range(6)]

    sids = [await night.door.call(number) for number in numbers]
    await night.live(180)

    record = night.door.exchange.record
    assert [await night.door.status(sid) for sid in sids] == ["completed"] * 6
    assert record.max_lines_used[SID] == 3
    starts = record.starts[SID]
    assert all(
        later - first >= timedelta(seconds=1)
        for first, later in zip(starts, starts[2:], strict=False)
    )


@pytest.mark.parametrize(
    "fault", [CreateFault.SERVER_ERROR_AFTER_ACCEPTING, CreateFault.DROPPED_AFTER_ACCEPTING]
)
async def test_a_call_whose_answer_is_lost_is_found_in_the_list(
    night: Night, fault: CreateFault
) -> None:
    night.door.exchange.faults.fail_next_create(Resource.CALLS, fault)
    night.door.exchange.faults.list_lag = timedelta(seconds=2)

    with pytest.raises(Lost):
        await night.door.call(ANNA)
    too_early = await night.door.calls_to(ANNA)
    await night.live(3)

    assert too_early == []
    (sid,) = await night.door.calls_to(ANNA)
    assert night.statuses(sid) == ["initiated", "ringing"]


async def test_too_many_requests_are_refused_and_ring_nobody(night: Night) -> None:
    faults = night.door.exchange.faults
    faults.fail_next_create(Resource.CALLS, CreateFault.TOO_MANY_REQUESTS)

    with pytest.raises(Refused) as refused:
        await night.door.call(ANNA)

    assert refused.value.code == 20429
    assert await night.door.calls_to(ANNA) == []


async def test_callbacks_can_be_doubled_and_out_of_order(night: Night) -> None:
    faults = night.door.exchange.faults
    faults.fail_next_callback(CallbackFault.REORDERED)
    faults.fail_next_callback(CallbackFault.DOUBLED)

    sid = await night.door.call(BORIS, rings_s=30)
    await night.live(60)

    assert night.statuses(sid) == ["ringing", "initiated", "ringing", "no-answer"]


async def test_a_text_is_delivered_and_answered(night: Night) -> None:
    sid = await night.door.text(BORIS, "请转移，收到回 1")
    await night.live(60)

    assert await night.door.text_status(sid) == "delivered"
    assert night.door.told[-1]["Body"] == "1"
    assert [form["MessageStatus"] for form in night.door.told[:-1]] == [
        "queued",
        "sent",
        "delivered",
    ]


async def test_who_missed_a_call_rings_back_and_confirms(night: Night) -> None:
    await night.door.call(NIGHT, rings_s=20)
    await night.live(120)

    assert night.door.exchange.record.pressed(NIGHT) == "1472"
    assert night.door.exchange.record.max_live_calls_per_number == 1
