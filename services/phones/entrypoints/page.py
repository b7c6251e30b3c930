"""
The practice page: one sees phones ring, reads what is said and presses the keys oneself.

It answers only on the machine itself (client and Host are loopback). A POST needs JSON and a header
that a foreign page cannot set without asking, so no other site in the same browser can press keys.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException

from services.phones.domain.loudspeaker import Loudspeaker
from services.phones.domain.person import Habit
from services.phones.domain.phone_view import PhoneView, phone_id, phone_view
from services.phones.entrypoints.phone_card import HABITS, card, screen
from services.phones.entrypoints.station_card import (
    card_id,
    doing,
    station_card,
    station_screen,
)
from services.phones.entrypoints.stations import KEY
from services.phones.pipeline import PhoneNetwork

_STATIC = Path(__file__).parent / "static"
_FILES = {"phones.css": "text/css", "phones.js": "text/javascript"}
_SHOWN = 60
_MAX_BODY = 4096
_KEYS = frozenset("0123456789*#")
_FORBIDDEN, _NOT_FOUND, _TOO_LARGE, _UNSUPPORTED, _BAD = 403, 404, 413, 415, 400
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; "
        # The demo shows it beside the board, which has another port of this machine.
        "frame-ancestors http://127.0.0.1:* http://localhost:*"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Page:
    """The routes under /phones."""

    def __init__(
        self,
        network: PhoneNetwork,
        faster: Callable[[], None] | None,
        speakers: Mapping[str, Loudspeaker],
    ) -> None:
        self._network = network
        self._speakers = speakers
        self._faster = faster
        self._numbers: dict[str, str] = {}
        self.router = APIRouter(prefix="/phones")
        for path, method, handler in (
            ("", "GET", self.show),
            ("/events", "GET", self.events),
            ("/static/{name}", "GET", self.static),
            ("/hands", "POST", self.hands),
            ("/faster", "POST", self.go_faster),
            ("/{phone}/answer", "POST", self.answer),
            ("/{phone}/press", "POST", self.press),
            ("/{phone}/hangup", "POST", self.hang_up),
            ("/{phone}/sms", "POST", self.write),
            ("/{phone}/habit", "POST", self.choose),
            ("/{phone}/ringback", "POST", self.call_back),
        ):
            self.router.add_api_route(path, handler, methods=[method], response_model=None)

    async def show(self, request: Request) -> Response:
        """Return the page with the phones that something happened at last."""
        _must_be_local(request)
        record = self._network.exchange.record
        now = self._network.now()
        stations = "".join(station_card(one, now) for one in self._speakers.values())
        cards = f'<div class="stations">{stations}</div>' if stations else ""
        cards += "".join(card(self._view(number)) for number in self._latest())
        html = (_STATIC / "phones.html").read_text(encoding="utf-8")
        filled = (
            html.replace("{{seen}}", str(record.changes))
            .replace("{{manual}}", str(self._network.exchange.everybody_is_manual).lower())
            .replace("{{faster}}", "" if self._faster else "hidden")
            .replace("{{cards}}", cards)
        )
        return HTMLResponse(filled, headers=_HEADERS)

    async def events(self, request: Request, seen: int = 0) -> Response:
        """Stream the screens of phones that change after change number *seen*."""
        _must_be_local(request)
        given = request.headers.get("last-event-id", "")
        start = int(given) if given.isdecimal() else seen
        return StreamingResponse(
            self._changes(start), media_type="text/event-stream", headers=_HEADERS
        )

    async def static(self, request: Request, name: str) -> Response:
        """Return the script or the style sheet."""
        _must_be_local(request)
        if name not in _FILES:
            raise HTTPException(_NOT_FOUND)
        return FileResponse(_STATIC / name, media_type=_FILES[name], headers=_HEADERS)

    async def answer(self, request: Request, phone: str) -> Response:
        """Pick up."""
        await _posted(request)
        number, handsets = self._number(phone), self._network.exchange.handsets
        return _done(done=self._network.input(lambda now: handsets.answer(number, now)))

    async def press(self, request: Request, phone: str) -> Response:
        """Press one key."""
        key = (await _posted(request)).get("key")
        if not isinstance(key, str) or key not in _KEYS:
            raise HTTPException(_BAD)
        number, handsets = self._number(phone), self._network.exchange.handsets
        return _done(done=self._network.input(lambda now: handsets.press(number, key, now)))

    async def hang_up(self, request: Request, phone: str) -> Response:
        """Hang up or decline."""
        await _posted(request)
        number, handsets = self._number(phone), self._network.exchange.handsets
        return _done(done=self._network.input(lambda now: handsets.hang_up(number, now)))

    async def write(self, request: Request, phone: str) -> Response:
        """Answer the last text."""
        body = (await _posted(request)).get("body")
        if not isinstance(body, str) or not body.strip():
            raise HTTPException(_BAD)
        number, handsets = self._number(phone), self._network.exchange.handsets
        return _done(done=self._network.input(lambda now: handsets.write(number, body, now)))

    async def choose(self, request: Request, phone: str) -> Response:
        """Have this phone do something of its own with every further call."""
        habit = (await _posted(request)).get("habit")
        if not isinstance(habit, str) or habit not in HABITS:
            raise HTTPException(_BAD)
        number, handsets = self._number(phone), self._network.exchange.handsets
        chosen = Habit(habit) if habit else None
        return _done(done=self._network.input(lambda now: handsets.choose(number, chosen, now)))

    async def call_back(self, request: Request, phone: str) -> Response:
        """Ring whoever rang last."""
        await _posted(request)
        number, handsets = self._number(phone), self._network.exchange.handsets
        return _done(done=self._network.input(lambda now: handsets.call_back(number, now)))

    async def hands(self, request: Request) -> Response:
        """Let people behave, or have every further call wait for a human."""
        manual = (await _posted(request)).get("manual") is True
        exchange = self._network.exchange
        self._network.input(lambda now: exchange.let_humans_answer(manual=manual, now=now))
        return _done(done=True)

    async def go_faster(self, request: Request) -> Response:
        """Tell whoever runs the clock that the viewer has seen enough."""
        await _posted(request)
        if self._faster is None:
            return _done(done=False)
        self._faster()
        return _done(done=True)

    async def _changes(self, seen: int) -> AsyncIterator[str]:
        record = self._network.exchange.record
        yield "retry: 1000\n\n"
        while not self._network.is_stopping:
            newest = await self._network.changes_after(seen)
            changed = [number for number, change in record.changed.items() if change > seen]
            phones = [self._event(number) for number in changed]
            seen = newest
            if phones:
                yield f"id: {seen}\ndata: {json.dumps(phones, ensure_ascii=False)}\n\n"

    def _event(self, number: str) -> dict[str, str]:
        if number.startswith(KEY):
            speaker, now = self._speakers[number.removeprefix(KEY)], self._network.now()
            return {
                "id": card_id(speaker),
                "doing": doing(speaker, now),
                "screen": station_screen(speaker, now),
                "card": station_card(speaker, now),
            }
        view = self._view(number)
        return {
            "id": view.phone_id,
            "doing": view.doing.value,
            "screen": screen(view),
            "card": card(view),
        }

    def _view(self, number: str) -> PhoneView:
        view = phone_view(self._network.exchange, number)
        self._numbers[view.phone_id] = number
        return view

    def _latest(self) -> list[str]:
        exchange = self._network.exchange
        changed = exchange.record.changed
        active = [number for number in changed if not number.startswith(KEY)]
        active.sort(key=lambda number: changed[number], reverse=True)
        listed = [number for number in exchange.people if number not in changed]
        return [*active, *listed][:_SHOWN]

    def _number(self, phone: str) -> str:
        number = self._numbers.get(phone)
        if number is None:
            exchange = self._network.exchange
            known = {*exchange.people, *exchange.record.changed}
            named = (one for one in known if phone_id(exchange.seed, one) == phone)
            number = next(named, None)
        if number is None:
            raise HTTPException(_NOT_FOUND)
        return number


def _done(*, done: bool) -> Response:
    return JSONResponse({"done": done}, headers=_HEADERS)


async def _posted(request: Request) -> dict[str, Any]:
    _must_be_local(request)
    if request.headers.get("x-requested-with") != "phones":
        raise HTTPException(_FORBIDDEN)
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(_UNSUPPORTED)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BODY:
            raise HTTPException(_TOO_LARGE)
    try:
        fields = json.loads(body)
    except ValueError as exc:
        raise HTTPException(_BAD) from exc
    if not isinstance(fields, dict):
        raise HTTPException(_BAD)
    return fields


def _must_be_local(request: Request) -> None:
    client = request.client.host if request.client else ""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    if not (_is_loopback(client) and (host == "localhost" or _is_loopback(host))):
        raise HTTPException(_FORBIDDEN)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
