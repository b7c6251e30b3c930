"""What holds for every test: readable logs, and no verdict that depends on how fast a machine is."""

import os
from collections.abc import MutableMapping
from typing import Any

import structlog
from hypothesis import HealthCheck, settings

from tests.servers import kafka, kafka_settings, redis_server

__all__ = ["kafka", "kafka_settings", "redis_server"]


def _only_warnings(
    _logger: object, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    if method in {"debug", "info"}:
        raise structlog.DropEvent
    return event


structlog.configure(processors=[_only_warnings, structlog.dev.ConsoleRenderer(colors=False)])

settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
