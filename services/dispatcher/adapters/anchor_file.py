"""
Anchors in a file that is only ever added to: on another disk, or another host's share, it is a
place that whoever rewrites the ledger would have to rewrite as well.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from services.dispatcher.ports import AnchorNotKeptError
from services.runtime.worker_thread import Worker, WorkerThread

FILE = "anchors.ndjson"


class AnchorFile:
    """
    An `AnchorPlace`. The file is opened for each anchor, so that a share that was away is used
    again, and from a thread of its own: a disk that hangs must not keep anybody from being rung.
    """

    name = "file"

    def __init__(self, path: Path, hire: Callable[[str], Worker] = WorkerThread) -> None:
        self._path = path
        self._hire = hire
        self._thread: Worker | None = None

    async def keep(self, anchor: bytes) -> None:
        """Return once *anchor* is on that disk. AnchorNotKeptError when it cannot be."""
        if self._thread is None:
            self._thread = self._hire("anchors")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Exception | None] = loop.create_future()

        def then(failure: Exception | None) -> None:
            if not done.done():
                done.set_result(failure)

        self._thread.call(lambda: _append(self._path, anchor), then)
        if (failure := await done) is not None:
            raise AnchorNotKeptError(type(failure).__name__) from failure

    async def aclose(self) -> None:
        """End the thread."""
        if self._thread is not None:
            self._thread.stop()


def _append(path: Path, anchor: bytes) -> None:
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        line = anchor + b"\n"
        if (size := os.fstat(handle).st_size) and os.pread(handle, 1, size - 1) != b"\n":
            line = b"\n" + line  # a power cut left half a line, which must not spoil this one
        if os.write(handle, line) != len(line):
            raise OSError("written in part")
        os.fsync(handle)
    finally:
        os.close(handle)
