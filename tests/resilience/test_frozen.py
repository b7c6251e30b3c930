"""A process that is stopped between record and request, and goes on when others may have taken over."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

pytestmark = pytest.mark.servers

_ROOT = Path(__file__).parents[2]


async def begun(url: str, prefix: str, how: str) -> Process:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.resilience.frozen", url, prefix, how),
        stdout=PIPE,
        cwd=_ROOT,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"on record\n"
    return process


async def test_a_worker_that_goes_on_at_once_asks_the_carrier(redis_server: str) -> None:
    process = await begun(redis_server, "frozen1", "goes on")

    said, _ = await process.communicate()

    assert said.decode().splitlines() == [
        "rings c_1",
        "RequestAnswered(attempt_id='a_1', provider_id='CAa_1')",
    ]


async def test_a_worker_that_was_stopped_for_two_seconds_asks_the_carrier_for_nothing(
    redis_server: str,
) -> None:
    process = await begun(redis_server, "frozen2", "stops")
    assert process.stdout is not None

    await asyncio.sleep(2.2)
    os.kill(process.pid, signal.SIGCONT)
    said, _ = await process.communicate()

    told = said.decode().splitlines()
    assert "RequestRefused(attempt_id='a_1', code='stale', retry=True, remedies=())" in told
    assert not any(line.startswith("rings") for line in told)
    assert process.returncode == 0
