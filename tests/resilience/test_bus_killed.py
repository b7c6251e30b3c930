"""A process killed between any two instructions loses nothing that it had answered for."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.topics import Topic
from services.runtime.clock import RealClock
from services.runtime.embedded_bus import FILE, EmbeddedBus
from services.runtime.log_reader import LogReader
from tests.resilience import bus_publisher
from tests.resilience.bus_publisher import DISTRICT


def kill_after(lines: int, directory: Path) -> dict[int, int]:
    """Return the numbers by offset that a publisher printed before and while it was killed."""
    with subprocess.Popen(
        [sys.executable, bus_publisher.__file__, str(directory)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        printed = [child.stdout.readline() for _ in range(lines)]
        child.kill()
        printed += child.stdout.readlines()
    whole = [line.split() for line in printed if line.endswith("\n")]
    return {int(offset): int(number) for offset, number in whole}


@pytest.mark.parametrize("seed", [1, 2])
async def test_accepted_is_durable_when_the_process_is_killed(tmp_path: Path, seed: int) -> None:
    moments = random.Random(seed)
    printed: dict[int, int] = {}
    for _ in range(2):
        printed |= kill_after(moments.randint(1, 400), tmp_path)

    bus = await EmbeddedBus.open(tmp_path, RealClock(), ballast_bytes=4096)
    end = await bus.end(Topic.EVENTS, DISTRICT)
    stored = await bus.read(Topic.EVENTS, DISTRICT, 0, end)
    await bus.close()

    numbers = {record.offset: int(record.data.split()[0]) for record in stored}
    assert list(numbers) == list(range(end))
    assert {offset: numbers[offset] for offset in printed} == printed


def test_the_file_of_a_killed_process_can_be_read_without_its_lock(tmp_path: Path) -> None:
    printed = kill_after(20, tmp_path)

    reader = LogReader(tmp_path / FILE)
    end = reader.end(Topic.EVENTS, DISTRICT)
    reader.close()

    assert end > max(printed)
