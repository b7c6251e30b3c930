"""
One life of the whole system: a process that kills itself at a named point, if it is told to.

It is forked from a process that has imported everything already (`multiprocessing`'s fork server),
so that a test may kill and start again as often as it likes. The telephone network is not in it.
"""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import uvloop
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.dispatcher.domain.commands import PlaceCall, SendMessage
from services.dispatcher.ports import Seen, Telephony
from services.district.load import load_pack
from services.runtime.bus import Bus
from services.runtime.clock import RealClock, ScaledClock
from services.runtime.logs import configure_logs
from services.system.settings import Around, SystemSettings
from services.system.together import open_system
from tests.resilience.watched_bus import Passing, WatchedBus


class Point(StrEnum):
    """Where a process may die (design.md section 5)."""

    BEFORE_EVENT_COMMIT = "before_event_commit"
    """An event was written; its commit has not begun."""
    AFTER_EVENT_COMMIT = "after_event_commit"
    """The event is on disk; its source has not been told."""
    AFTER_DECISION = "after_decision"
    AFTER_INTENT = "after_intent"
    """The intent of a call or SMS is on disk; the carrier has not been asked."""
    AFTER_POST = "after_post"
    """The carrier has answered; nobody here knows."""
    BEFORE_ACKNOWLEDGEMENT_COMMIT = "before_acknowledgement_commit"
    """Somebody confirmed; it is not on disk, so nobody may have been told that it is recorded."""
    BEFORE_CALLBACK_ANSWERED = "before_callback_answered"
    """What a webhook brought is on disk; its 200 has not been sent."""


_POINTS = {
    Passing.EVENT_WRITTEN: Point.BEFORE_EVENT_COMMIT,
    Passing.EVENT_DURABLE: Point.AFTER_EVENT_COMMIT,
    Passing.DECISION_DURABLE: Point.AFTER_DECISION,
    Passing.INTENT_DURABLE: Point.AFTER_INTENT,
    Passing.ACKNOWLEDGEMENT_WRITTEN: Point.BEFORE_ACKNOWLEDGEMENT_COMMIT,
}


@dataclass(frozen=True, slots=True)
class Doom:
    """Die when *point* is passed for the *passing*-th time, counted from 1."""

    point: Point
    passing: int = 1


@dataclass(frozen=True, slots=True)
class Life:
    """
    What a process needs to live: the same for every life of a night, but for its *doom*.

    *began_at* and *speed* make every process of the night show the same scaled time.
    """

    settings: SystemSettings
    log: Path
    began_at: datetime
    speed: float
    doom: Doom | None = None


def night_clock(began_at: datetime, speed: float) -> ScaledClock:
    """Return a clock that ran *speed* times as fast as the machine's since *began_at*."""
    return ScaledClock(began_at + (RealClock().now() - began_at) * speed, speed)


def live(life: Life) -> None:
    """Run the system until SIGTERM, or until its doom; the exit code is the lifecycle's."""
    with life.log.open("a") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        configure_logs(stream=log)
        raise SystemExit(uvloop.run(_live(life)))


async def _live(life: Life) -> int:
    reaper = _Reaper(life.doom)
    system = await open_system(
        load_pack(life.settings.folder),
        life.settings,
        night_clock(life.began_at, life.speed),
        Around(
            bus=reaper.around_bus,
            telephony=lambda telephony: _WatchedTelephony(telephony, reaper),
            app=reaper.around_app,
        ),
    )
    return await system.lifecycle.run_until_signal()


class _Reaper:
    """Counts passings, and kills this process without giving it time for anything."""

    def __init__(self, doom: Doom | None) -> None:
        self._doom = doom
        self._left = doom.passing if doom is not None else 0

    def passes(self, point: Point) -> None:
        if self._doom is None or point is not self._doom.point:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around_bus(self, bus: Bus) -> Bus:
        return WatchedBus(bus, lambda passing: self.passes(_POINTS[passing]))

    def around_app(self, app: FastAPI) -> None:
        app.add_middleware(_WatchedWebhooks, reaper=self)


class _WatchedTelephony:
    """The carrier, with the moment after each of its answers to a call request."""

    def __init__(self, inner: Telephony, reaper: _Reaper) -> None:
        self._inner = inner
        self._reaper = reaper

    async def place_call(self, command: PlaceCall) -> str:
        provider_id = await self._inner.place_call(command)
        self._reaper.passes(Point.AFTER_POST)
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


class _WatchedWebhooks:
    """The application, with the moment before each answer to the carrier."""

    def __init__(self, app: ASGIApp, reaper: _Reaper) -> None:
        self._app = app
        self._reaper = reaper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_webhook = scope["type"] == "http" and scope["path"].startswith("/twilio/")

        async def answer(message: Message) -> None:
            if is_webhook and _is_success(message):
                self._reaper.passes(Point.BEFORE_CALLBACK_ANSWERED)
            await send(message)

        await self._app(scope, receive, answer)


def _is_success(message: Message) -> Any:
    return message["type"] == "http.response.start" and message["status"] < 300
