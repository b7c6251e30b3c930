"""Time in: tells the dispatcher whenever an instant has come that it waits for."""

from services.dispatcher.domain.inputs import WokenUp
from services.dispatcher.pipeline import DispatcherPipeline
from services.runtime.bus import BusUnavailableError
from services.runtime.clock import Clock
from services.runtime.waiting import instant_or_event


class Wakeups:
    """One task that sleeps until the desk's next instant, and again when that has changed."""

    def __init__(self, pipeline: DispatcherPipeline, clock: Clock) -> None:
        self._pipeline = pipeline
        self._clock = clock

    async def run(self) -> None:
        """Wake the dispatcher for ever."""
        while True:
            self._pipeline.woken.clear()
            if await instant_or_event(
                self._clock, self._pipeline.next_wake(), self._pipeline.woken
            ):
                try:
                    await self._pipeline.tell(WokenUp())
                except BusUnavailableError:
                    continue  # the dispatcher itself goes on trying; the timer stays due
