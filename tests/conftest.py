"""What holds for every test: logs are kept to warnings, so that a failure can be read."""

from collections.abc import MutableMapping
from typing import Any

import structlog


def _only_warnings(
    _logger: object, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    if method in {"debug", "info"}:
        raise structlog.DropEvent
    return event


structlog.configure(processors=[_only_warnings, structlog.dev.ConsoleRenderer(colors=False)])
