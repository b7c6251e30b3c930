"""
A process that is started again whenever it dies, as an operating system's supervisor does it: the
death of a child is told by the kernel, and the same command is run at once.
"""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from bench.children import ROOT, BenchError
from services.runtime.clock import RealClock

_ENDS_WITHIN_S = 15.0
_MOST_DEATHS = 5

_clock = RealClock()


class Supervised:
    """Keeps *command* running. `kill` is the accident, `stop` the operator's wish."""

    def __init__(
        self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._command = command
        self._log = log
        self._environment = {**os.environ, **(environment or {})}
        self._process: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None
        self.deaths: list[datetime] = []

    async def start(self) -> None:
        """Start it, and keep it running from now on."""
        self._process = await self._started()
        self._keeping = asyncio.create_task(self._keep())

    def kill(self) -> datetime:
        """Kill it with SIGKILL, which nothing can prepare for. Returns when that was."""
        if self._process is None:
            raise BenchError("nothing runs that could be killed")
        at = _clock.now()
        os.kill(self._process.pid, signal.SIGKILL)
        return at

    async def stop(self) -> int:
        """End it as an operator would, and return its exit code."""
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
        process = self._process
        if process is None:
            return 0
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(_ENDS_WITHIN_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
        return await process.wait()

    def check(self) -> None:
        """Raise BenchError when it can no longer be kept running."""
        if self._keeping is not None and self._keeping.done():
            self._keeping.result()

    async def _keep(self) -> None:
        while self._process is not None:
            await self._process.wait()
            self.deaths.append(_clock.now())
            if len(self.deaths) > _MOST_DEATHS:
                raise BenchError(f"it died {len(self.deaths)} times; see {self._log}")
            self._process = await self._started()

    async def _started(self) -> asyncio.subprocess.Process:
        with self._log.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=ROOT,
                env=self._environment,
            )
