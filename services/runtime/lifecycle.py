"""
A process from its start to its end: clean-ups in reverse order, and tasks that are watched.

It alone starts tasks. One that crashes ends the process with a code other than 0, because a
process that has silently lost a part looks healthy and rings nobody.
"""

import asyncio
import itertools
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import structlog

from services.runtime.health import Readiness

_log = structlog.get_logger()

_CANCELLED_AGAIN_AFTER_S = 1.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def end_task(task: asyncio.Task[Any]) -> None:
    """
    Cancel *task* until it has ended; how it ends is not told.

    Once is not always enough: before Python 3.12 `asyncio.wait_for`, which clients of servers use,
    loses a cancellation that comes at the moment when what it waits for is there.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_CANCELLED_AGAIN_AFTER_S)
    if not task.cancelled():
        task.exception()  # looked at, so that nobody complains that it was not


class Lifecycle:
    """
    Made in the running loop. A main opens parts in order and calls `on_stop` after each.

    A task that raises one of *ends* ends it all in order: that is no crash.
    """

    def __init__(self, readiness: Readiness, ends: tuple[type[Exception], ...] = ()) -> None:
        self.readiness = readiness
        self._ends = ends
        self._numbers = itertools.count()
        self._clean_ups: dict[int, tuple[str, Callable[[], Awaitable[object]]]] = {}
        self._stopped = asyncio.Event()
        self._exit_code = 0

    @property
    def exit_code(self) -> int:
        """Return 1 after anything crashed, or could not be cleaned up, else 0."""
        return self._exit_code

    def on_stop(self, name: str, clean_up: Callable[[], Awaitable[object]]) -> None:
        """Await *clean_up* at the end, before those that were given earlier."""
        self._clean_ups[next(self._numbers)] = (name, clean_up)

    def spawn(self, name: str, coroutine: Coroutine[Any, Any, object]) -> None:
        """Run *coroutine* as a task until it returns or the process ends, whichever is first."""
        number = next(self._numbers)
        task = asyncio.create_task(self._watch(name, coroutine), name=name)

        async def cancel() -> None:
            await end_task(task)

        def ended(_task: asyncio.Task[None]) -> None:
            self._clean_ups.pop(number, None)
            coroutine.close()  # of a task that was cancelled before its first step, it never began

        self._clean_ups[number] = (name, cancel)
        task.add_done_callback(ended)

    def stop(self) -> None:
        """Let `run_until_signal` return, as a signal would."""
        self._stopped.set()

    async def run_until_signal(self, signals: Sequence[signal.Signals] = _SIGNALS) -> int:
        """
        Return the exit code after one of *signals*, `stop` or a crash, when all is cleaned up.

        A second signal ends the process at once, as if nobody had listened.
        """
        loop = asyncio.get_running_loop()
        for number in signals:
            loop.add_signal_handler(number, self._stopped.set)
        try:
            await self._stopped.wait()
        finally:
            for number in signals:
                loop.remove_signal_handler(number)
            await self.unwind()
        return self._exit_code

    async def unwind(self) -> None:
        """Clean up, last part first; one that fails does not spare the others theirs."""
        while self._clean_ups:
            _, (name, clean_up) = self._clean_ups.popitem()
            try:
                await clean_up()
            except Exception:  # noqa: BLE001 - logged, and the exit code says it
                self._exit_code = 1
                _log.exception("clean_up_failed", part=name)

    async def _watch(self, name: str, coroutine: Coroutine[Any, Any, object]) -> None:
        try:
            await coroutine
        except self._ends:
            self._stopped.set()
        except Exception:  # noqa: BLE001 - logged, and the process ends
            self._exit_code = 1
            self.readiness.fail(name)
            _log.exception("task_crashed", task=name)
            self._stopped.set()
