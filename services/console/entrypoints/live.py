"""
Live parts of pages over server-sent events: all of them on connecting, then those that changed.

A page that was cut off is complete again with its first message.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response, StreamingResponse

from schemas.cap import Status
from services.console.domain.situation import Situation
from services.console.entrypoints.guard import Guard
from services.console.entrypoints.page import mode_of
from services.console.entrypoints.rendering import Key, Parts, Renderings
from services.console.entrypoints.security import SecureRoute
from services.runtime.clock import Clock
from services.runtime.pacing import first_within

_BEAT_S = 1.0
_NOT_FOUND = 404


class Live:
    """`GET /live/{channel}?mode=…&of=…`."""

    def __init__(
        self,
        guard: Guard,
        situation: Situation,
        clock: Clock,
        changed_after: Callable[[int], Awaitable[int]],
    ) -> None:
        self._guard = guard
        self._clock = clock
        self._changed_after = changed_after
        self._renderings = Renderings(situation, clock)
        self._is_stopping = False
        self.router = APIRouter(route_class=SecureRoute, include_in_schema=False)
        self.router.add_api_route("/live/{channel}", self._open, response_model=None)

    def register(self, channel: str, parts: Parts) -> None:
        """Serve *parts* under *channel*; the page puts each into the element with its `data-live`."""
        self._renderings.register(channel, parts)

    def stop(self) -> None:
        """End every open stream at its next beat."""
        self._is_stopping = True

    def parts(self, channel: str, status: Status, of: str) -> Mapping[str, str]:
        """Return the parts as they are now, rendered anew only when something has changed."""
        return self._renderings.at_once((channel, status, of)).parts

    async def _open(self, request: Request, channel: str, of: str = "") -> Response:
        self._guard.user(request)
        if not self._renderings.knows(channel):
            raise HTTPException(_NOT_FOUND)
        key = channel, mode_of(request), of
        return StreamingResponse(self._stream(key), media_type="text/event-stream")

    async def _stream(self, key: Key) -> AsyncIterator[str]:
        sent: dict[str, str] = {}
        yield "retry: 1000\n\n"
        while not self._is_stopping:
            rendered = await self._renderings.next(key)
            for name, html in rendered.parts.items():
                if sent.get(name) != html:
                    sent[name] = html
                    yield _event(name, html)
            now, made_ms = self._clock.now().isoformat(), round(1000 * rendered.took_s, 1)
            yield _event("clock", json.dumps({"now": now, "made_ms": made_ms}))
            await first_within(self._changed_after(rendered.version), _BEAT_S)


def _event(name: str, data: str) -> str:
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"event: {name}\n{lines}\n"
