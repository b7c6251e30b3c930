"""
A sign of life to another system, which rings somebody when it misses it.

Whoever is dead cannot say so: that a whole process, machine or site is gone is for somebody outside
to notice. Nothing is sent while the process is not well, for a heart that beats in a body that does
not act is worse than none.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout

from services.runtime.clock import Clock
from services.runtime.metrics import Metrics

BEAT_EVERY = timedelta(seconds=60)
_PATIENCE = ClientTimeout(total=10)
_FAILED = 400

log = structlog.get_logger()


class Heartbeat:
    """Posts `{"system", "at"}` to *url* each minute while *is_well*, which may take its time."""

    def __init__(
        self,
        url: str,
        system: str,
        is_well: Callable[[], Awaitable[bool]],
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._url = url
        self._system = system
        self._is_well = is_well
        self._clock = clock
        self._beats = metrics.heartbeats

    async def run(self) -> None:
        """Beat for ever."""
        async with ClientSession(timeout=_PATIENCE) as session:
            while True:
                self._beats.labels(await self._beat(session)).inc()
                await self._clock.sleep_until(self._clock.now() + BEAT_EVERY)

    async def _beat(self, session: ClientSession) -> str:
        if not await self._is_well():
            log.warning("heartbeat_withheld")
            return "unwell"
        body = {"system": self._system, "at": self._clock.now().isoformat()}
        try:
            async with session.post(self._url, json=body) as answer:
                if answer.status < _FAILED:
                    return "sent"
                log.warning("heartbeat_refused", status=answer.status)
        except (ClientError, TimeoutError) as error:
            log.warning("heartbeat_not_sent", error_type=type(error).__name__)
        return "failed"
