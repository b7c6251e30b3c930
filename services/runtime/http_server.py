"""One HTTP server of a process: bound before its application is built, so that its port is known."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

_BACKLOG = 2048


class HttpServer:
    """
    Listens on *host* and *port* from the start (0 takes a free port) and serves once told what.

    Raises OSError when the port is taken.
    """

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listener.bind((host, port))
            self._listener.listen(_BACKLOG)
            self._listener.setblocking(False)  # noqa: FBT003 - the standard library's own shape
        except OSError:
            self._listener.close()
            raise
        bound_host, bound_port = self._listener.getsockname()[:2]
        shown = f"[{bound_host}]" if ":" in bound_host else bound_host
        self.base_url = f"http://{shown}:{bound_port}"
        self._server: _QuietServer | None = None
        self._serving: asyncio.Task[None] | None = None

    async def serve(self, app: ASGIApp, http: type[asyncio.Protocol] | str = "httptools") -> None:
        """Begin to answer with *app*."""
        config = uvicorn.Config(
            app,
            http=http,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,  # nobody is believed to be somebody else
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=2,
        )
        self._server = _QuietServer(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._listener]))

    async def stop(self) -> None:
        """Finish what is being answered and close the port."""
        if self._server is None or self._serving is None:
            self._listener.close()
            return
        self._server.should_exit = True
        await self._serving


class _QuietServer(uvicorn.Server):
    """Leaves the process's signals to whoever started it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
