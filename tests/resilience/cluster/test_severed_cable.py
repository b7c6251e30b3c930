"""A cut cable swallows, on one way alone, and leads through again once it is mended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.local.missing import MissingServerError
from tests.resilience.cluster.severed_cable import proxied, redis_with_two_ways
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
    async with echo() as port, proxied(port) as way:
        line = await Line.open(*at(way.url))
        before = await line.says(b"before")

        await way.cable.cut()
        while_cut = await line.says(b"held", _NEVER_S)
        new = await Line.open(*at(way.url))
        new_while_cut = await new.says(b"held too", _NEVER_S)
        line.close()
        new.close()

    assert (before, while_cut, new_while_cut) == (b"before", None, None)


async def test_a_mended_proxy_leads_through_what_it_held_up() -> None:
    async with echo() as port, proxied(port) as way:
        line = await Line.open(*at(way.url))
        await way.cable.cut()
        await line.says(b"held", _NEVER_S)

        await way.cable.mend()
        after = await line.says(b"")
        line.close()

    assert after == b"held"


@pytest.mark.servers
async def test_a_cut_cable_to_redis_is_silent_while_the_other_one_leads(tmp_path: Path) -> None:
    try:
        async with redis_with_two_ways(tmp_path) as ways:
            cut, whole = [await Line.open(*at(way.url)) for way in ways]
            before = await cut.says(b"PING\r\n")

            await ways[0].cable.cut()
            while_cut = [await cut.says(b"PING\r\n", _NEVER_S), await whole.says(b"PING\r\n")]
            await ways[0].cable.mend()
            new = await Line.open(*at(ways[0].url))
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
