"""A recorded topic from where it lies: a system's data folder, also while it runs, or NDJSON."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import orjson

from schemas.topics import Topic
from services.runtime.embedded_bus import FILE
from services.runtime.log_reader import LogReader

_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class RecordedLog:
    """*count* records of a district, and the values stored beside them at the same moment."""

    district: str
    count: int
    records: Iterator[bytes]
    values: dict[str, list[tuple[str, bytes]]] | None
    """By space, those asked for; None where there is no store, as in a file."""


def recorded_logs(path: Path, topic: Topic, values_under: str = "") -> Iterator[RecordedLog]:
    """
    Yield each district's log of *topic* at *path*; nothing when there is none.

    An NDJSON file holds one district's records, whose first says which; its name, where it does
    not. The records of a log are to be
    read before the next is asked for. *values_under* is what the spaces begin with, in front of
    the district's code, whose values are wanted too.
    """
    if path.is_file():
        if count := sum(1 for _ in _lines(path)):
            district = _district_of(next(_lines(path))) or path.stem
            yield RecordedLog(district, count, _lines(path), None)
        return
    if not (path / FILE).exists():
        return
    with closing(LogReader(path / FILE)) as reader:
        for held, district in reader.logs():
            if held is topic:
                end, values = reader.end_and_values(topic, district, f"{values_under}/{district}/")
                yield RecordedLog(district, end, _records(reader, topic, district, end), values)


def read_topic(path: Path, topic: Topic) -> Iterator[tuple[str, list[bytes]]]:
    """Yield (district, records) of *topic* at *path*, as `recorded_logs` does."""
    for log in recorded_logs(path, topic):
        yield log.district, list(log.records)


def _district_of(record: bytes) -> str | None:
    try:
        return str(orjson.loads(record)["district"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            if record := line.removesuffix(b"\n"):
                yield record


def _records(reader: LogReader, topic: Topic, district: str, end: int) -> Iterator[bytes]:
    offset = 0
    while offset < end:
        batch = reader.read(topic, district, offset, min(_PAGE, end - offset))
        if not batch:
            return
        for stored in batch:
            yield stored.data
        offset = batch[-1].offset + 1
