"""
A recorded log folded again: the same bytes of decisions, however it is read and at any speed.

Nothing is published and nobody can be rung: there is no bus here and no carrier.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from services.correlator.pipeline import CorrelatorPipeline


def replay(records: Iterable[bytes], district: str) -> Iterator[bytes]:
    """Yield the decisions that *records* of `events.v1` lead to, as they would be published."""
    pipeline = CorrelatorPipeline(district)
    for record in records:
        yield from pipeline.handle(record).decisions
        if pipeline.is_due:
            pipeline.take_snapshot()


def replay_file(path: Path) -> bytes:
    """
    Return the decisions of a log kept as one record a line, as one line each.

    The district is that of the first line that can be read; a file without any has no decisions.
    """
    with path.open("rb") as file:
        records = [line.rstrip(b"\n") for line in file if line.strip()]
    district = next((found for record in records if (found := _district_of(record))), None)
    if district is None:
        return b""
    return b"".join(decision + b"\n" for decision in replay(records, district))


def _district_of(record: bytes) -> str | None:
    try:
        found = orjson.loads(record).get("district")
    except (orjson.JSONDecodeError, AttributeError):
        return None
    return found if isinstance(found, str) else None
