"""A wire between the browser and the system that can be cut: a TCP relay on loopback."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Wire:
    """Relays to the system while it is whole; `cut` drops what flows and takes no more."""

    def __init__(self, upstream_url: str) -> None:
        address = urlsplit(upstream_url)
        self._upstream = (address.hostname or "127.0.0.1", address.port or 80)
        self._is_whole = True
        self._open: set[asyncio.StreamWriter] = set()
        self.base_url = ""

    def cut(self) -> None:
        """Drop every connection; a new one is dropped at once."""
        self._is_whole = False
        for writer in list(self._open):
            writer.transport.abort()

    def mend(self) -> None:
        """Let connections through again."""
        self._is_whole = True

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection both ways until either side ends it."""
        if not self._is_whole:
            writer.transport.abort()
            return
        inner_reader, inner_writer = await asyncio.open_connection(*self._upstream)
        both = {writer, inner_writer}
        self._open |= both
        try:
            await asyncio.gather(_carry(reader, inner_writer), _carry(inner_reader, writer))
        finally:
            self._open -= both
            for one in both:
                one.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


@asynccontextmanager
async def wire_to(url: str) -> AsyncIterator[Wire]:
    """Open a wire to *url*; its own address is `base_url`."""
    wire = Wire(url)
    server = await asyncio.start_server(wire.relay, "127.0.0.1", 0)
    wire.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        server.close()
        wire.cut()
