"""Where a process of the distributed mode lies, and what it needs to be there at its start."""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from services.runtime.clock import RealClock
from services.runtime.kafka.settings import KafkaSettings
from services.runtime.lifecycle import Lifecycle
from services.runtime.memory import settle_memory, tidy_memory
from services.runtime.redis.settings import RedisSettings


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """
    *data* is this process's alone. *host* and *port* are its door's; *kafka* and *redis* are read
    from the environment unless they are given.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 0
    kafka: KafkaSettings = field(default_factory=KafkaSettings)
    redis: RedisSettings = field(default_factory=RedisSettings)


def keep_tidy(lifecycle: Lifecycle, is_quiet: Callable[[], bool] = lambda: True) -> None:
    """Search for garbage in what is new alone, and in everything now and then while *is_quiet*."""
    settle_memory()
    lifecycle.spawn("memory", tidy_memory(is_quiet, RealClock()))


def own_name() -> str:
    """Return what tells this process from all others of the installation."""
    return f"{socket.gethostname()}-{os.getpid()}"
