"""A webhook at any worker: it reaches whoever calls the people of its district, or waits for him."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count

import pytest
from aiohttp import ClientSession
from fastapi import FastAPI, Request, Response
from redis.asyncio import Redis
from starlette.types import ASGIApp

from services.dispatcher.entrypoints.district_door import DistrictDoor, base_url_of
from services.runtime.clock import RealClock
from services.runtime.http_server import HttpServer
from services.runtime.redis.connection import connect
from services.runtime.redis.lease import Leases
from services.runtime.redis.settings import RedisSettings

pytestmark = pytest.mark.servers

DISTRICT, OTHER = "500101", "500102"
_NO_TIME = timedelta(0)
_prefixes = (f"door{number}" for number in count())
BODY = b"CallSid=CA1&Digits=1&%E4%B8%AD=%2B"


class Worker:
    """A process with a door; what its district's app was asked is kept."""

    def __init__(self, server: Redis, prefix: str, name: str) -> None:
        self.http = HttpServer("127.0.0.1", 0)
        self.leases = Leases(server, prefix, name, self.http.base_url)
        self.served: dict[str, ASGIApp] = {}
        self.asked: list[tuple[str, bytes, str | None]] = []
        self.door = DistrictDoor([DISTRICT, OTHER], self.served.get, self.leases, RealClock())

    async def open(self) -> None:
        app = FastAPI()
        app.include_router(self.door.router)
        await self.http.serve(app)

    def serve(self, district: str = DISTRICT) -> None:
        app = FastAPI(openapi_url=None)

        @app.post("/twilio/voice/{attempt_id}/{step}")
        async def voice(attempt_id: str, step: str, request: Request) -> Response:
            raw: bytes = request.scope["raw_path"] + b"?" + request.scope["query_string"]
            body = await request.body()
            self.asked.append((raw.decode(), body, request.headers.get("X-Twilio-Signature")))
            return Response(f"<{attempt_id} {step}>", media_type="text/xml")

        self.served[district] = app

    async def close(self) -> None:
        await self.door.aclose()
        await self.http.stop()


class Installation:
    def __init__(self, one: Worker, other: Worker, session: ClientSession) -> None:
        self.one, self.other = one, other
        self._session = session

    async def post(self, worker: Worker, path: str, body: bytes = BODY) -> tuple[int, str, str]:
        async with self._session.post(
            worker.http.base_url + path,
            data=body,
            headers={
                "X-Twilio-Signature": "signed",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        ) as answer:
            kind = answer.headers.get("Content-Type", "")
            return answer.status, await answer.text(), kind


@pytest.fixture
async def both(redis_server: str) -> AsyncIterator[Installation]:
    server = connect(RedisSettings(url=redis_server))
    prefix = next(_prefixes)
    one, other = Worker(server, prefix, "one"), Worker(server, prefix, "other")
    await one.open()
    await other.open()
    async with ClientSession() as session:
        yield Installation(one, other, session)
    await one.close()
    await other.close()
    await server.aclose()


VOICE = f"/districts/{DISTRICT}/twilio/voice/a_1/0?kind=menu&exp=1&mac=a%2Bb"
ASKED = ("/twilio/voice/a_1/0?kind=menu&exp=1&mac=a%2Bb", BODY, "signed")


def test_the_address_of_a_webhook_names_its_district() -> None:
    assert base_url_of("https://jiaoying.example/", DISTRICT) == (
        f"https://jiaoying.example/districts/{DISTRICT}"
    )


async def test_the_owner_hears_it_as_it_would_alone(both: Installation) -> None:
    both.one.serve()

    assert await both.post(both.one, VOICE) == (200, "<a_1 0>", "text/xml; charset=utf-8")
    assert both.one.asked == [ASKED]


async def test_it_reaches_the_owner_from_any_worker(both: Installation) -> None:
    await both.other.leases.take(DISTRICT)
    both.other.serve()

    assert await both.post(both.one, VOICE) == (200, "<a_1 0>", "text/xml; charset=utf-8")
    assert (both.one.asked, both.other.asked) == ([], [ASKED])


async def test_it_waits_for_a_district_that_is_passing_on(both: Installation) -> None:
    await both.other.leases.take(DISTRICT)  # and serves it only in a moment

    waiting = asyncio.ensure_future(both.post(both.one, VOICE))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    both.other.serve()

    assert (await waiting)[:2] == (200, "<a_1 0>")
    assert both.other.asked == [ASKED]


async def test_without_an_owner_it_is_refused_for_now(
    both: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.dispatcher.entrypoints.district_door._WAITS_FOR", _NO_TIME)

    assert (await both.post(both.one, VOICE))[0] == 503


async def test_an_owner_that_is_dead_leaves_it_refused_for_now(
    both: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.dispatcher.entrypoints.district_door._WAITS_FOR", _NO_TIME)
    await both.other.leases.take(DISTRICT)
    await both.other.close()

    assert (await both.post(both.one, VOICE))[0] == 503


@pytest.mark.parametrize(
    "path", ["/districts/999999/twilio/sms", "/districts/50010%31/twilio/sms", "/districts/x/../y"]
)
async def test_a_district_that_is_not_ours_is_not_looked_for(both: Installation, path: str) -> None:
    both.one.serve()

    assert (await both.post(both.one, path))[0] == 404


async def test_what_is_longer_than_any_call_back_is_not_taken(both: Installation) -> None:
    both.one.serve()

    assert (await both.post(both.one, VOICE, b"x" * 70_000))[0] == 413
    assert both.one.asked == []
