"""How the Faust worker is set up: what a machine says, and what holds everywhere."""

import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

APP_ID = "jiaoying-correlator"
"""The consumer group's name, and the beginning of its tables' topics."""


@dataclass(frozen=True, slots=True)
class FaustSettings:
    """
    *brokers* are host:port, with commas; *data* is this worker's alone; *worker* names it among the
    others, which must be another name than theirs.

    *credentials* are Faust's own kind, and None where brokers ask for none. *standby_replicas* is
    how many further workers follow each table, ready to take over.
    """

    brokers: str
    data: Path
    worker: str
    app_id: str = APP_ID
    standby_replicas: int = 1
    credentials: Any = field(default=None, repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)

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
