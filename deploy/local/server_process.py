"""One server: a process with a folder of its own, started, stopped, killed, and started again."""

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_POLL_S = 0.02
_READY_WITHIN_S = 90.0  # seconds of a loaded machine, not of a good one
_STOPS_WITHIN_S = 20.0
_SHOWN = 2_000


class ServerError(Exception):
    """The server did not start; the text has the end of its log."""


class ServerProcess:
    """
    The process that *command* starts in *folder*, ready when *is_ready*; it logs to `server.log`.
    *environment* None: ours.

    Everything blocks: in an event loop, call it by `asyncio.to_thread`.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        is_ready: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._command = command
        self._folder = folder
        self._is_ready = is_ready
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The running process, if there is one."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def log(self) -> Path:
        """Where the server writes what it does."""
        return self._folder / "server.log"

    def launch(self) -> None:
        """Start the process and return at once; it finds what an earlier one left in *folder*."""
        if self.pid is not None:
            return
        self._forget()
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Ctrl-C on a terminal is for who started the server, who then stops it in order.
                start_new_session=True,
            )
        self._watcher = _end_with_this_process(self._process.pid)

    def wait(self) -> None:
        """Return once the server is ready; ServerError when it ended or takes too long."""
        deadline = time.monotonic() + _READY_WITHIN_S
        while not self._is_ready():
            if self.pid is None or time.monotonic() > deadline:
                why = "ended" if self.pid is None else "is not ready"
                raise ServerError(f"{self._command[0]} {why}\n{self.log}: {self._end_of_log()}")
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """End the process in order, or at last by force."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self._forget()

    def kill(self) -> None:
        """End the process at once, as SIGKILL does: nothing is flushed or said farewell to."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._forget()

    def _forget(self) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.kill()
            watcher.wait()
            if watcher.stdin is not None:
                watcher.stdin.close()

    def _end_of_log(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-_SHOWN:]


def _end_with_this_process(pid: int) -> subprocess.Popen[bytes]:
    """
    Start what ends process *pid* when this one is gone, killed or not: until then it reads from a
    pipe that only this process holds open.
    """
    return subprocess.Popen(
        ["/bin/sh", "-c", f"read -r _; kill -9 {pid}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
