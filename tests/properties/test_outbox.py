"""An outbox through any sequence of absent, slow, mute brokers and deaths of its process."""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from services.runtime.clock import SteppingClock
from tests.unit.ingest.outbox_office import MILLISECOND, Office
from tests.unit.ingest.small_district import START

ACTIONS = st.sampled_from(
    ["take", "leave", "return", "be_mute", "be_slow", "be_well", "wait", "wait_long", "die"]
) | st.just("take")
NIGHTS = st.lists(ACTIONS, min_size=8, max_size=30)


class Night:
    """What happened to an office: the events in the order of their acceptance, and whom it told."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._asked: list[tuple[str, asyncio.Task[object]]] = []
        self.answered: list[str] = []

    async def live(self, actions: list[str]) -> None:
        office, brokers = self._office, self._office.brokers
        for number, action in enumerate(actions):
            if action == "take":
                self._asked.append((str(number), await office.take(str(number))))
            elif action == "leave":
                brokers.leave()
            elif action == "return":
                brokers.come_back()
            elif action == "be_mute":
                brokers.mute = True
            elif action == "be_slow":
                brokers.takes = 1500 * MILLISECOND
            elif action == "be_well":
                brokers.mute, brokers.takes = False, timedelta(0)
            elif action == "wait":
                await office.pass_time(700 * MILLISECOND)
            elif action == "wait_long":
                await office.pass_time(timedelta(seconds=31))
            else:
                self._note_answers()
                await office.die()
                await office.open(spool_bytes=1 << 20)
        self._note_answers()

    def _note_answers(self) -> None:
        done = [(name, asked) for name, asked in self._asked if asked.done()]
        self.answered += [name for name, asked in done if asked.exception() is None]
        self._asked.clear()


async def live_through(actions: list[str], folder: Path) -> tuple[list[str], list[str]]:
    office = Office(folder, SteppingClock(START))
    await office.open(spool_bytes=1 << 20)
    night = Night(office)
    await night.live(actions)
    office.brokers.come_back()
    office.brokers.mute, office.brokers.takes = False, timedelta(0)
    await office.pass_time(timedelta(seconds=40))
    assert office.outbox.records == 0
    await office.die()
    return night.answered, office.names


@settings(max_examples=80)
@given(NIGHTS)
def test_what_was_answered_reaches_the_brokers_and_nothing_overtakes(actions: list[str]) -> None:
    """Whoever was told 202 must find his event in the log, behind what was accepted before it."""
    with tempfile.TemporaryDirectory() as folder:
        answered, names = asyncio.run(live_through(actions, Path(folder)))

    arrived = [int(name) for name in dict.fromkeys(names)]
    assert arrived == sorted(arrived)
    assert {int(name) for name in answered} <= set(arrived)
