"""
Asking a carrier that cannot reach us: how our calls and messages stand, and who has written.

Three requests a round and account at most, however many calls there are: each is a list. A round comes every
three seconds while anything rings, speaks or waits, every six while anybody is still to be reached,
and otherwise every thirty.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from services.dispatcher.domain.calls.attempt import Attempt, Channel
from services.dispatcher.domain.commands import Command
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.inputs import AttemptSeen
from services.dispatcher.ports import CarrierError, Dispatch, Polled, Seen, Text
from services.runtime.bus import BusUnavailableError
from services.runtime.clock import Clock
from services.runtime.waiting import instant_or_event

LIVE, OPEN, IDLE = timedelta(seconds=3), timedelta(seconds=6), timedelta(seconds=30)
_TEXTS_OVERLAP = timedelta(minutes=2)
"""The carrier's list may lag; a text that is told twice is one fact."""
_TEXTS_AT_FIRST = timedelta(minutes=30)
"""A process that was started again asks for what came while it was down."""
_MOST = 1000
_LIST_ALLOWANCE = 50
log = structlog.get_logger(__name__)


class CarrierPolling:
    """One task. What the carrier will not say in a round, the dispatcher's own timers ask for."""

    def __init__(
        self,
        lines: Mapping[str, Polled],
        dispatch: Dispatch,
        desk: Callable[[], Desk],
        hear: Callable[[Text], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._lines = lines
        self._dispatch = dispatch
        self._desk = desk
        self._hear = hear
        self._clock = clock
        self._started = asyncio.Event()
        self._texts_since = dict.fromkeys(lines, clock.now() - _TEXTS_AT_FIRST)
        self._heard: dict[str, set[str]] = {name: set() for name in lines}
        self._asking = False

    @property
    def at_rest(self) -> bool:
        """Whether nothing is being asked."""
        return not self._asking

    def notice(self, commands: Sequence[Command]) -> None:
        """Something is asked of the carrier: the next round is not put off."""
        if commands:
            self._started.set()

    async def run(self) -> None:
        """Ask for ever."""
        asked_at = self._clock.now()
        while True:
            self._started.clear()
            if await instant_or_event(self._clock, asked_at + self._pause(), self._started):
                asked_at = self._clock.now()
                self._asking = True
                try:
                    await self._round(asked_at)
                finally:
                    self._asking = False

    def _pause(self) -> timedelta:
        desk = self._desk()
        if desk.live_attempts():
            return LIVE
        return OPEN if desk.has_open_chains else IDLE

    async def _round(self, now: datetime) -> None:
        live = self._desk().live_attempts()
        for account, line in self._lines.items():
            for channel, ask in (
                (Channel.VOICE, line.calls_since),
                (Channel.SMS, line.messages_since),
            ):
                mine = {
                    one.provider_id: one
                    for one in live
                    if (one.account, one.channel) == (account, channel) and one.provider_id
                }
                if mine:
                    await self._survive(self._states(mine, ask))
            await self._survive(self._texts(account, line, now))

    async def _survive(self, asking: Awaitable[None]) -> None:
        try:
            await asking
        except (CarrierError, BusUnavailableError) as exc:
            log.warning("carrier_not_polled", error=type(exc).__name__)

    async def _states(
        self,
        mine: Mapping[str, Attempt],
        ask: Callable[[datetime, int], Awaitable[Sequence[Seen]]],
    ) -> None:
        since = min(attempt.intended_at for attempt in mine.values())
        for seen in await ask(since, min(_MOST, _LIST_ALLOWANCE + 2 * len(mine))):
            attempt = mine.get(seen.provider_id)
            if attempt is not None and _is_news(attempt, seen):
                await self._dispatch.tell(
                    AttemptSeen(
                        attempt.attempt_id,
                        seen.provider_id,
                        seen.progress,
                        seen.outcome,
                        code=seen.code,
                        answered_by_machine=seen.machine,
                        remedies=seen.remedies,
                    )
                )

    async def _texts(self, account: str, line: Polled, now: datetime) -> None:
        found = await line.texts_since(self._texts_since[account], _MOST)
        for text in found:
            if text.provider_id not in self._heard[account]:
                await self._hear(text)
        # Only once all of them are kept; what was heard before the overlap is in no list any more.
        self._heard[account] = {text.provider_id for text in found}
        self._texts_since[account] = now - _TEXTS_OVERLAP


def _is_news(attempt: Attempt, seen: Seen) -> bool:
    return seen.progress > attempt.progress or (seen.machine and not attempt.machine)
