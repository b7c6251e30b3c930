"""Processes that a benchmark starts: ready when they answer, ended by their pid whatever happens."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientError, ClientSession

ROOT = Path(__file__).parent.parent
JIAOYING = str(Path(sys.executable).with_name("jiaoying"))
_TICKS_A_S = os.sysconf("SC_CLK_TCK")
_READY_WITHIN_S = 60.0
_ENDS_WITHIN_S = 15.0
_OK = 200
_SHOWN = 2000


class BenchError(Exception):
    """The measurement could not be made; the text says why."""


def free_port() -> int:
    """Return a port of loopback that nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process so far, all its threads, of user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_A_S


async def run_once(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run *command* to its end; BenchError when it fails."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise BenchError(f"{' '.join(command[:3])}: {said.decode(errors='replace')[-_SHOWN:]}")


@asynccontextmanager
async def running(
    command: Sequence[str],
    ready_url: str,
    log: Path,
    folder: Path = ROOT,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[int]:
    """Run *command* in *folder* and yield its pid once *ready_url* answers 200. It logs to *log*."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            env={**os.environ, **(environment or {})},
        )
    try:
        await _until_ready(process, ready_url)
        yield process.pid
    except BenchError as error:
        raise BenchError(f"{error}\n{log.name}: {_end_of(log)}") from None
    finally:
        await _end(process)


async def _until_ready(process: asyncio.subprocess.Process, url: str) -> None:
    deadline = asyncio.get_running_loop().time() + _READY_WITHIN_S
    async with ClientSession() as session:
        while process.returncode is None and asyncio.get_running_loop().time() < deadline:
            try:
                async with session.get(url) as answer:
                    if answer.status == _OK:
                        return
            except ClientError:
                pass
            await asyncio.sleep(0.05)
    why = "is not ready" if process.returncode is None else f"ended with {process.returncode}"
    raise BenchError(f"the process at {url} {why}")


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-_SHOWN:]


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_ENDS_WITHIN_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
