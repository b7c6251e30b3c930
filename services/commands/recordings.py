"""`jiaoying export` and `replay`: what was recorded, and what is decided on it again."""

import hashlib
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from schemas.topics import Topic
from services.commands.saying import JsonOption, err, fail, print_json
from services.correlator.entrypoints.replay import replay_file
from services.recorded import read_topic
from services.runtime.logs import configure_logs


def export(
    data: Annotated[Path, typer.Argument(help="A system's data folder; it may be running.")],
    topic: Annotated[Topic, typer.Argument(help="Which topic.")] = Topic.EVENTS,
    district: Annotated[
        str, typer.Option(help="Which district; needed when there are several.")
    ] = "",
) -> None:
    """Write a topic to standard output, one record a line."""
    logs = {name: records for name, records in read_topic(data, topic) if district in {"", name}}
    if len(logs) != 1:
        fail(f"{data}: {len(logs)} districts have records there: {', '.join(sorted(logs))}")
    for record in next(iter(logs.values())):
        sys.stdout.buffer.write(record + b"\n")


def replay(
    file: Annotated[Path, typer.Argument(help="A recorded log of events, one a line.")],
    *,
    out: Annotated[Path | None, typer.Option(help="Where the decisions go, one a line.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Decide a recorded night again. The same log gives the same bytes, and nobody is rung."""
    configure_logs(logging.ERROR)
    with err.status("重放 replaying"):
        decisions = replay_file(file)
    if out is not None:
        out.write_bytes(decisions)
    digest = hashlib.sha256(decisions).hexdigest()
    count = decisions.count(b"\n")
    if as_json:
        print_json({"decisions": count, "sha256": digest})
    else:
        err.print(f"{count} 条决定 decisions, sha256 {digest}")
