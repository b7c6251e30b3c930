"""
The way to the carrier and back: requests that take their time, get lost, or arrive for the dead.

What has left the process arrives whatever becomes of it; an answer reaches only who is alive.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from services.dispatcher.domain.commands import PlaceCall, SendMessage
from services.dispatcher.ports import AnswerLostError, Seen, Telephony
from services.phones.domain.exchange import Exchange
from services.phones.domain.faults import CreateFault, Resource
from tests.simulation.faults import Count, Fault, FaultKind, Mishaps

T = TypeVar("T")

TIMEOUT_S = 10.0
WAY_S = 0.02
"""One way, usually; 40 ms there and back."""
_CREATES = {
    FaultKind.SERVER_ERROR_AFTER_ACCEPTING: CreateFault.SERVER_ERROR_AFTER_ACCEPTING,
    FaultKind.DROPPED_AFTER_ACCEPTING: CreateFault.DROPPED_AFTER_ACCEPTING,
    FaultKind.SERVER_ERROR: CreateFault.SERVER_ERROR,
    FaultKind.TOO_MANY_REQUESTS: CreateFault.TOO_MANY_REQUESTS,
}


@dataclass(slots=True)
class Request:
    """
    A call or SMS that was asked for: what left, when (virtual seconds), and when it arrived.

    *kept_before* is how many records had become durable by then.
    """

    attempt_id: str
    contact: str
    voice: bool
    left_at: float
    kept_before: int
    arrived_at: float | None = None


class Line:
    """The `Telephony` of one process; *outside* runs what is on the way past its death."""

    def __init__(
        self,
        inner: Telephony,
        exchange: Exchange,
        mishaps: Mishaps,
        outside: Callable[[Callable[[], Awaitable[None]]], None],
        requests: list[Request],
        kept: Callable[[], int],
    ) -> None:
        self._inner = inner
        self._exchange = exchange
        self._mishaps = mishaps
        self._outside = outside
        self._requests = requests
        self._kept = kept

    async def place_call(self, command: PlaceCall) -> str:
        request = self._noted(command.attempt_id, command.contact, voice=True)
        return await self._create(request, Resource.CALLS, lambda: self._inner.place_call(command))

    async def send_message(self, command: SendMessage) -> str:
        request = self._noted(command.attempt_id, command.contact, voice=False)
        return await self._create(
            request, Resource.MESSAGES, lambda: self._inner.send_message(command)
        )

    async def end_call(self, provider_id: str, *, answered: bool) -> None:
        await self._ask(lambda: self._inner.end_call(provider_id, answered=answered))

    async def cancel_message(self, provider_id: str) -> None:
        await self._ask(lambda: self._inner.cancel_message(provider_id))

    async def fetch(self, provider_id: str, *, voice: bool) -> Seen:
        return await self._ask(lambda: self._inner.fetch(provider_id, voice=voice))

    async def list_to(
        self, contact: str, since: datetime, *, voice: bool, coded_for: str | None = None
    ) -> Sequence[Seen]:
        return await self._ask(
            lambda: self._inner.list_to(contact, since, voice=voice, coded_for=coded_for)
        )

    def _noted(self, attempt_id: str, contact: str, *, voice: bool) -> Request:
        now = asyncio.get_running_loop().time()
        request = Request(attempt_id, contact, voice, now, self._kept())
        self._requests.append(request)
        return request

    async def _create(
        self, request: Request, resource: Resource, act: Callable[[], Awaitable[str]]
    ) -> str:
        faults = {fault.kind: fault for fault in self._mishaps.next(Count.REQUEST)}
        if FaultKind.REQUEST_LOST in faults:
            await asyncio.sleep(TIMEOUT_S)
            raise AnswerLostError("lost")

        async def create() -> str:
            request.arrived_at = asyncio.get_running_loop().time()
            for kind, fault in _CREATES.items():
                if kind in faults:
                    self._exchange.faults.fail_next_create(resource, fault)
            return await act()

        return await self._travel(create, faults.get(FaultKind.SLOW_REQUEST))

    async def _ask(self, act: Callable[[], Awaitable[T]]) -> T:
        if self._mishaps.next(Count.QUESTION):
            await asyncio.sleep(TIMEOUT_S)
            raise AnswerLostError("lost")
        return await self._travel(act, None)

    async def _travel(self, act: Callable[[], Awaitable[T]], slow: Fault | None) -> T:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        way_s = WAY_S if slow is None else slow.size

        async def there_and_back() -> None:
            await asyncio.sleep(way_s)
            try:
                result = await act()
            except Exception as error:  # noqa: BLE001 - it is the asker's, whatever it is
                await asyncio.sleep(WAY_S)
                if not answer.done():
                    answer.set_exception(error)
            else:
                await asyncio.sleep(WAY_S)
                if not answer.done():
                    answer.set_result(result)

        self._outside(there_and_back)
        return await answer
