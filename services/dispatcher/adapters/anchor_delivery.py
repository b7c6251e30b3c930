"""
Brings anchors to one place, in their order, however long that place is away.

Nobody waits for it: what is late is counted, and told in the log once.
"""

import asyncio
from collections import deque
from datetime import datetime, timedelta

import structlog

from services.dispatcher.ports import AnchorNotKeptError, AnchorPlace
from services.runtime.clock import Clock
from services.runtime.metrics import Metrics

LATE_AFTER = timedelta(minutes=1)
MOST_WAITING = 10_000
"""A week of anchors at one a minute. The newest covers all before it: the oldest go first."""
_FIRST_PAUSE = timedelta(seconds=1)
_LONGEST_PAUSE = timedelta(minutes=1)

_log = structlog.get_logger(__name__)


class AnchorDelivery:
    """The queue in front of *place*. While it waits on the clock it counts as at rest."""

    def __init__(self, place: AnchorPlace, clock: Clock, metrics: Metrics) -> None:
        self._place = place
        self._clock = clock
        self._metrics = metrics
        self._queue: deque[tuple[datetime, bytes]] = deque(maxlen=MOST_WAITING)
        self._came = asyncio.Event()
        self._is_pausing = False
        metrics.watch_anchors(place.name, lambda: len(self._queue))

    @property
    def at_rest(self) -> bool:
        """Whether nothing is under way, or all that is waits for the clock."""
        return self._is_pausing or not self._queue

    def put(self, anchor: bytes) -> None:
        """Take *anchor*; returns at once."""
        self._queue.append((self._clock.now(), anchor))
        self._came.set()

    async def run(self) -> None:
        """Deliver for ever."""
        try:
            while True:
                await self._came.wait()
                self._came.clear()
                while self._queue:
                    await self._deliver(*self._queue[0])
        finally:
            await self._place.aclose()

    async def _deliver(self, made_at: datetime, anchor: bytes) -> None:
        pause, is_told = _FIRST_PAUSE, False
        while not await self._is_kept(anchor):
            if self._is_late(made_at) and not is_told:
                is_told = True
                _log.warning("anchor_late", place=self._place.name)
            await self._pause(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            if self._queue[0][1] is not anchor:
                return  # it was pushed out by newer ones, which cover it
        self._metrics.anchors_kept.labels(self._place.name).inc()
        if self._is_late(made_at):
            self._metrics.anchors_late.labels(self._place.name).inc()
        if self._queue[0][1] is anchor:
            self._queue.popleft()

    async def _is_kept(self, anchor: bytes) -> bool:
        try:
            await self._place.keep(anchor)
        except AnchorNotKeptError as error:
            self._metrics.anchor_failures.labels(self._place.name).inc()
            _log.info("anchor_not_kept", place=self._place.name, error=str(error))
            return False
        return True

    def _is_late(self, made_at: datetime) -> bool:
        return self._clock.now() - made_at >= LATE_AFTER

    async def _pause(self, span: timedelta) -> None:
        self._is_pausing = True
        try:
            await self._clock.sleep_until(self._clock.now() + span)
        finally:
            self._is_pausing = False
