"""
Live parts of pages over server-sent events: all of them on connecting, then those that changed.

A page that was cut off is complete again with its first message. Parts are rendered once for
everybody who looks at the same thing, and never more than a fraction of the time: the loop that
renders is the loop that rings people.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response, StreamingResponse

from schemas.cap import Status
from services.console.domain.situation import Situation
from services.console.entrypoints.guard import Guard
from services.console.entrypoints.page import mode_of
from services.console.entrypoints.security import SecureRoute
from services.runtime.clock import Clock
from services.runtime.pacing import Pace, first_within

Parts = Callable[[Status, str, datetime], Mapping[str, str]]
"""(status, what the page is of: an id or "", now) to the HTML of each part by its name."""

_AGAIN_EVERY_S = 5.0
"""What depends on the time alone (a warning that expires) is looked at this often."""
_BEAT_S = 1.0
_NOT_FOUND = 404


@dataclass(slots=True)
class _Rendered:
    version: int
    at_s: float
    parts: Mapping[str, str]


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
        self._situation = situation
        self._clock = clock
        self._changed_after = changed_after
        self._channels: dict[str, Parts] = {}
        self._rendered: dict[tuple[str, Status, str], _Rendered] = {}
        self._pace = Pace()
        self._is_stopping = False
        self.router = APIRouter(route_class=SecureRoute, include_in_schema=False)
        self.router.add_api_route("/live/{channel}", self._open, response_model=None)

    def register(self, channel: str, parts: Parts) -> None:
        """Serve *parts* under *channel*; the page puts each into the element with its `data-live`."""
        self._channels[channel] = parts

    def stop(self) -> None:
        """End every open stream at its next beat."""
        self._is_stopping = True

    def parts(self, channel: str, status: Status, of: str) -> Mapping[str, str]:
        """Return the parts as they are now, rendered anew only when something has changed."""
        key = channel, status, of
        known = self._rendered.get(key)
        version, at_s = self._situation.version, self._pace.now_s()
        if known and known.version == version and at_s - known.at_s < _AGAIN_EVERY_S:
            return known.parts
        with self._pace.measured():
            parts = self._channels[channel](status, of, self._clock.now())
        self._rendered[key] = _Rendered(version, at_s, parts)
        self._forget_old(at_s)
        return parts

    async def _open(self, request: Request, channel: str, of: str = "") -> Response:
        self._guard.user(request)
        if channel not in self._channels:
            raise HTTPException(_NOT_FOUND)
        return StreamingResponse(
            self._stream(channel, mode_of(request), of), media_type="text/event-stream"
        )

    async def _stream(self, channel: str, status: Status, of: str) -> AsyncIterator[str]:
        sent: dict[str, str] = {}
        yield "retry: 1000\n\n"
        while not self._is_stopping:
            version = self._situation.version
            for name, html in self.parts(channel, status, of).items():
                if sent.get(name) != html:
                    sent[name] = html
                    yield _event(name, html)
            yield _event("clock", json.dumps({"now": self._clock.now().isoformat()}))
            await first_within(self._changed_after(version), _BEAT_S)
            await self._pace.rest()

    def _forget_old(self, at_s: float) -> None:
        old = [key for key, one in self._rendered.items() if at_s - one.at_s > 2 * _AGAIN_EVERY_S]
        for key in old:
            del self._rendered[key]


def _event(name: str, data: str) -> str:
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"event: {name}\n{lines}\n"
