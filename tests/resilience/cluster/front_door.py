"""
The one address that the carrier is given for all dispatchers, as a balancer of a cloud would be: each
connection goes to the next worker in turn that is ready and takes it. Those to a worker that is ready
no more are ended: requests would go on along them for as long as they are kept alive.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count

from deploy.local.services import answers

_READ_AT_ONCE = 1 << 16
_LOOKS_EVERY_S = 1.0


class FrontDoor:
    """Leads to *ports* of loopback; `url` is known once it is started."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = ports
        self._ready = list(ports)
        self._looking: asyncio.Task[None] | None = None
        self._turn = count()
        self._ways: dict[asyncio.Task[None], int] = {}
        """Each connection under way, and the port it goes to."""
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where the carrier finds it."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        """Listen from now on."""
        self._server = await asyncio.start_server(self._lead, "127.0.0.1", 0)
        self._looking = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """End every connection, and listen no more."""
        if self._server is not None:
            self._server.close()
        tasks = [*self._ways, *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self) -> None:
        while True:
            told = [await asyncio.to_thread(answers, port, "/readyz") for port in self._ports]
            ready = [port for port, is_ready in zip(self._ports, told, strict=True) if is_ready]
            # Where none is, each is as good as the other.
            self._ready = ready or list(self._ports)
            for way, port in self._ways.items():
                if port not in self._ready:
                    way.cancel()
            await asyncio.sleep(_LOOKS_EVERY_S)

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            port, theirs, to_them = await self._worker()
            self._ways[task] = port
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(_pump(reader, to_them))
                    both.create_task(_pump(theirs, writer))
            finally:
                to_them.close()
        except (OSError, ExceptionGroup):
            pass  # one end is gone, and so the other is let go
        finally:
            self._ways.pop(task, None)
            writer.close()

    async def _worker(self) -> tuple[int, asyncio.StreamReader, asyncio.StreamWriter]:
        first = next(self._turn)
        ready = self._ready
        for nth in range(len(ready)):
            port = ready[(first + nth) % len(ready)]
            try:
                return port, *await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                continue
        raise ConnectionRefusedError


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_READ_AT_ONCE):
        writer.write(data)
        await writer.drain()
    raise ConnectionResetError


@asynccontextmanager
async def front_door(ports: Sequence[int]) -> AsyncIterator[FrontDoor]:
    """Lead to *ports* for a while."""
    door = FrontDoor(ports)
    await door.start()
    try:
        yield door
    finally:
        await door.stop()
