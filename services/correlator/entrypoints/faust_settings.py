"""How the Faust worker is set up: what a machine says, and what holds everywhere."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from services.runtime.kafka.settings import KafkaSettings

_APP = "jiaoying-correlator"


@dataclass(frozen=True, slots=True)
class FaustSettings:
    """
    *data* is this worker's alone; *worker* names it among the others, which have other names.

    *standby_replicas* is how many further workers follow each table, ready to take over.
    """

    kafka: KafkaSettings
    data: Path
    worker: str
    standby_replicas: int = 1

    session_timeout: timedelta = timedelta(seconds=6)
    """
    How long a worker that has gone is waited for. A broker takes no less unless it was told to
    (`group.min.session.timeout.ms`), and this is the greater part of a takeover.
    """
    heartbeat_interval: timedelta = timedelta(seconds=1.5)
    """Also how long it takes the others to hear that there is a new order: a quarter of the above."""
    poll_interval: timedelta = timedelta(seconds=30)
    """How long a worker may be busy without asking for more before it is taken for stuck."""
    commit_interval: timedelta = timedelta(seconds=1)
    """What was dealt with since is delivered again after a crash, and skipped."""

    @property
    def app_id(self) -> str:
        """The name of the workers' group, and what their tables' topics begin with."""
        return self.kafka.topic_prefix + _APP
