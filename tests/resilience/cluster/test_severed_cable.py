"""A cut cable swallows, on one way alone, and leads through again once it is mended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.local.missing import MissingServerError
from tests.resilience.cluster.severed_cable import redis_with_two_ways
from tests.resilience.cluster.swallowing_proxy import swallowing_proxy
from tests.servers import lack

_AT_ONCE_S = 5.0
_NEVER_S = 0.3


@asynccontextmanager
async def echo() -> AsyncIterator[int]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


class Line:
    """A connection that says words and waits for their echo."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, host: str, port: int) -> "Line":
        return cls(*await asyncio.open_connection(host, port))

    async def says(self, word: bytes, within_s: float = _AT_ONCE_S) -> bytes | None:
        """Return what comes back; None when nothing does, and b"" when the other end has closed."""
        self._writer.write(word)
        try:
            return await asyncio.wait_for(self._reader.read(100), within_s)
        except TimeoutError:
            return None

    def close(self) -> None:
        self._writer.close()


async def test_a_cut_proxy_takes_what_is_said_and_hands_on_nothing() -> None:
    async with echo() as port, swallowing_proxy(port) as proxy:
        line = await Line.open("127.0.0.1", proxy.port)
        before = await line.says(b"before")

        await proxy.cut()
        while_cut = await line.says(b"lost", _NEVER_S)
        new = await Line.open("127.0.0.1", proxy.port)
        new_while_cut = await new.says(b"lost too", _NEVER_S)
        line.close()
        new.close()

    assert (before, while_cut, new_while_cut) == (b"before", None, None)


async def test_a_mended_proxy_leads_new_connections_and_leaves_silent_what_lost_something() -> None:
    async with echo() as port, swallowing_proxy(port) as proxy:
        old, idle = [await Line.open("127.0.0.1", proxy.port) for _ in range(2)]
        await old.says(b"before")
        await idle.says(b"before")
        await proxy.cut()
        await old.says(b"lost", _NEVER_S)

        await proxy.mend()
        new = await Line.open("127.0.0.1", proxy.port)
        answers = [
            await old.says(b"a", _NEVER_S),
            await idle.says(b"b"),
            await new.says(b"c"),
        ]
        for line in (old, idle, new):
            line.close()

    assert answers == [None, b"b", b"c"]


@pytest.mark.servers
async def test_a_cut_cable_to_redis_is_silent_while_the_other_one_leads(tmp_path: Path) -> None:
    try:
        async with redis_with_two_ways(tmp_path) as ways:
            cut, whole = [await Line.open(*at(url)) for url in (ways.cut_url, ways.whole_url)]
            before = await cut.says(b"PING\r\n")

            await ways.cable.cut()
            while_cut = [await cut.says(b"PING\r\n", _NEVER_S), await whole.says(b"PING\r\n")]
            await ways.cable.mend()
            new = await Line.open(*at(ways.cut_url))
            after = await new.says(b"PING\r\n")
            for line in (cut, whole, new):
                line.close()
    except MissingServerError as error:
        lack(error)

    assert before == b"+PONG\r\n"
    assert while_cut == [None, b"+PONG\r\n"]
    assert after == b"+PONG\r\n"


def at(url: str) -> tuple[str, int]:
    host, port = url.removeprefix("redis://").removesuffix("/0").split(":")
    return host, int(port)
