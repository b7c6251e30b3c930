"""Ports of loopback for servers that are killed and come back."""

import secrets
import socket
from contextlib import suppress

# Below the range that Linux takes for the near end of connections (32768 on): a client that keeps
# trying a killed server's port could be given that very port, and the server would find it taken.
_FIRST, _LAST = 20_000, 30_000
_taken: set[int] = set()


def free_port() -> int:
    """Return a port that nobody listens on, and that this process has not been given before."""
    while True:
        port = _FIRST + secrets.randbelow(_LAST - _FIRST)
        if port not in _taken and _is_free(port):
            _taken.add(port)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as listener, suppress(OSError):
        listener.bind(("127.0.0.1", port))
        return True
    return False
