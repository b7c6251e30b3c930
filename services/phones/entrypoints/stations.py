"""
The practice network's loudspeakers and screens: `POST /stations/{station_id}` takes a signed
announcement, says it in its own time on the page, and tells the sender that it has.

The signature is checked as a maker's device would, from the description of the webhook alone.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from aiohttp import ClientError, ClientSession, ClientTimeout
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import AwareDatetime, BaseModel, ValidationError

from services.phones.domain.loudspeaker import Announcement, Loudspeaker, PracticeStation
from services.runtime.clock import Clock

KEY = "station/"
"""In front of a station's id where the page names what has changed."""
_FRESH_FOR = timedelta(minutes=5)
_MOST_BYTES = 65_536
_ACCEPTED, _BAD_REQUEST, _FORBIDDEN, _NOT_FOUND, _TOO_LARGE = 202, 400, 403, 404, 413
_PATIENCE = ClientTimeout(total=5)


class _Told(BaseModel):
    """The body of the webhook, as far as a device needs it."""

    id: str
    text: str
    status: str
    valid_until: AwareDatetime
    call_back: str = ""


class StationDoor:
    """Takes announcements; *touched* is told the key of a station whose screen changed."""

    def __init__(
        self,
        stations: Iterable[PracticeStation],
        clock: Clock,
        touched: Callable[[str], None],
    ) -> None:
        self.speakers = {one.station_id: Loudspeaker(one) for one in stations}
        self._clock = clock
        self._touched = touched
        self._session: ClientSession | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self.router = APIRouter()
        self.router.add_api_route(
            "/stations/{station_id}", self.say, methods=["POST"], response_model=None
        )

    @property
    def at_rest(self) -> bool:
        """Whether nothing is under way, or all that is waits for the clock."""
        return len(self._under_way) == self._waiting

    async def stop(self) -> None:
        """Fall silent."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def say(self, request: Request, station_id: str) -> Response:
        """Take an announcement: 202, also for one that is known; 403 when it is not signed."""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_BYTES:
                return Response(status_code=_TOO_LARGE)
        speaker = self.speakers.get(station_id)
        if speaker is None:
            return Response(status_code=_NOT_FOUND)
        now = self._clock.now()
        given = request.headers
        timestamp = given.get("X-Jiaoying-Timestamp", "")
        signature = given.get("X-Jiaoying-Signature", "")
        if not _is_signed(speaker.station.secret, timestamp, signature, body, now):
            return Response(status_code=_FORBIDDEN)
        try:
            told = _Told.model_validate_json(body)
        except ValidationError:
            return Response(status_code=_BAD_REQUEST)
        is_exercise = told.status == "Exercise"
        taken = speaker.take(told.id, told.text, told.valid_until, now, is_exercise=is_exercise)
        if taken is not None:
            task = asyncio.create_task(self._play(speaker, taken, told.call_back))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return JSONResponse({"taken": taken is not None}, _ACCEPTED)

    async def _play(self, speaker: Loudspeaker, said: Announcement, call_back: str) -> None:
        key = KEY + speaker.station.station_id
        await self._until(said.begins_at)
        self._touched(key)
        await self._until(said.ends_at)
        speaker.ended(said)
        self._touched(key)
        if call_back:
            await self._tell(speaker.station.secret, call_back)

    async def _until(self, instant: datetime) -> None:
        self._waiting += 1
        try:
            await self._clock.sleep_until(instant)
        finally:
            self._waiting -= 1

    async def _tell(self, secret: bytes, url: str) -> None:
        body = json.dumps({"state": "played"}).encode()
        timestamp = str(int(self._clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Jiaoying-Timestamp": timestamp,
            "X-Jiaoying-Signature": _signature(secret, timestamp, body),
        }
        if self._session is None:
            self._session = ClientSession(timeout=_PATIENCE)
        try:
            async with self._session.post(url, data=body, headers=headers):
                pass
        except (ClientError, TimeoutError):
            return  # it has been said all the same; who wants to know can see it on the page


def _is_signed(secret: bytes, timestamp: str, signature: str, body: bytes, now: datetime) -> bool:
    fits = hmac.compare_digest(_signature(secret, timestamp, body).encode(), signature.encode())
    if not (fits and timestamp.isascii() and timestamp.isdecimal()):
        return False
    return abs(now.timestamp() - int(timestamp)) <= _FRESH_FOR.total_seconds()


def _signature(secret: bytes, timestamp: str, body: bytes) -> str:
    message = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(secret, message, hashlib.sha256).hexdigest()
