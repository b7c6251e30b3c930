"""A thread that does one blocking call after the other and reports each to the event loop."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class _Call:
    function: Callable[[], object]
    then: Callable[[Exception | None], None]


class Worker(Protocol):
    """Does one blocking call after the other, in the order in which it was asked."""

    def call(
        self, function: Callable[[], object], then: Callable[[Exception | None], None]
    ) -> None:
        """Run *function* elsewhere, then *then* in the loop with what it raised, or None."""
        ...

    def stop(self) -> None:
        """Return when everything it was asked is done."""
        ...


class WorkerThread:
    """
    Started when it is made, in the running loop that it reports to.

    It is a daemon: a loop that died without `stop` must not keep the process alive.
    """

    def __init__(self, name: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def call(
        self, function: Callable[[], object], then: Callable[[Exception | None], None]
    ) -> None:
        """Run *function* in the thread, then *then* in the loop with what it raised, or None."""
        self._calls.put(_Call(function, then))

    def stop(self) -> None:
        """Return when the thread has done what it was asked before, and ended."""
        self._calls.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while (call := self._calls.get()) is not None:
            failure: Exception | None = None
            try:
                call.function()
            except Exception as error:  # noqa: BLE001 - it is reported to the loop, whatever it is
                failure = error
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody is left to tell
                self._loop.call_soon_threadsafe(call.then, failure)
