"""
The exchange on a clock: inputs at its present instant, timers when they are due, effects carried out.

Both doors use it. On the stepping clock its driver asks `at_rest`, or awaits `settle`, before it
moves the clock: then every effect has been carried and nothing more is due.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from services.phones.domain.effects import Effect, FetchScript, PostCallback
from services.phones.domain.errors import DeliveryError
from services.phones.domain.exchange import Exchange
from services.phones.ports import Webhooks
from services.runtime.clock import Clock

T = TypeVar("T")


class PhoneNetwork:
    """
    Runs one exchange.

    A webhook that fails is counted and is no error of ours; anything else that goes wrong while
    one is carried is raised by the next `settle` or `stop`, so that a test cannot overlook it.
    """

    def __init__(self, exchange: Exchange, clock: Clock, webhooks: Webhooks) -> None:
        self.exchange = exchange
        self._clock = clock
        self._webhooks = webhooks
        self._carried: set[asyncio.Task[None]] = set()
        self._last_callback: dict[str, asyncio.Task[None]] = {}
        self._told = 0
        self._failures: list[BaseException] = []
        self._driver: asyncio.Task[None] | None = None
        self._is_dozing = False
        self._wake = asyncio.Event()
        self._moved = asyncio.Event()
        self._changed = asyncio.Event()
        self.is_stopping = False

    @property
    def in_flight(self) -> int:
        """How many effects are being carried out at this moment."""
        return len(self._carried)

    @property
    def at_rest(self) -> bool:
        """Nothing is under way and nothing more happens before the clock moves."""
        due = self.exchange.next_due()
        return not self._carried and self._is_dozing and (due is None or due > self._clock.now())

    def now(self) -> datetime:
        """Return the instant of this network's clock."""
        return self._clock.now()

    async def start(self) -> None:
        """Begin to follow the clock."""
        self._driver = asyncio.create_task(self._drive())

    async def stop(self) -> None:
        """Stop following the clock and drop what is under way."""
        self.is_stopping = True
        self._changed.set()
        tasks = [*self._carried, *([self._driver] if self._driver else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._raise_failure()

    async def settle(self) -> None:
        """Return when the network is at rest."""
        while not self.at_rest and not self._failures:
            self._moved.clear()
            await self._moved.wait()
        self._raise_failure()

    async def changes_after(self, seen: int) -> int:
        """Wait until the record has changed since its change number *seen*; return the newest."""
        while self.exchange.record.changes <= seen and not self.is_stopping:
            await self._changed.wait()
        return self.exchange.record.changes

    def input(self, act: Callable[[datetime], T]) -> T:
        """Give the exchange an input: *act* is called with the present instant."""
        try:
            return act(self._clock.now())
        finally:
            self._pump()

    def _pump(self) -> None:
        for effect in self.exchange.advance(self._clock.now()):
            self._carry(effect)
        self._is_dozing = False
        self._wake.set()
        if self.exchange.record.changes != self._told:
            self._told = self.exchange.record.changes
            self._changed.set()
            self._changed = asyncio.Event()

    async def _drive(self) -> None:
        while True:
            self._pump()
            self._wake.clear()
            dozing = asyncio.create_task(self._doze(self.exchange.next_due()))
            waking = asyncio.create_task(self._wake.wait())
            try:
                await asyncio.wait({dozing, waking}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                dozing.cancel()
                waking.cancel()
                with suppress(asyncio.CancelledError):
                    await dozing

    async def _doze(self, due: datetime | None) -> None:
        # The flag and the clock's waiter are set in one go: whoever sees the one can step the other.
        self._is_dozing = not self._wake.is_set()
        self._moved.set()
        if due is None:
            await asyncio.Event().wait()
        else:
            await self._clock.sleep_until(due)

    def _carry(self, effect: Effect) -> None:
        match effect:
            case FetchScript():
                self._spawn(self._fetch(effect))
            case PostCallback():
                before = self._last_callback.get(effect.sid)
                task = self._spawn(self._post(effect, before))
                self._last_callback[effect.sid] = task

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._carried.add(task)
        task.add_done_callback(self._carried_out)
        return task

    def _carried_out(self, task: asyncio.Task[None]) -> None:
        self._carried.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._failures.append(failure)
        self._moved.set()

    async def _fetch(self, effect: FetchScript) -> None:
        sid, number = effect.call_sid, effect.fetch_no
        try:
            fetched = await self._webhooks.fetch_script(effect)
        except DeliveryError as exc:
            reason = exc.reason
            self.exchange.record.deliveries_failed += 1
            self.input(lambda now: self.exchange.script_failed(sid, number, reason, now))
        else:
            self.input(
                lambda now: self.exchange.script_arrived(
                    sid, number, fetched.url, fetched.body, now
                )
            )

    async def _post(self, effect: PostCallback, before: asyncio.Task[None] | None) -> None:
        # Call-backs of one call keep their order here; only a fault on demand may change it.
        if before is not None:
            await asyncio.wait({before})
        try:
            body = await self._webhooks.post_callback(effect)
        except DeliveryError:
            self.exchange.record.deliveries_failed += 1
        else:
            if effect.wants_reply:
                self.input(lambda now: self.exchange.reply_arrived(effect.sid, body, now))
        finally:
            if self._last_callback.get(effect.sid) is asyncio.current_task():
                del self._last_callback[effect.sid]

    def _raise_failure(self) -> None:
        if self._failures:
            raise self._failures.pop(0)
