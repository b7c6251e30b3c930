"""
Logs: one line of JSON for each fact, to standard error, without phone numbers.

`event` is the fact, `severity` how bad it is; `level` is always IV, III, II or I.

What libraries write with `logging` goes the same way, because their lines are the ones that hold
addresses and form fields.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import orjson
import structlog

from services.runtime.clock import Clock, RealClock
from services.runtime.masking import mask_event


class _FromLogging(logging.Handler):
    """Hands a library's record to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info
        )


def configure_logs(
    level: int = logging.INFO, stream: TextIO | None = None, clock: Clock | None = None
) -> None:
    """
    Send everything at *level* and above to *stream*, or standard error; called once, by a main.

    A terminal gets lines for people, anything else JSON. *clock* stamps the lines, so that the
    log of a night lived through in seconds reads like that night. Libraries are heard from
    WARNING on.
    """
    is_for_good = stream is None  # a test gives a stream, and configures again
    stream = stream or sys.stderr
    clock = clock or RealClock()

    def stamp(
        _logger: object, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        return {
            "at": clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            **event,
        }

    renderer: structlog.typing.Processor = (
        _for_people(
            structlog.dev.ConsoleRenderer(
                timestamp_key="at", exception_formatter=structlog.dev.plain_traceback
            )
        )
        if stream.isatty()
        else _as_json
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _severity,
            stamp,
            structlog.processors.format_exc_info,
            structlog.processors.StackInfoRenderer(),
            mask_event,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=is_for_good,
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[_FromLogging()], force=True)


def _severity(
    _logger: object, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    # `level` is the level of a response here, and a line must not lose it.
    return {**event, "severity": "error" if method == "exception" else method}


def _for_people(renderer: structlog.dev.ConsoleRenderer) -> structlog.typing.Processor:
    """The renderer colours what it finds under `level`; ours stands behind, under its own name."""

    def render(logger: object, method: str, event: MutableMapping[str, Any]) -> Any:
        told = dict(event)
        if "level" in told:
            told["response_level"] = told.pop("level")
        told["level"] = told.pop("severity")
        return renderer(logger, method, told)

    return render


def _as_json(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    return orjson.dumps(event, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS).decode()
