"""`Polled` and calls whose words go along: the same over real HTTP and in process."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.dispatcher.adapters.twilio.telephony import CLOCKS_DIFFER_BY, TwilioTelephony
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.commands import PlaceCall
from services.dispatcher.domain.script import Await, Script
from tests.contract.telephony_town import CODER, NEVER, NUMBERS, WRITER, Town, open_town
from tests.fakes.telephony import FakeTelephony

SCRIPT = Script(0, ("暴雨红色预警。", "请用短信回复确认码{code}。"), Await.NOTHING)


@pytest.fixture(params=[False, True], ids=["in_process", "http"])
async def town(request: pytest.FixtureRequest) -> AsyncIterator[Town]:
    async with open_town(http=request.param, webhooks=False) as opened:
        yield opened


def polled(town: Town) -> TwilioTelephony | FakeTelephony:
    assert isinstance(town.telephony, TwilioTelephony | FakeTelephony)
    return town.telephony


def pass_by(town: Town) -> None:
    """Let so long pass that no difference of the clocks explains it."""
    town.clock.move_to(town.clock.now() + CLOCKS_DIFFER_BY + timedelta(seconds=1))


async def ring(town: Town, contact: str, attempt_id: str = "a_1") -> str:
    call = PlaceCall(attempt_id, contact, timedelta(seconds=30), script=SCRIPT)
    return await town.telephony.place_call(call)


async def test_the_words_go_along_and_are_said_twice(town: Town) -> None:
    await ring(town, CODER)
    await town.live(80)

    heard = town.exchange.record.heard(NUMBERS[CODER])

    assert heard.count("暴雨红色预警") == 2
    assert "{code}" not in heard
    assert town.asker.told == []
    assert town.exchange.record.notices == []


async def test_how_our_calls_stand_is_listed_since_an_instant(town: Town) -> None:
    long_before = await ring(town, NEVER)
    await town.live(60)
    pass_by(town)
    since = town.clock.now()
    answered, ringing = await ring(town, CODER, "a_2"), await ring(town, NEVER, "a_3")
    await town.live(17)

    seen = {one.provider_id: one for one in await polled(town).calls_since(since, 50)}

    assert set(seen) == {answered, ringing}
    assert seen[ringing].progress is Progress.RINGING
    assert seen[answered].progress is Progress.ANSWERED
    await town.live(60)
    everything = await polled(town).calls_since(since - timedelta(minutes=2), 50)
    ends = {one.provider_id: one.outcome for one in everything}
    assert ends[long_before] is ends[ringing] is Outcome.NO_ANSWER
    assert ends[answered] is Outcome.COMPLETED


async def test_how_our_messages_stand_is_listed_without_those_we_received(town: Town) -> None:
    since = town.clock.now()
    sent = await town.text(WRITER, text="确认码 {code}，请回复。")
    await town.live(60)

    seen = await polled(town).messages_since(since, 50)

    assert [(one.provider_id, one.outcome) for one in seen] == [(sent, Outcome.DELIVERED)]


async def test_what_people_wrote_is_listed_with_the_code_they_heard(town: Town) -> None:
    since = town.clock.now()
    await ring(town, CODER)
    await town.live(90)

    [text] = await polled(town).texts_since(since, 50)

    assert text.number == NUMBERS[CODER]
    assert town.codes.judge("a_1", text.body)
    assert NUMBERS[CODER] not in repr(text)
    assert text.body not in repr(text)
    assert await polled(town).texts_since(town.clock.now(), 50) == [text]
    pass_by(town)
    assert await polled(town).texts_since(town.clock.now(), 50) == []
