"""The servers of the tests themselves: what they kept, a killed one still has."""

import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from deploy.local.missing import MissingServerError
from deploy.local.redis_server import RedisServer
from tests.servers import lack

ROOT = Path(__file__).parents[2]

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


def test_a_server_does_not_outlive_whoever_started_it_and_was_killed(tmp_path: Path) -> None:
    starts = (
        "import sys, time; from pathlib import Path;"
        " from deploy.local.server_process import ServerProcess;"
        " server = ServerProcess(['sleep', '600'], Path(sys.argv[1]), lambda: True);"
        " server.launch(); print(server.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", starts, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT
    ) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        lived = _lives(pid)

        starter.kill()

    deadline = time.monotonic() + 30
    while _lives(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert (lived, _lives(pid)) == (True, False)


def _lives(pid: int) -> bool:
    # A process that ended and was not looked at yet is there in name only.
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
