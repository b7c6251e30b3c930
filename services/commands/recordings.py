"""`jiaoying export` and `replay`: what was recorded, and what is decided on it again."""

import hashlib
import logging
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import typer

from schemas.topics import Topic
from services.commands.saying import JsonOption, err, fail, print_json, run_loop
from services.correlator.entrypoints.replay import replay_file
from services.recorded import read_topic
from services.runtime.bus import BusUnavailableError
from services.runtime.logs import configure_logs

KAFKA = "kafka:"


def export(
    data: Annotated[
        Path,
        typer.Argument(
            help="A system's data folder, which may be running; or kafka: for the brokers of "
            "JIAOYING_KAFKA_…."
        ),
    ],
    topic: Annotated[Topic, typer.Argument(help="Which topic.")] = Topic.EVENTS,
    district: Annotated[
        str, typer.Option(help="Which district; needed when there are several.")
    ] = "",
) -> None:
    """Write a topic to standard output, one record a line."""
    if str(data) == KAFKA:
        if not district:
            fail("--district: there may be many")
        try:
            run_loop(_write_from_brokers(topic, district))
        except BusUnavailableError as error:
            fail(str(error))
        return
    logs = {name: records for name, records in read_topic(data, topic) if district in {"", name}}
    if len(logs) != 1:
        fail(f"{data}: {len(logs)} districts have records there: {', '.join(sorted(logs))}")
    for record in next(iter(logs.values())):
        sys.stdout.buffer.write(record + b"\n")


async def _write_from_brokers(topic: Topic, district: str) -> None:
    async for record in _from_brokers(topic, district):
        sys.stdout.buffer.write(record + b"\n")


async def _from_brokers(topic: Topic, district: str) -> AsyncIterator[bytes]:
    """Yield what is there of *topic* now."""
    # Half a second of imports that no other command need wait for.
    from services.runtime.kafka.log import KafkaLog  # noqa: PLC0415
    from services.runtime.kafka.settings import KafkaSettings  # noqa: PLC0415

    log = KafkaLog(KafkaSettings())
    try:
        at, end = 0, await log.end(topic, district)
        while at < end and (page := await log.read(topic, district, at)):
            for one in page:
                if one.offset < end:
                    yield one.data
            at = page[-1].offset + 1
    finally:
        await log.close()


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
