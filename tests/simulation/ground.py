"""What every life of a night stands on: the pack, the folder, the machine's clock, the account."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from services.dispatcher.adapters.twilio.account import TwilioAccount
from services.district.domain.pack import Pack
from services.runtime.clock import RealClock


class TrueClock:
    """The time it really is, which only moves on: the carrier's."""

    def __init__(self, start: datetime) -> None:
        self._start = start

    def now(self) -> datetime:
        return self._start + timedelta(seconds=asyncio.get_running_loop().time())

    async def sleep_until(self, instant: datetime) -> None:
        left = (instant - self.now()).total_seconds()
        await asyncio.sleep(max(0.0, left))


class MachineClock(RealClock):
    """The clock of one process, on *machine*."""

    def __init__(self, machine: "Machine") -> None:
        super().__init__(machine.now, machine.elapsed_s)


class Machine:
    """A machine whose time may be set: *off_by* is how wrong it is."""

    def __init__(self, start: datetime, loop: asyncio.AbstractEventLoop) -> None:
        self._start = start
        self._loop = loop
        self.off_by = timedelta(0)

    def now(self) -> datetime:
        """Return what its clock shows."""
        return self._start + timedelta(seconds=self._loop.time()) + self.off_by

    def elapsed_s(self) -> float:
        """Return seconds that nobody can set."""
        return self._loop.time()


@dataclass(frozen=True, slots=True)
class Ground:
    """The same for every process of a night."""

    pack: Pack
    data: Path
    machine: Machine
    account: TwilioAccount
    tick: timedelta = timedelta(seconds=1)
