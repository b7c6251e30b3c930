"""
The dispatcher's stages: take what came, decide, store, then act. In that order, because a call that
is asked for before its intent is on disk would be made again by whoever takes over after a crash.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from schemas.topics import Topic
from services.dispatcher.domain.calls.capabilities import EVERYTHING, Capabilities
from services.dispatcher.domain.commands import Command
from services.dispatcher.domain.desk.desk import Desk
from services.dispatcher.domain.desk.effects import Draft, Effects
from services.dispatcher.domain.inputs import DecisionRead, Input, WokenUp
from services.dispatcher.domain.record.ledger import Head, head_of, seal
from services.dispatcher.domain.record.pack_digest import pack_digest
from services.dispatcher.domain.record.recorded_input import Loaded
from services.dispatcher.domain.record.taking import take, together
from services.dispatcher.domain.record.telling_back import share_acknowledged
from services.dispatcher.domain.script import Script
from services.dispatcher.ports import Behind, DeskStore, Failures
from services.district.domain.pack import Pack
from services.runtime.bus import (
    Bus,
    BusUnavailableError,
    NotOwnerError,
    Outgoing,
    Transaction,
)
from services.runtime.clock import Clock

GROUP = "dispatcher"
_MOST_AT_ONCE = 256
_DISK_PAUSE = timedelta(milliseconds=500)

_Waiting = tuple[Input, asyncio.Future[Script | None]]

log = structlog.get_logger()


class DispatcherPipeline:
    """
    One district's dispatcher: one writer, so that a chain is never decided twice at once.

    `tell` may be called from anywhere in the loop; `run` is the one place where inputs are dealt
    with. What waits while a commit is under way shares the next one.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - everything it is wired to, named once
        self,
        bus: Bus,
        clock: Clock,
        pack: Pack,
        store: DeskStore,
        failures: Failures,
        execute: Callable[[Sequence[Command]], None],
        witness: Callable[[Sequence[Draft]], None],
        alarm: Callable[[], None],
        capabilities: Capabilities = EVERYTHING,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._pack = pack
        self._store = store
        self._failures = failures
        self._execute = execute
        self._witness = witness
        self._alarm = alarm
        self._district = pack.rules.district
        self._inbox: deque[_Waiting] = deque()
        self._taken: Sequence[_Waiting] = ()
        """Those of the round that is being dealt with, or was last."""
        self._came = asyncio.Event()
        self._busy = False
        self._is_closed = False
        self._now: datetime = clock.now().astimezone(UTC)
        self._ahead = timedelta(0)
        """How far the ledger was ahead of the clock, when the clock had been set back."""
        self._head = Head()
        self._pack_digest = pack_digest(pack)
        self._loaded: Loaded | None = None
        """Set from a reading of the store until an input that tells of it is on record."""
        self._capabilities = capabilities
        self.desk = Desk(pack, capabilities)
        self.woken = asyncio.Event()
        """Set when the next wake-up comes before the one `next_wake` told last, or that has passed."""
        self._told_wake: datetime | None = None
        self.busy = asyncio.Event()
        """Set while anybody is still to be reached."""

    @property
    def at_rest(self) -> bool:
        """Whether nothing waits to be decided or stored."""
        return not self._inbox and not self._busy

    def next_wake(self) -> datetime | None:
        """Return when the dispatcher wants to be told that time has passed."""
        self._told_wake = self.desk.next_wake()
        return None if self._told_wake is None else self._told_wake - self._ahead

    def head_at_present(self) -> tuple[Head, datetime]:
        """Return the last durable record, and a time that no later record will be before."""
        if not self._busy:
            self._now = self._present()
        return self._head, self._now

    def wants(self, attempt_id: str) -> bool:
        """Whether *attempt_id* has not been withdrawn since it was intended."""
        attempt = self.desk.attempts.get(attempt_id)
        return attempt is None or not attempt.withdrawn

    async def start(self) -> None:
        """Load what is stored, and take up what the process before left under way."""
        await self._load()
        self._put(WokenUp(restarted=True))

    async def tell(self, what: Input) -> Script | None:
        """Record *what* and return what to say next, once it is durable (see `Dispatch`)."""
        return await self._put(what)

    async def tell_all(self, inputs: Iterable[Input]) -> None:
        """Record *inputs* in their order; they share a commit where they can."""
        for answer in [self._put(what) for what in inputs]:
            await answer

    def close(self) -> None:
        """Take nothing more, and tell whoever waits that it was not kept: the district is another's."""
        self._is_closed = True
        for _, answer in (*self._taken, *self._inbox):
            if not answer.done():
                answer.set_exception(_not_here())
                answer.exception()  # nobody need wait for it any more
        self._inbox.clear()

    def _put(self, what: Input) -> asyncio.Future[Script | None]:
        answer: asyncio.Future[Script | None] = asyncio.get_running_loop().create_future()
        if self._is_closed:
            answer.set_exception(_not_here())
            return answer
        self._inbox.append((what, answer))
        self._came.set()
        return answer

    async def run(self) -> None:
        """Deal with inputs for ever. NotOwnerError when the district is another's."""
        while True:
            await self._came.wait()
            self._came.clear()
            while self._inbox:
                self._busy = True
                try:
                    await self._one_round()
                finally:
                    self._busy = False
                self._wake_if_needed()
                (self.busy.set if self.desk.has_open_chains else self.busy.clear)()

    def _wake_if_needed(self) -> None:
        # Where the told instant has passed, whoever sleeps towards it may oversleep all that comes
        # until then: the machine's clock was set forwards, and he counts the seconds that are left.
        at, told = self.desk.next_wake(), self._told_wake
        if at is not None and (told is None or at < told or told <= self._present()):
            self.woken.set()

    async def _one_round(self) -> None:
        taken = [self._inbox.popleft() for _ in range(min(len(self._inbox), _MOST_AT_ONCE))]
        self._taken = taken
        try:
            await self._round(taken)
        except NotOwnerError:
            raise
        except Exception:
            # One input that cannot be dealt with must not take the others of its round with it.
            log.exception("dispatch_round_failed", inputs=len(taken))
            await self._load()
            for what, answer in taken:
                await self._alone(what, answer)

    async def _alone(self, what: Input, answer: asyncio.Future[Script | None]) -> None:
        try:
            await self._round([(what, answer)])
        except NotOwnerError:
            raise
        except Exception as error:
            log.exception("dispatch_input_failed", input=type(what).__name__)
            await self._failures.keep(what, error)
            await self._load()
            if not answer.done():
                answer.set_exception(error)

    async def _round(self, taken: Sequence[_Waiting]) -> None:
        self._now = self._present()
        scripts: list[Script | None] = []
        came_to: list[Effects] = []
        loaded = self._loaded
        for what, _ in taken:
            script, effects = take(self.desk, what, self._now, loaded)
            scripts.append(script)
            came_to.append(effects)
            loaded = None if effects.facts else loaded
        effects = together(came_to)
        offsets = [what.offset for what, _ in taken if isinstance(what, DecisionRead)]
        if effects.facts or effects.rows or offsets:
            await self._make_durable(effects, max(offsets, default=None), taken)
            self._loaded = loaded
            self.desk.put_away()
        for (_, answer), script in zip(taken, scripts, strict=True):
            if not answer.done():
                answer.set_result(script)
        self._execute(effects.commands)
        self._witness(effects.facts)

    async def _make_durable(
        self, effects: Effects, last_offset: int | None, taken: Sequence[_Waiting]
    ) -> None:
        """
        Return once *effects* are on disk, however long that takes: until then nothing new starts,
        and what rings already goes on. Who waits for an answer is told at once that it takes
        longer, and the duty officer is rung from memory (invariant 4).
        """
        sealed, head = seal(effects.facts, self._district, self._head, self._now)
        rows = self._store.encode(effects)
        serial = self.desk.serial
        feedback = [
            share_acknowledged(
                share, self._district, self._now, self.desk.callouts[share[0]].status
            )
            for share in effects.received
        ]
        # Asked before they are written: what may be written again lies at or behind this end.
        behind = Behind(head, self._bus.known_end(Topic.DISPATCH, self._district), feedback)

        def work(tx: Transaction) -> None:
            for data in sealed:
                tx.append(Outgoing(Topic.DISPATCH, self._district, data))
            for data in feedback:
                tx.append(Outgoing(Topic.EVENTS, self._district, data))
            self._store.write(tx, rows, serial, behind)
            if last_offset is not None:
                tx.commit_position(GROUP, Topic.DECISIONS, self._district, last_offset + 1)

        while True:
            try:
                await self._bus.transact(work)
                break
            except BusUnavailableError as error:
                log.error("dispatch_not_durable", facts=len(sealed))  # noqa: TRY400 - no trace a time
                for _, answer in taken:
                    if not answer.done():
                        answer.set_exception(error)
                self._alarm()
                await self._clock.sleep_until(self._clock.now() + _DISK_PAUSE)
        self._head = head

    def _present(self) -> datetime:
        """Return the time, which never goes back in the ledger whatever the clock is set to."""
        return max(self._now, self._clock.now().astimezone(UTC) + self._ahead)

    async def _load(self) -> None:
        last = await self._bus.newest(Topic.DISPATCH, self._district)
        self._head = head_of(last[0].data if last else None)
        if self._head.at is not None and self._head.at > self._present():
            # Time goes on from the last record: whoever waits must not wait for the clock as well.
            self._ahead += self._head.at - self._present()
            log.warning("clock_behind_ledger", seconds=self._ahead.total_seconds())
        self._now = self._present()
        desk = Desk(self._pack, self._capabilities)
        await self._store.load(desk, self._now)
        self._loaded = Loaded(self._now, self._pack_digest, self._capabilities)
        self.desk = desk


def _not_here() -> BusUnavailableError:
    return BusUnavailableError("the district is another's now")
