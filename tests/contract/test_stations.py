"""
The `Stations` port, over the signed webhook and a practice network that checks it as a maker's
device would; and the station's own word back through our door.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientSession, web
from fastapi import FastAPI

from schemas.cap import Status
from services.dispatcher.adapters.station_signature import signed_headers
from services.dispatcher.adapters.station_webhook import StationWebhook
from services.dispatcher.adapters.twilio.urls import WebhookUrls
from services.dispatcher.adapters.url_mac import UrlMac
from services.dispatcher.domain.calls.call_state import Outcome, Progress
from services.dispatcher.domain.commands import Broadcast
from services.dispatcher.domain.inputs import AttemptSeen, Input
from services.dispatcher.entrypoints.station_webhooks import StationDoor, build_station_webhooks
from services.dispatcher.ports import AnswerLostError, CarrierRefusedError
from services.phones.domain.loudspeaker import PracticeStation
from services.phones.entrypoints.server import PhoneServer
from services.phones.main import PhoneSettings, build_server
from services.runtime.clock import SteppingClock
from services.runtime.http_server import HttpServer
from services.runtime.rest import settle

T0 = datetime(2026, 7, 8, 16, 0, tzinfo=UTC)
SECRET, OTHER = b"a secret of the one station", b"a secret of somebody else's"
TEXT = "大田村的居民请注意。请立即撤离。"


@dataclass
class Desk:
    """A dispatcher that remembers."""

    told: list[Input] = field(default_factory=list)

    async def tell(self, what: Input) -> None:
        self.told.append(what)


class Square:
    """A village square: its loudspeaker on the practice network, and our door for its word."""

    def __init__(self) -> None:
        self.clock = SteppingClock(T0)
        self.desk = Desk()
        self.phones: PhoneServer = build_server(
            PhoneSettings(
                (), stations=(PracticeStation("LS-1", "大田村喇叭", "loudspeaker", SECRET),)
            ),
            self.clock,
        )
        self.server = HttpServer("127.0.0.1", 0)
        mac = UrlMac(b"urls", self.clock)
        self.urls = WebhookUrls(self.server.base_url, mac)
        secrets = {"LS-1": SECRET}
        door = StationDoor(
            self.desk, mac, secrets, lambda key: "LS-1" if key[0] == "b" else None, self.clock
        )
        self.app = FastAPI()
        self.app.include_router(build_station_webhooks(door))
        self.session: ClientSession

    def station(self, secret: bytes = SECRET, url: str = "") -> StationWebhook:
        url = url or f"{self.phones.base_url}/stations/LS-1"
        return StationWebhook({"LS-1": url}, {"LS-1": secret}, self.urls.station, self.clock)

    async def posted(self, attempt_id: str, body: bytes, secret: bytes = SECRET) -> int:
        headers = signed_headers(secret, body, self.clock.now())
        async with self.session.post(
            self.urls.station(attempt_id), data=body, headers=headers
        ) as answer:
            return answer.status

    async def live_until(self, instant: datetime) -> None:
        await settle([self.phones])
        while (due := self.clock.next_due()) is not None and due <= instant:
            self.clock.move_to(due)
            await settle([self.phones])
        self.clock.move_to(instant)

    def said(self) -> list[str]:
        (speaker,) = self.phones.stations.speakers.values()
        return [one.text for one in speaker.latest]


@pytest.fixture
async def square() -> AsyncIterator[Square]:
    square = Square()
    await square.phones.start()
    await square.server.serve(square.app)
    square.session = ClientSession()
    try:
        yield square
    finally:
        await square.session.close()
        await square.phones.stop()
        await square.server.stop()


def speech(attempt_id: str = "b1", **changes: timedelta) -> Broadcast:
    given = {"valid_for": timedelta(minutes=10), **changes}
    return Broadcast(attempt_id, "LS-1", TEXT, Status.ACTUAL, **given)


async def test_a_station_says_what_it_is_given_and_tells_that_it_has(square: Square) -> None:
    station = square.station()
    await station.speak(speech())

    await square.live_until(T0 + timedelta(minutes=1))
    await station.aclose()

    assert square.said() == [TEXT]
    assert square.desk.told == [AttemptSeen("b1", "b1", Progress.ENDED, Outcome.COMPLETED)]


async def test_the_same_id_given_twice_is_said_once(square: Square) -> None:
    station = square.station()
    await station.speak(speech())
    await station.speak(speech())
    await square.live_until(T0 + timedelta(minutes=1))
    await station.speak(speech())
    await station.aclose()

    assert square.said() == [TEXT]


async def test_what_has_waited_too_long_behind_others_is_not_said(square: Square) -> None:
    station = square.station()
    await station.speak(speech("b1"))
    await station.speak(speech("b2", valid_for=timedelta(seconds=1)))
    await station.aclose()

    assert square.said() == [TEXT]


async def test_a_station_refuses_what_another_secret_signed(square: Square) -> None:
    station = square.station(secret=OTHER)
    with pytest.raises(CarrierRefusedError) as refused:
        await station.speak(speech())
    await station.aclose()

    assert (refused.value.code, refused.value.retry) == ("http_403", False)
    assert square.said() == []


async def test_a_station_without_a_secret_is_refused_before_anything_is_sent(
    square: Square,
) -> None:
    station = StationWebhook({"LS-1": "http://127.0.0.1:1/"}, {}, square.urls.station, square.clock)
    with pytest.raises(CarrierRefusedError) as refused:
        await station.speak(speech())

    assert refused.value.code == "no_secret"


@pytest.mark.parametrize("status", [500, 503, 429, 408])
async def test_a_station_that_is_unwell_may_be_told_again(square: Square, status: int) -> None:
    async def unwell(_request: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/", unwell)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    station = square.station(url=f"http://{host}:{port}/")
    with pytest.raises(AnswerLostError):
        await station.speak(speech())
    await station.aclose()
    await runner.cleanup()


async def test_a_station_that_is_not_there_may_be_told_again(square: Square) -> None:
    station = square.station(url="http://127.0.0.1:1/")
    with pytest.raises(AnswerLostError) as lost:
        await station.speak(speech())
    await station.aclose()

    assert "127.0.0.1" not in str(lost.value)


async def test_a_word_back_needs_the_stations_own_signature(square: Square) -> None:
    played = b'{"state":"played"}'
    assert await square.posted("b1", played, OTHER) == 403
    assert await square.posted("x1", played) == 403  # an attempt that is no station's
    assert await square.posted("b1", b'{"state":"sung"}') == 400
    assert await square.posted("b1", b"x" * 5000) == 413
    assert square.desk.told == []

    assert await square.posted("b1", b'{"state":"failed"}') == 204
    assert square.desk.told == [AttemptSeen("b1", "b1", Progress.ENDED, Outcome.FAILED)]


async def test_a_word_back_needs_our_own_mark_in_its_address(square: Square) -> None:
    body = b'{"state":"played"}'
    headers = signed_headers(SECRET, body, square.clock.now())
    ours = square.urls.station("b1")
    for forged in (
        ours.replace("/b1?", "/b2?"),
        ours.partition("?")[0],
        ours.replace("kind=station", "kind=status"),
        square.urls.status("b1").replace("/twilio/status/", "/stations/"),
    ):
        async with square.session.post(forged, data=body, headers=headers) as answer:
            assert answer.status == 403, forged

    assert square.desk.told == []


async def test_a_word_back_of_yesterday_is_refused(square: Square) -> None:
    body = b'{"state":"played"}'
    headers = signed_headers(SECRET, body, T0)
    square.clock.move_to(T0 + timedelta(minutes=6))
    async with square.session.post(square.urls.station("b1"), data=body, headers=headers) as answer:
        assert answer.status == 403
