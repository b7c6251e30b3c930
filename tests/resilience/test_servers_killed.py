"""The servers of the tests themselves: what they kept, a killed one still has."""

import socket
from contextlib import closing
from pathlib import Path

import pytest

from deploy.local.missing import MissingServerError
from deploy.local.redis_server import RedisServer
from tests.servers import lack

pytestmark = pytest.mark.servers


def _ask(server: RedisServer, command: bytes) -> bytes:
    with closing(socket.create_connection(("127.0.0.1", server.port), 5)) as connection:
        connection.sendall(command + b"\r\n")
        return connection.recv(100)


def test_a_killed_redis_comes_back_on_its_port_with_every_answered_write(tmp_path: Path) -> None:
    try:
        server = RedisServer(tmp_path)
    except MissingServerError as error:
        lack(error)
    server.start()
    try:
        assert _ask(server, b"SET chain open") == b"+OK\r\n"

        server.kill()
        server.start()

        assert _ask(server, b"GET chain") == b"$4\r\nopen\r\n"
    finally:
        server.stop()
