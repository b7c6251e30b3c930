"""Asking the carrier: how often, what is told, and what happens when it does not answer."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from schemas.level import Level
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.inputs import AttemptSeen, Input, RequestAnswered
from services.dispatcher.domain.script import Script
from services.dispatcher.entrypoints.carrier_polling import CarrierPolling
from services.dispatcher.ports import AnswerLostError, CarrierError, Seen, Text
from services.district.domain.policy import MAIN
from services.runtime.bus import BusUnavailableError
from services.runtime.clock import SteppingClock
from tests.unit.dispatcher.night import MIDNIGHT
from tests.unit.dispatcher.test_without_call_backs import Silent


class Line:
    """A carrier's lists, and how often each was asked for."""

    def __init__(self) -> None:
        self.calls: list[Seen] = []
        self.texts: list[Text] = []
        self.asked: list[tuple[str, datetime]] = []
        self.trouble: CarrierError | None = None

    async def _list(self, what: str, since: datetime) -> None:
        self.asked.append((what, since))
        if self.trouble is not None:
            raise self.trouble

    async def calls_since(self, since: datetime, most: int) -> Sequence[Seen]:
        await self._list("calls", since)
        return self.calls

    async def messages_since(self, since: datetime, most: int) -> Sequence[Seen]:
        await self._list("messages", since)
        return []

    async def texts_since(self, since: datetime, most: int) -> Sequence[Text]:
        await self._list("texts", since)
        return self.texts


class Scene:
    """One call that rings, and somebody who asks about it."""

    def __init__(self, *, ringing: bool = True) -> None:
        self.night, self.line = Silent(), Line()
        self.told: list[Input] = []
        self.heard: list[str] = []
        self.trouble: Exception | None = None
        self.clock = SteppingClock(MIDNIGHT)
        if ringing:
            self.night.respond(Level.II)
            call = self.night.calls("holder")[0]
            self.attempt_id = call.attempt_id
            self.night.tell(RequestAnswered(call.attempt_id, "CA1"))
        self.polling = CarrierPolling(
            {MAIN: self.line}, self, lambda: self.night.desk, self.hear, self.clock
        )

    async def tell(self, what: Input) -> Script | None:
        self.told.append(what)
        return self.night.tell(what)

    async def hear(self, text: Text) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.heard.append(text.provider_id)

    async def live(self, seconds: float) -> None:
        until = self.clock.now() + timedelta(seconds=seconds)
        running = asyncio.ensure_future(self.polling.run())
        await self._rest()
        while (due := self.clock.next_due()) is not None and due <= until:
            self.clock.move_to(due)
            await self._rest()
        self.clock.move_to(until)
        running.cancel()

    async def _rest(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)
        assert self.polling.at_rest


async def test_a_round_is_three_requests_every_three_seconds_however_many_calls_there_are() -> None:
    scene = Scene()

    await scene.live(30)

    asked = [what for what, _ in scene.line.asked]
    assert asked.count("calls") == 10
    assert len(asked) <= 30


async def test_nothing_is_asked_often_while_nobody_is_to_be_reached() -> None:
    scene = Scene(ringing=False)

    await scene.live(300)

    assert [what for what, _ in scene.line.asked] == ["texts"] * 10


async def test_news_is_told_once_and_what_is_known_is_not() -> None:
    scene = Scene()
    scene.line.calls = [Seen("CA9", Progress.ENDED), Seen("CA1", Progress.RINGING)]

    await scene.live(12)
    scene.line.calls = [Seen("CA1", Progress.ENDED, Outcome.NO_ANSWER)]
    await scene.live(12)

    assert scene.told == [
        AttemptSeen(scene.attempt_id, "CA1", Progress.RINGING),
        AttemptSeen(scene.attempt_id, "CA1", Progress.ENDED, Outcome.NO_ANSWER),
    ]


async def test_a_text_is_heard_once_however_often_it_is_listed() -> None:
    scene = Scene()
    scene.line.texts = [Text("SM1", "+8613800000001", "1")]

    await scene.live(12)

    assert scene.heard == ["SM1"]


async def test_a_text_that_could_not_be_kept_is_heard_in_the_next_round() -> None:
    scene = Scene()
    scene.line.texts = [Text("SM1", "+8613800000001", "1")]
    scene.trouble = BusUnavailableError()
    await scene.live(4)

    scene.trouble = None
    await scene.live(4)

    assert scene.heard == ["SM1"]


@pytest.mark.parametrize("trouble", [AnswerLostError("lost")])
async def test_a_carrier_that_does_not_answer_is_asked_again(trouble: CarrierError) -> None:
    scene = Scene()
    scene.line.trouble = trouble
    await scene.live(9)

    scene.line.trouble = None
    scene.line.texts = [Text("SM1", "+8613800000001", "1")]
    await scene.live(4)

    assert scene.heard == ["SM1"]


async def test_texts_of_the_time_before_the_start_are_asked_for() -> None:
    scene = Scene(ringing=False)

    await scene.live(60)

    since = [at for what, at in scene.line.asked if what == "texts"]
    assert since[0] == MIDNIGHT - timedelta(minutes=30)
    assert since[1] == datetime(2026, 7, 8, 15, 58, 30, tzinfo=UTC)
