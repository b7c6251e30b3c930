"""One district in one process: from the taking of its lease until that is lost or given back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

import structlog
from starlette.types import ASGIApp

from services.dispatcher.domain.desk.desk import Desk
from services.runtime.bus import BusUnavailableError, NotOwnerError
from services.runtime.clock import Clock
from services.runtime.health import Readiness
from services.runtime.lifecycle import Lifecycle
from services.runtime.redis.lease import Lease

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Served:
    """A district whose people are called from here: *app* takes its webhooks."""

    app: ASGIApp
    desk: Callable[[], Desk]


Serve = Callable[[str, Lease, Lifecycle], Awaitable[Served]]
"""
Opens what serves a district under a lease, and starts it; the lifecycle ends it. Nobody else asks
the carrier for anything any more when it is called.
"""


class TenureEnd(StrEnum):
    """Why a district is this process's no more."""

    LOST = "lost"
    """Another has it, or may have it."""
    GIVEN_BACK = "given_back"
    FAILED = "failed"
    """Something broke: another process may do better."""


class Tenure:
    """Run it once. *clock* is the real one, whatever the district's own shows."""

    def __init__(self, district: str, lease: Lease, serve: Serve, clock: Clock) -> None:
        self._district = district
        self._lease = lease
        self._serve = serve
        self._clock = clock
        self._lifecycle = Lifecycle(Readiness(), (NotOwnerError,))
        self.served: Served | None = None
        """Set while its people are called from here."""

    def give_back(self) -> None:
        """Let `run` return soon, in order."""
        self._lifecycle.stop()

    async def run(self) -> TenureEnd:
        """
        Serve the district until the lease is lost, or until this is cancelled or asked to give it
        back: then the next owner may begin at once.
        """
        lifecycle = self._lifecycle
        lifecycle.spawn("lease", self._lease.keep(self._clock))
        lifecycle.spawn("district", self._begin())
        try:
            code = await lifecycle.run_until_signal(())
        finally:
            self.served = None
            was_lost = self._lease.is_lost
            if not was_lost:
                await self._release()
        if was_lost:
            return TenureEnd.LOST
        return TenureEnd.FAILED if code else TenureEnd.GIVEN_BACK

    async def _begin(self) -> None:
        await self._clock.sleep_until(self._clock.now() + self._lease.wait)
        self.served = await self._serve(self._district, self._lease, self._lifecycle)
        _log.info("district_served", district=self._district)

    async def _release(self) -> None:
        try:
            await self._lease.release()
        except BusUnavailableError:
            _log.warning("lease_not_given_back", district=self._district)  # it runs out by itself
