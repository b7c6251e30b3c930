"""
What stands around the synchronous core of the store: threads that block in its stead, and a watch.

A simulation puts a shell of its own here, in which nothing waits for a disk or reads the machine's
time; the bus is the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.runtime.clock import stopwatch
from services.runtime.embedded_store import EmbeddedStore
from services.runtime.worker_thread import Worker, WorkerThread


@dataclass(frozen=True, slots=True)
class Shell:
    """*hire* starts a worker under a name; *watch* starts a stopwatch; *open_store* opens a file."""

    hire: Callable[[str], Worker] = WorkerThread
    watch: Callable[[], Callable[[], float]] = stopwatch
    open_store: Callable[[Path, int | None], EmbeddedStore] = EmbeddedStore
