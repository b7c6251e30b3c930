"""
Carries commands to the telephone network and tells the dispatcher what came of them.

A command is here only after its intent is on disk. What happens to it is told as an input, never
decided here; what was under way when the process died is found again by reconciliation.
"""

import asyncio
from asyncio import Semaphore
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from services.dispatcher.domain.commands import (
    AskStatus,
    Broadcast,
    CancelMessage,
    Command,
    EndCall,
    PlaceCall,
    Reconcile,
    SendMessage,
)
from services.dispatcher.domain.inputs import (
    AttemptSeen,
    Input,
    NotFound,
    RequestAnswered,
    RequestLost,
    RequestRefused,
)
from services.dispatcher.ports import (
    AnswerLostError,
    CarrierError,
    CarrierRefusedError,
    Dispatch,
    OpenWindow,
    Seen,
    SendWindow,
    Stations,
    Telephony,
    always_open,
)
from services.runtime.bus import BusError, BusUnavailableError
from services.runtime.clock import Clock

Spawn = Callable[[str, Coroutine[Any, Any, None]], object]
"""Starts a named task that is cancelled, and awaited, when the process stops."""

Observe = Callable[[PlaceCall | SendMessage | Broadcast, datetime, Input], None]

# A lane for each, so that a call is ended at once however many requests hang: 64 in flight at the
# usual 0.2 s an answer are 320 starts/s, a hundred times what a county's carrier permits.
_LANES: dict[type[Command], int] = {
    PlaceCall: 64,
    SendMessage: 64,
    Broadcast: 16,
    EndCall: 16,
    CancelMessage: 16,
    AskStatus: 16,
    Reconcile: 16,
}
NO_ACCOUNT = "no_account"
"""Our code for an account that the pack had when the attempt was made, and has no more."""
WITHDRAWN = "withdrawn"
"""Our code for a request that was not made, because its ask had been answered by then."""
STALE = "stale"
"""
Our code for a request that was not made, because its record is so old that another process may have
the district by now.
"""
_IN_A_TURN = 4
"""
Commands of a round that are begun in one turn of the loop. Sixty at once, a second's starts, would
hold up for a twentieth of a second whoever reports something, and the board.
"""
_TRIES = 3
_BETWEEN_TRIES = timedelta(seconds=1)
_log = structlog.get_logger(__name__)


class Carrier:
    """
    The executor of commands. `bind` it to the dispatcher before the first `run`. *observe* is told
    of each request, when it was made and what came of it.

    While a task waits on the clock it counts as at rest: the clock's owner has to step it.
    """

    def __init__(
        self,
        accounts: Mapping[str, Telephony],
        spawn: Spawn,
        clock: Clock,
        stations: Stations | None = None,
        window: OpenWindow = always_open,
        observe: Observe = lambda _command, _asked_at, _came: None,
    ) -> None:
        self._accounts = accounts
        self._stations = stations
        self._spawn = spawn
        self._clock = clock
        self._window = window
        self._lanes = {kind: Semaphore(size) for kind, size in _LANES.items()}
        self._observe = observe
        self._dispatch: Dispatch | None = None
        self._wants: Callable[[str], bool] = lambda _attempt_id: True
        self._under_way = 0
        self._waiting = 0

    def bind(
        self, dispatch: Dispatch, wants: Callable[[str], bool] = lambda _attempt_id: True
    ) -> None:
        """
        Tell *dispatch* from now on.

        *wants* is asked at the last moment whether an attempt is still to be made: its ask may have
        been answered since it was intended.
        """
        self._dispatch = dispatch
        self._wants = wants

    @property
    def in_flight(self) -> int:
        """How many commands are not finished."""
        return self._under_way

    @property
    def at_rest(self) -> bool:
        """Nothing is under way, or all that is waits for the clock."""
        return self._under_way == self._waiting

    def run(self, commands: Iterable[Command]) -> None:
        """Start carrying out *commands*, in any order; returns at once."""
        window = self._window()
        # Judged here, where the round has just become durable: a process that is stopped from now
        # on finds its window closed.
        is_worn = window.is_worn
        for nth, command in enumerate(commands):
            self._under_way += 1
            self._spawn(
                f"carrier {type(command).__name__}",
                self._run(command, window, nth // _IN_A_TURN, is_worn=is_worn),
            )

    async def _run(
        self, command: Command, window: SendWindow, turns: int, *, is_worn: bool
    ) -> None:
        try:
            for _ in range(turns):
                await asyncio.sleep(0)
            if is_worn and isinstance(command, PlaceCall | SendMessage | Broadcast):
                window = await _reopened(window)
            async with self._lanes[type(command)]:
                inputs = await self._carried_out(command, window)
            for what in inputs:
                await self._tell(what)
        finally:
            self._under_way -= 1

    async def _carried_out(self, command: Command, window: SendWindow) -> Sequence[Input]:
        try:
            match command:
                case PlaceCall() | SendMessage() | Broadcast():
                    asked_at = self._clock.now()
                    came = await self._requested(command, window)
                    self._observe(command, asked_at, came)
                    return [came]
                case EndCall():
                    await self._persistently(lambda: self._end(command))
                case CancelMessage():
                    await self._persistently(lambda: self._cancel(command))
                case AskStatus():
                    telephony = self._telephony(command.account)
                    seen = await telephony.fetch(command.provider_id, voice=command.voice)
                    return [_told(command.attempt_id, seen)]
                case Reconcile():
                    return await self._reconciled(command)
        except CarrierError as exc:
            _failed(command, str(exc))
        except Exception as exc:  # noqa: BLE001 - one broken command must not stop the others
            _failed(command, type(exc).__name__)
        return []

    async def _requested(
        self, command: PlaceCall | SendMessage | Broadcast, window: SendWindow
    ) -> Input:
        attempt_id = command.attempt_id
        if not window.is_open:
            _log.warning("request_stale", attempt_id=attempt_id)
            return RequestRefused(attempt_id, STALE, retry=True)
        if not self._wants(attempt_id):
            return RequestRefused(attempt_id, WITHDRAWN, retry=True)  # answered meanwhile
        try:
            provider_id = await self._ask(command)
        except CarrierRefusedError as exc:
            _log.warning("request_refused", attempt_id=attempt_id, code=exc.code, retry=exc.retry)
            return RequestRefused(attempt_id, exc.code, exc.retry, exc.remedies)
        except AnswerLostError:
            _log.warning("request_answer_lost", attempt_id=attempt_id)
            return RequestLost(attempt_id)
        except Exception as exc:  # noqa: BLE001 - whatever broke, the phone may ring: reconcile it
            _log.error("request_broke", attempt_id=attempt_id, error_type=type(exc).__name__)
            return RequestLost(attempt_id)
        return RequestAnswered(attempt_id, provider_id)

    async def _ask(self, command: PlaceCall | SendMessage | Broadcast) -> str:
        if isinstance(command, Broadcast):
            if self._stations is None:
                raise CarrierRefusedError(NO_ACCOUNT, retry=False)
            await self._stations.speak(command)
            return command.attempt_id  # stations know it by ours
        telephony = self._telephony(command.account)
        if isinstance(command, PlaceCall):
            return await telephony.place_call(command)
        return await telephony.send_message(command)

    async def _end(self, command: EndCall) -> None:
        telephony = self._telephony(command.account)
        await telephony.end_call(command.provider_id, answered=command.answered)

    async def _cancel(self, command: CancelMessage) -> None:
        await self._telephony(command.account).cancel_message(command.provider_id)

    async def _reconciled(self, command: Reconcile) -> Sequence[Input]:
        telephony = self._telephony(command.account)
        found = await telephony.list_to(
            command.contact,
            command.since,
            voice=command.voice,
            coded_for=command.attempt_id if command.coded else None,
        )
        unknown = [seen for seen in found if seen.provider_id not in command.known]
        if len(unknown) == 1 or (unknown and command.final):
            # Of several, the oldest: to take a wrong call to this person for his only makes us
            # wait, while to miss the right one would ring him twice.
            answered = RequestAnswered(command.attempt_id, unknown[0].provider_id)
            return [answered, _told(command.attempt_id, unknown[0])]
        return [NotFound(command.attempt_id)] if command.final else []

    def _telephony(self, account: str) -> Telephony:
        """What was asked of one account is ended and looked for there and nowhere else."""
        telephony = self._accounts.get(account)
        if telephony is None:
            raise CarrierRefusedError(NO_ACCOUNT, retry=True)
        return telephony

    async def _persistently(self, ask: Callable[[], Awaitable[None]]) -> None:
        for _ in range(_TRIES - 1):
            try:
                return await ask()
            except CarrierRefusedError as exc:
                if not exc.retry:
                    raise
            except AnswerLostError:
                pass
            await self._pause()
        return await ask()

    async def _tell(self, what: Input) -> None:
        if self._dispatch is None:
            raise RuntimeError("the carrier is not bound to a dispatcher")
        for _ in range(_TRIES):
            try:
                await self._dispatch.tell(what)
            except BusUnavailableError:
                await self._pause()
            except Exception as exc:  # noqa: BLE001 - the dispatcher has kept it as a dead letter
                _log.error("input_failed", input=type(what).__name__, error=type(exc).__name__)
                return
            else:
                return
        # The attempt stays as it is on disk, and the dispatcher's timer asks the carrier again.
        _log.error("input_not_kept", input=type(what).__name__)

    async def _pause(self) -> None:
        self._waiting += 1
        try:
            await self._clock.sleep_until(self._clock.now() + _BETWEEN_TRIES)
        finally:
            self._waiting -= 1


async def _reopened(window: SendWindow) -> SendWindow:
    try:
        return await window.reopened()
    except BusError as exc:
        _log.warning("window_not_reopened", error=type(exc).__name__)
        return window


def _failed(command: Command, error: str) -> None:
    name = type(command).__name__
    _log.warning("command_failed", command=name, attempt_id=command.attempt_id, error=error)


def _told(attempt_id: str, seen: Seen) -> AttemptSeen:
    return AttemptSeen(
        attempt_id,
        seen.provider_id,
        seen.progress,
        seen.outcome,
        code=seen.code,
        answered_by_machine=seen.machine,
        remedies=seen.remedies,
    )
