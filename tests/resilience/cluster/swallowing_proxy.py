"""
A cut cable, for machines on which one may not make network namespaces: a way to a server that, when
it is cut, takes everything and hands on nothing. Nobody is told: no reset, no end of stream.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_READ_AT_ONCE = 1 << 16


class SwallowingProxy:
    """A port of loopback that leads to *target_port* until it is cut."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._is_cut = False
        self._ways: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen from now on."""
        self._server = await asyncio.start_server(self._lead, "127.0.0.1", 0)

    async def stop(self) -> None:
        """End every connection, and listen no more."""
        if self._server is not None:
            self._server.close()
        for way in self._ways:
            way.cancel()
        await asyncio.gather(*self._ways, return_exceptions=True)

    async def cut(self) -> None:
        """Hand on nothing more, in neither direction."""
        self._is_cut = True

    async def mend(self) -> None:
        """Lead new connections through. What an old one lost is lost: it stays silent for ever."""
        self._is_cut = False

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._ways.add(task)
        try:
            if self._is_cut:
                await _swallow(reader)
                return
            theirs, to_them = await asyncio.open_connection("127.0.0.1", self._target_port)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._pump(reader, to_them))
                    both.create_task(self._pump(theirs, writer))
            finally:
                to_them.close()
        except (OSError, ExceptionGroup):
            pass  # either end is gone, and the other one learns of it
        finally:
            self._ways.discard(task)
            writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            data = await reader.read(_READ_AT_ONCE)
            if self._is_cut:
                await _swallow(reader)
                # Whoever closed his end is not known at the other one to have done so.
                await asyncio.Event().wait()
            if not data:
                raise ConnectionResetError
            writer.write(data)
            await writer.drain()


async def _swallow(reader: asyncio.StreamReader) -> None:
    with suppress(OSError):
        while await reader.read(_READ_AT_ONCE):
            pass


@asynccontextmanager
async def swallowing_proxy(target_port: int) -> AsyncIterator[SwallowingProxy]:
    """Lead to *target_port* for a while."""
    proxy = SwallowingProxy(target_port)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
