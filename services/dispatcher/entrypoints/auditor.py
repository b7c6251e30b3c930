"""The audit's own clock, apart from the timers that it looks after."""

import asyncio

from services.dispatcher.domain.inputs import Audited
from services.dispatcher.domain.watch.auditing import AUDIT_EVERY
from services.dispatcher.pipeline import DispatcherPipeline
from services.runtime.bus import BusUnavailableError
from services.runtime.clock import Clock

_PATIENCE_S = 10.0


class Auditor:
    """Has the dispatcher look at itself, every half a minute while anybody is to be reached."""

    def __init__(self, pipeline: DispatcherPipeline, clock: Clock) -> None:
        self._pipeline = pipeline
        self._clock = clock

    async def run(self) -> None:
        """Audit for ever."""
        while True:
            await self._pipeline.busy.wait()
            await self._clock.sleep_until(self._clock.now() + AUDIT_EVERY)
            await self.audit()

    async def audit(self) -> bool:
        """Have it look once; return whether it could. While it cannot store, the pipeline says so."""
        try:
            await self._pipeline.tell(Audited())
        except BusUnavailableError:
            return False
        return True

    async def comes_to_its_end(self) -> bool:
        """Whether the dispatcher deals with an input within a few seconds."""
        task = asyncio.ensure_future(self.audit())
        await asyncio.wait({task}, timeout=_PATIENCE_S)
        if not task.done():
            task.cancel()
            return False
        return task.result()
