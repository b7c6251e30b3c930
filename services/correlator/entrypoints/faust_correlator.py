"""The correlator on Faust, as a process runs it: from its start to its end, and how it is meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import cast

import structlog
from faust.types import TP, StoreT

from services.correlator.adapters.topic_shape import TopicShape
from services.correlator.entrypoints.district_runner import DistrictRunner
from services.correlator.entrypoints.faust_app import CorrelatorApp, build_app, hand_on
from services.correlator.entrypoints.faust_settings import FaustSettings
from services.correlator.entrypoints.our_districts import OurDistricts
from services.runtime.bus import Bus, BusUnavailableError
from services.runtime.clock import Clock
from services.runtime.consumer import RETRY_AFTER

_log = structlog.get_logger()

_STOPS_WITHIN_S = 10.0


class FaustStoppedError(Exception):
    """Faust has ended by itself, and says no more about it than its log."""


class FaustCorrelator:
    """One worker among those that share the districts. It does nothing before `run`."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        settings: FaustSettings,
        ask_shape: Callable[[], Awaitable[TopicShape]],
        districts: Sequence[str],
        make_runner: Callable[[CorrelatorApp, str, TP], DistrictRunner],
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._settings = settings
        self._ask_shape = ask_shape
        self._districts = districts
        self._make_runner = make_runner
        self._ours: OurDistricts | None = None
        self._is_ready = False

    @property
    def is_ready(self) -> bool:
        """Whether Faust has told what is ours, and all of that has been taken over."""
        return self._is_ready

    @property
    def at_rest(self) -> bool:
        """Whether every durable event of ours has been folded, or only time can help."""
        return self._is_ready and self._ours is not None and self._ours.at_rest

    @property
    def lag(self) -> int:
        """How many durable events of our districts have not been folded."""
        return 0 if self._ours is None else self._ours.lag

    def next_due(self) -> datetime | None:
        """Return when a fold of ours would next decide something by itself, or None: log time."""
        return None if self._ours is None else self._ours.next_due()

    async def run(self) -> None:
        """
        Work until cancelled. What Faust cannot go on after is raised: it is for whoever runs the
        process to start another.
        """
        shape = await self._shape()
        self._settings.data.mkdir(parents=True, exist_ok=True)
        made = build_app(self._settings, shape)
        app = made.app

        def make_runner(district: str, at: TP) -> DistrictRunner:
            return self._make_runner(made, district, at)

        ours = self._ours = OurDistricts(self._bus, shape, self._districts, make_runner)
        hand_on(made, ours.handle)

        async def revoked(*_: object, **__: object) -> None:
            self._is_ready = False

        async def recovered(*_: object, **__: object) -> None:
            # No record is delivered before this has returned.
            assigned = app.assignor.assigned_actives()
            await ours.assign(at for at in assigned if at.topic == shape.name)
            self._is_ready = True

        app.on_partitions_revoked.connect(revoked)
        app.on_rebalance_complete.connect(recovered)
        try:
            await app.start()
            await app.wait_until_stopped()
            raise app.crash_reason or FaustStoppedError
        finally:
            self._is_ready = False
            await self._stop(made)

    async def _shape(self) -> TopicShape:
        while True:
            try:
                return await self._ask_shape()
            except BusUnavailableError as error:
                _log.warning("brokers_waited_for", why=str(error))
            await self._clock.sleep_until(self._clock.now() + RETRY_AFTER)

    @staticmethod
    async def _stop(made: CorrelatorApp) -> None:
        # It says good-bye to brokers, and these may not be there.
        try:
            async with asyncio.timeout(_STOPS_WITHIN_S):
                await made.app.stop()
        except TimeoutError:
            _log.warning("faust_left_behind")
        # Whoever looked something up after the table was closed has opened it again, and locked it.
        await cast("StoreT[bytes, bytes]", made.table.data).stop()
