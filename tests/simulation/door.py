"""Where the carrier's webhooks come in, and what its own faults do to its call-backs."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from services.dispatcher.entrypoints.twilio_edge import Answer, TwilioEdge
from services.phones.domain.faults import CallbackFault, Faults
from tests.simulation.faults import Count, Mishaps

Deliver = Callable[[Callable[[TwilioEdge], Awaitable[Answer]]], Awaitable[Answer]]
_CALLBACKS = {fault.value: fault for fault in CallbackFault}


class CountedFaults(Faults):
    """The carrier's faults, where each call-back is counted by the plan."""

    def __init__(self, mishaps: Mishaps) -> None:
        super().__init__("simulated")
        self._mishaps = mishaps

    def on_callback(self) -> CallbackFault | None:
        struck = self._mishaps.next(Count.CALLBACK)
        return _CALLBACKS[struck[0].kind.value] if struck else None


class Door:
    """Stands where the edge stands, and carries what is asked there to the process of the moment."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver

    async def voice(
        self, attempt_id: str, step: str, query: Mapping[str, str], form: Any
    ) -> Answer:
        return await self._deliver(lambda edge: edge.voice(attempt_id, step, query, form))

    async def status(self, attempt_id: str, query: Mapping[str, str], form: Any) -> Answer:
        return await self._deliver(lambda edge: edge.status(attempt_id, query, form))

    async def sms(self, form: Any) -> Answer:
        return await self._deliver(lambda edge: edge.sms(form))

    async def called_back(self, form: Any) -> Answer:
        return await self._deliver(lambda edge: edge.called_back(form))
