"""How the client behaves when the network does not: against a server of a few lines."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from services.dispatcher.adapters.codes import Codes
from services.dispatcher.adapters.phone_book import PhoneBook
from services.dispatcher.adapters.twilio.account import TwilioAccount
from services.dispatcher.adapters.twilio.telephony import TwilioTelephony
from services.dispatcher.adapters.twilio.urls import WebhookUrls
from services.dispatcher.adapters.url_mac import UrlMac
from services.dispatcher.domain.commands import PlaceCall, SendMessage
from services.dispatcher.ports import AnswerLostError, CarrierRefusedError
from services.runtime.clock import SteppingClock

NUMBER = "+8613800000001"
CALL = PlaceCall("a_1", "c_anna", timedelta(seconds=30))
CREATED = b'{"sid": "CA1", "status": "queued"}'
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def http(status: str, body: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()

    return answer


async def hang(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def drop(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def break_off(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{")
    await writer.drain()
    writer.close()


class Server:
    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[tuple[str, dict[str, str], dict[str, list[str]]]] = []
        self.connections = 0
        self.asked = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._converse(reader, writer)
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone, or the test is over
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.split(": ", 1) for line in head[1:] if line)
            body = await reader.readexactly(int(headers.get("Content-Length", "0")))
            self.requests.append((head[0], headers, parse_qs(body.decode())))
            self.asked.set()
            await self.answers.pop(0)(writer)


class Scene:
    def __init__(self, server: Server, telephony: TwilioTelephony) -> None:
        self.server = server
        self.telephony = telephony


def telephony_at(base_url: str) -> TwilioTelephony:
    account = TwilioAccount(
        "AC1",
        "token-of-ours",
        "+15005550006",
        webhooks_base_url="https://us.test",
        api_base_url=base_url,
        fallback_url="https://elsewhere.test/emergency.xml",
        timeout=timedelta(milliseconds=200),
    )
    mac = UrlMac(b"urls", SteppingClock(datetime(2026, 7, 8, 16, 0, tzinfo=UTC)))
    urls = WebhookUrls(account.webhooks_base_url, mac)
    return TwilioTelephony(account, PhoneBook({"c_anna": NUMBER}), urls, Codes(b"codes"))


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    server, conversations = Server(), set[asyncio.Task[None]]()

    def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversations.add(asyncio.ensure_future(server.serve(reader, writer)))

    listening = await asyncio.start_server(take, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    telephony = telephony_at(f"http://127.0.0.1:{port}/practice")
    yield Scene(server, telephony)
    await telephony.aclose()
    for conversation in conversations:
        conversation.cancel()
    await asyncio.gather(*conversations, return_exceptions=True)
    listening.close()
    await listening.wait_closed()


async def test_a_call_is_asked_for_with_all_that_makes_it_ours(scene: Scene) -> None:
    scene.server.answers = [http("201 Created", CREATED)]

    assert await scene.telephony.place_call(CALL) == "CA1"

    line, headers, form = scene.server.requests[0]
    assert line == "POST /practice/2010-04-01/Accounts/AC1/Calls.json HTTP/1.1"
    assert headers["Authorization"].startswith("Basic ")
    assert form["Url"][0].startswith("https://us.test/twilio/voice/a_1/0?kind=begin&exp=")
    assert form["StatusCallback"][0].startswith("https://us.test/twilio/status/a_1?kind=status&")
    assert form["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    assert (form["To"], form["From"]) == ([NUMBER], ["+15005550006"])
    assert (form["Timeout"], form["TimeLimit"], form["Method"]) == (["30"], ["600"], ["POST"])
    assert form["FallbackUrl"] == ["https://elsewhere.test/emergency.xml"]
    assert "MachineDetection" not in form


async def test_a_message_is_asked_for_with_its_code_and_an_end(scene: Scene) -> None:
    scene.server.answers = [http("201 Created", b'{"sid": "SM1", "status": "queued"}')]
    message = SendMessage("s_1", "c_anna", "请转移。确认码{code}。", timedelta(days=1))

    assert await scene.telephony.send_message(message) == "SM1"

    form = scene.server.requests[0][2]
    assert form["Body"] == [Codes(b"codes").write_into(message.text, "s_1")]
    assert form["ValidityPeriod"] == ["36000"]


async def test_connections_are_kept_and_nothing_waits_to_be_sent(scene: Scene) -> None:
    scene.server.answers = [http("201 Created", CREATED)] * 3

    for _ in range(3):
        await scene.telephony.place_call(CALL)

    assert scene.server.connections == 1
    session = scene.telephony._http._kept
    assert session is not None
    assert session.connector is not None
    [[(protocol, _)]] = session.connector._conns.values()
    assert protocol.transport is not None
    sock = protocol.transport.get_extra_info("socket")
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(
    "answer",
    [
        hang,
        drop,
        break_off,
        http("201 Created", b"<html>"),
        http("201 Created", b"{}"),
        http("200 OK", b"[]"),
        http("500 Internal Server Error", b'{"code": 20500, "message": "x"}'),
        http("502 Bad Gateway", b"<html>"),
    ],
    ids=["timed_out", "dropped", "cut", "no_json", "no_id", "no_object", "20500", "502"],
)
async def test_whatever_happens_after_sending_is_an_answer_lost_and_never_a_second_request(
    scene: Scene, answer: Answer
) -> None:
    scene.server.answers = [answer]

    with pytest.raises(AnswerLostError):
        await scene.telephony.place_call(CALL)

    assert len(scene.server.requests) == 1
    assert scene.telephony.in_flight == 0


async def test_a_kept_connection_that_was_closed_meanwhile_does_not_repeat_the_request(
    scene: Scene,
) -> None:
    scene.server.answers = [http("201 Created", CREATED), drop]
    await scene.telephony.place_call(CALL)

    with pytest.raises(AnswerLostError):
        await scene.telephony.place_call(CALL)

    assert len(scene.server.requests) == 2


async def test_a_connection_that_never_came_about_may_be_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    telephony = telephony_at(f"http://127.0.0.1:{port}")

    with pytest.raises(CarrierRefusedError) as refused:
        await telephony.place_call(CALL)
    await telephony.aclose()

    assert (refused.value.code, refused.value.retry) == ("not_connected", True)


async def test_a_closed_client_sends_nothing(scene: Scene) -> None:
    await scene.telephony.aclose()

    with pytest.raises(CarrierRefusedError) as refused:
        await scene.telephony.place_call(CALL)

    assert refused.value.retry
    assert scene.server.requests == []


async def test_a_request_under_way_is_counted(scene: Scene) -> None:
    scene.server.answers = [hang]

    asking = asyncio.ensure_future(scene.telephony.place_call(CALL))
    await scene.server.asked.wait()

    assert scene.telephony.in_flight == 1
    with pytest.raises(AnswerLostError):
        await asking


async def test_neither_logs_nor_errors_name_a_number_or_the_token(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    body = b'{"code": 21211, "status": 400, "message": "The To number %s is bad"}'
    bad = http("400 Bad Request", body % NUMBER.encode())
    scene.server.answers = [bad, bad]
    caplog.set_level(logging.DEBUG)

    with pytest.raises(CarrierRefusedError) as refused:
        await scene.telephony.place_call(CALL)
    with pytest.raises(AnswerLostError) as unlisted:
        await scene.telephony.list_to("c_anna", datetime(2026, 7, 8, tzinfo=UTC), voice=True)

    assert refused.value.code == "21211"
    for error in (refused.value, unlisted.value):
        assert (error.__cause__, error.__context__) == (None, None)
    shown = f"{caplog.text} {refused.value!r} {unlisted.value!r} {scene.telephony._account!r}"
    assert NUMBER[1:] not in shown
    assert "token-of-ours" not in shown
