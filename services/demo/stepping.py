"""Drives a whole system on the stepping clock: from one due thing to the next, at rest in between."""

from collections.abc import Callable
from datetime import datetime

from services.phones.entrypoints.server import PhoneServer
from services.runtime.clock import SteppingClock
from services.runtime.rest import settle
from services.system.together import System


class Stepper:
    """
    Moves *clock* for *system* and its practice network.

    What is due next is the earliest of the clock's waiters and the correlator's timers, for which
    the log gets a tick (design.md 2.1).
    """

    def __init__(self, system: System, phones: PhoneServer, clock: SteppingClock) -> None:
        self._system = system
        self._clock = clock
        self._parts = (*system.parts, phones)

    async def settle(self) -> None:
        """Return when nobody has anything left to do at the present instant."""
        await settle(self._parts)

    def next_due(self) -> datetime | None:
        """Return the next instant at which anything happens by itself."""
        times = (self._clock.next_due(), self._system.correlator.next_due())
        return min((at for at in times if at is not None), default=None)

    async def until(self, instant: datetime) -> None:
        """Live through everything that is due up to *instant*, and stop there."""
        await self.settle()
        while (due := self.next_due()) is not None and due <= instant:
            await self._step_to(due)
        self._clock.move_to(instant)
        await self._tick_if_due()
        await self.settle()

    async def until_that(self, happened: Callable[[], bool], limit: datetime) -> bool:
        """Live on until *happened*, at the latest until *limit*; return whether it has."""
        await self.settle()
        while not happened():
            due = self.next_due()
            if due is None or due > limit:
                return False
            await self._step_to(due)
        return True

    async def while_chains_are_open(self, limit: datetime) -> None:
        """Go on until nobody is still to be reached, or *limit* has come."""
        await self.settle()
        desk = self._system.dispatcher.pipeline
        while desk.desk.has_open_chains:
            due = self.next_due()
            if due is None or due > limit:
                return
            await self._step_to(due)

    async def _step_to(self, due: datetime) -> None:
        self._clock.move_to(due)
        await self._tick_if_due()
        await self.settle()

    async def _tick_if_due(self) -> None:
        timer = self._system.correlator.next_due()
        if timer is not None and timer <= self._clock.now():
            await self._system.ingest.ticker.tick()
