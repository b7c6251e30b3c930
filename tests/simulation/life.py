"""One life of the system: from its start on what is on disk to its death, at any step or write."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import copy_context
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry

from schemas.event import Act
from schemas.topics import Topic
from schemas.wire import encode
from services.correlator.entrypoints.embedded_runner import EmbeddedRunner
from services.correlator.main import build_correlator
from services.dispatcher.entrypoints.twilio_edge import TwilioEdge
from services.dispatcher.main import Dispatcher, DispatcherSettings, build_dispatcher
from services.dispatcher.ports import Telephony
from services.district.domain.policy import MAIN
from services.ingest.adapters.event_publisher import BusEventLog
from services.ingest.domain.errors import NotDurableError
from services.ingest.entrypoints.ticker import Ticker
from services.ingest.pipeline.readings import ReadingsPipeline
from services.runtime.bus import BusUnavailableError, Outgoing
from services.runtime.clock import Clock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.health import Readiness
from services.runtime.lifecycle import Lifecycle
from services.runtime.metrics import Metrics
from services.system.pack_in_force import activate
from tests.simulation.disk import Disk
from tests.simulation.faults import Count, Mishaps
from tests.simulation.ground import Ground, MachineClock
from tests.simulation.loop import OWNER

T = TypeVar("T")

_BALLAST_BYTES = 4096
_TICK_EVERY_S = 5.0
"""The log's own clock is looked at so often: a tick a second is what a night would consist of."""


class DiedError(BusUnavailableError):
    """The process that was asked is dead: whoever asked hears nothing, as from a closed door."""


class Life:
    """
    The services of one district over one disk, in a context of their own.

    `is_dead` is what the loop asks before each step; *mourn* is called once, in the dying step.
    """

    def __init__(
        self,
        ground: Ground,
        disk: Disk,
        mishaps: Mishaps,
        wrap: Callable[["Life", Telephony], Telephony],
        mourn: Callable[["Life", float], None],
    ) -> None:
        self._ground = ground
        self._disk = disk
        self._mishaps = mishaps
        self._wrap = wrap
        self._mourn = mourn
        self._asked: set[asyncio.Future[Any]] = set()
        self._context = copy_context()
        self._context.run(OWNER.set, self)
        self.is_dead = False
        self.is_ready = False
        self.failure: BaseException | None = None
        self.bus: EmbeddedBus | None = None
        self.dispatcher: Dispatcher | None = None
        self.correlator: EmbeddedRunner | None = None
        self.lifecycle: Lifecycle | None = None
        self._readings: ReadingsPipeline | None = None
        self.on_ready: Callable[[], None] = lambda: None

    def step(self) -> None:
        """Count a step; a fault may make it the last."""
        for fault in self._mishaps.next(Count.STEP):
            self.die(fault.size)

    def die(self, downtime_s: float) -> None:
        """Be dead: nothing of this process runs again, and nobody is told anything."""
        if self.is_dead:
            return
        self.is_dead = True
        self._mourn(self, downtime_s)
        for future in self._asked:
            if not future.done():
                future.set_exception(DiedError("the process died"))

    def bury(self) -> None:
        """Give back what an operating system takes from the dead: files and locks."""
        if self.bus is None:
            return
        with contextlib.suppress(Exception):
            self.bus._store.close()
        with contextlib.suppress(Exception):
            self.bus._reader.close()
        with contextlib.suppress(Exception):
            self.bus._checkpoints._database.close()
        self.bus._lock.release()

    def begin(self) -> None:
        """Start on what is on disk."""

        async def start() -> None:
            try:
                await self._start()
            except BusUnavailableError as error:
                self.failure = error
                self.die(_RESTARTED_AFTER_S)
            except Exception as error:
                self.failure = error
                raise

        self.spawn(start())

    def spawn(self, work: Coroutine[Any, Any, object]) -> None:
        """Run *work* inside this process."""
        asyncio.get_running_loop().create_task(work, context=self._context.copy())

    async def enter(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run *work* inside this process for somebody outside. DiedError when it dies of it."""
        if self.is_dead or not self.is_ready:
            raise DiedError("nobody listens")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._asked.add(answer)

        async def serve() -> None:
            try:
                result = await work()
            except Exception as error:  # noqa: BLE001 - it is the asker's, whatever it is
                if not answer.done():
                    answer.set_exception(error)
            else:
                if not answer.done():
                    answer.set_result(result)

        self.spawn(serve())
        try:
            return await answer
        finally:
            self._asked.discard(answer)

    @property
    def edge(self) -> TwilioEdge:
        """Where the carrier's webhooks come in."""
        assert self.dispatcher is not None
        return self.dispatcher.edge

    async def read(self, body: bytes) -> None:
        """Take readings, as `POST /v1/readings` would; NotDurableError for a 503."""
        assert self._readings is not None
        assert self.bus is not None
        if self.bus.ballast_freed:
            raise NotDurableError
        await self._readings.take(self._ground.pack.sources[0], body, "application/json")

    async def act(self, act: Act) -> None:
        """Take what a person did."""
        assert self.bus is not None
        await self.bus.publish([Outgoing(Topic.EVENTS, act.district, encode(act))])

    async def _start(self) -> None:
        ground = self._ground
        clock = MachineClock(ground.machine)
        disk = self._disk
        disk.process = self
        bus = await EmbeddedBus.open(
            ground.data,
            clock,
            ballast_bytes=_BALLAST_BYTES,
            free_bytes=disk.free_bytes,
            shell=disk.shell(),
        )
        self.bus = bus
        disk.ballast_freed = lambda: bus.ballast_freed
        await activate(bus, clock, ground.pack)
        metrics = Metrics(CollectorRegistry())
        lifecycle = self.lifecycle = Lifecycle(Readiness())
        district = ground.pack.rules.district
        self.correlator = build_correlator(bus, clock, district)
        self.dispatcher = build_dispatcher(
            bus,
            clock,
            ground.pack,
            {MAIN: ground.account},
            DispatcherSettings(ground.data, hire=disk.shell().hire),
            metrics,
            lifecycle.spawn,
            lambda telephony: self._wrap(self, telephony),
        )
        log = BusEventLog(bus, clock, district)
        await log.open()
        self._readings = ReadingsPipeline(ground.pack.rules, log, clock)
        ticker = Ticker(log, clock, ground.tick, self.correlator.next_due)
        lifecycle.spawn("correlator", self.correlator.run())
        await self.dispatcher.start(lifecycle.spawn)
        lifecycle.spawn("ticks", _tick(ticker, clock))
        self.is_ready = True
        self.on_ready()


_RESTARTED_AFTER_S = 1.0


async def _tick(ticker: Ticker, clock: Clock) -> None:
    # As whoever steps a clock does: a tick when the fold has something due (design.md 2.1).
    while True:
        await asyncio.sleep(_TICK_EVERY_S)
        due = ticker.next_due()
        if due is not None and due <= clock.now():
            with contextlib.suppress(NotDurableError):
                await ticker.tick()
