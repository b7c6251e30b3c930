import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from services.runtime.clock import SteppingClock
from services.runtime.logs import configure_logs

START = datetime(2025, 7, 1, 15, 40, tzinfo=UTC)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def stream() -> io.StringIO:
    stream = io.StringIO()
    configure_logs(stream=stream, clock=SteppingClock(START))
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_fact_is_one_line_of_json_with_its_time_in_utc(stream: io.StringIO) -> None:
    structlog.get_logger().info("call_placed", chain_id="ch_1", level="II", place="叫应")

    assert lines(stream) == [
        {
            "at": "2025-07-01T15:40:00.000Z",
            "event": "call_placed",
            "severity": "info",
            "chain_id": "ch_1",
            "level": "II",
            "place": "叫应",
        }
    ]


def test_a_crash_is_told_whole_and_without_the_number(stream: io.StringIO) -> None:
    try:
        int("+8613800138000 is gone")
    except ValueError:
        structlog.get_logger().exception("task_crashed", task="calls")

    (line,) = lines(stream)
    assert "ValueError: invalid literal for int() with base 10: '*** is gone'" in line["exception"]
    assert "138001" not in stream.getvalue()


def test_what_a_library_writes_is_masked_too(stream: io.StringIO) -> None:
    library = logging.getLogger("twilio.http_client")
    library.info("POST To=+8613800138000")
    library.warning("failed for %s", "+8613800138000")

    (line,) = lines(stream)
    assert (line["event"], line["logger"]) == ("failed for ***", "twilio.http_client")


def test_a_terminal_gets_a_line_for_people_masked_as_well() -> None:
    stream = Terminal()
    configure_logs(stream=stream, clock=SteppingClock(START))

    structlog.get_logger().warning("call_placed", contact="13800138000", level="II")

    assert "call_placed" in stream.getvalue()
    assert "warning" in stream.getvalue()
    assert "II" in stream.getvalue()
    assert "***" in stream.getvalue()
    assert "13800138000" not in stream.getvalue()
