"""How long it really takes from an accepted event to the first ring, in a demo or a bench."""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime

import orjson

from schemas.topics import Topic
from services.dispatcher.domain.commands import PlaceCall, SendMessage
from services.dispatcher.ports import Seen, Telephony
from services.runtime.bus import Bus


class RingStopwatch:
    """
    Stamps each event when it is durable and each call request when the carrier has answered it.

    The carrier's answer is a little after the request's arrival there, so what is measured is a
    little more than what is asked.
    """

    def __init__(self) -> None:
        self._accepted: dict[str, float] = {}
        self._rung: dict[str, float] = {}

    async def watch(self, bus: Bus, district: str) -> None:
        """Stamp events for ever."""
        async for batch in bus.follow(Topic.EVENTS, district, 0):
            now = time.perf_counter()
            for stored in batch:
                self._accepted.setdefault(orjson.loads(stored.data)["event_id"], now)

    def around(self, telephony: Telephony) -> Telephony:
        """Return *telephony* with its call requests stamped."""
        return _Stamped(telephony, self._rung)

    def percentiles(
        self, first_call: dict[str, str], causes: dict[str, tuple[str, ...]]
    ) -> dict[str, float | None]:
        """Return p50 and p99 in milliseconds over the callouts that rang somebody."""
        spans = sorted(
            (self._rung[attempt] - max(known)) * 1000
            for callout, attempt in first_call.items()
            if attempt in self._rung and (known := self._known(causes[callout]))
        )
        return {"p50": _percentile(spans, 0.50), "p99": _percentile(spans, 0.99)}

    def _known(self, event_ids: Iterable[str]) -> list[float]:
        return [self._accepted[key] for key in event_ids if key in self._accepted]


def _percentile(spans: list[float], share: float) -> float | None:
    if not spans:
        return None
    return round(spans[min(len(spans) - 1, int(len(spans) * share))], 2)


class _Stamped:
    """Another telephony, with its call requests stamped."""

    def __init__(self, inner: Telephony, rung: dict[str, float]) -> None:
        self._inner = inner
        self._rung = rung

    async def place_call(self, command: PlaceCall) -> str:
        provider_id = await self._inner.place_call(command)
        self._rung.setdefault(command.attempt_id, time.perf_counter())
        return provider_id

    async def send_message(self, command: SendMessage) -> str:
        return await self._inner.send_message(command)

    async def end_call(self, provider_id: str, *, answered: bool) -> None:
        await self._inner.end_call(provider_id, answered=answered)

    async def cancel_message(self, provider_id: str) -> None:
        await self._inner.cancel_message(provider_id)

    async def fetch(self, provider_id: str, *, voice: bool) -> Seen:
        return await self._inner.fetch(provider_id, voice=voice)

    async def list_to(
        self, contact: str, since: datetime, *, voice: bool, coded_for: str | None = None
    ) -> Sequence[Seen]:
        return await self._inner.list_to(contact, since, voice=voice, coded_for=coded_for)
