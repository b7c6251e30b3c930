"""What the system itself calls an error, heard; everything else that it logs is passed over."""

import contextlib
from collections.abc import Iterator
from typing import Any

import structlog

_UNEXPLAINED = frozenset(
    {
        "dispatch_round_failed",
        "dispatch_input_failed",
        "record_failed",
        "task_crashed",
        "request_broke",
        "input_failed",
    }
)
"""Errors of ours that no fault outside may bring about."""


@contextlib.contextmanager
def errors_heard() -> Iterator[list[str]]:
    """Collect what is logged as an error that nothing outside explains; log nothing else."""
    before = structlog.get_config()
    errors: list[str] = []

    def hear(_logger: Any, _method: str, event: Any) -> Any:
        if event.get("event") in _UNEXPLAINED:
            errors.append(str(structlog.processors.format_exc_info(None, "", dict(event))))
        raise structlog.DropEvent

    structlog.configure(
        processors=[hear],
        wrapper_class=structlog.make_filtering_bound_logger(40),
        cache_logger_on_first_use=False,
    )
    try:
        yield errors
    finally:
        structlog.configure(**before)
