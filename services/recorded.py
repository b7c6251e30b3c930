"""A recorded topic from where it lies: a system's data folder, also while it runs, or NDJSON."""

from collections.abc import Iterator
from pathlib import Path

from schemas.topics import Topic
from services.runtime.embedded_bus import FILE
from services.runtime.log_reader import LogReader

_PAGE = 10_000


def read_topic(path: Path, topic: Topic) -> Iterator[tuple[str, list[bytes]]]:
    """
    Yield (district, records) of *topic* at *path*; nothing when there is none.

    An NDJSON file holds one district's records, whatever its name.
    """
    if path.is_file():
        records = [line for line in path.read_bytes().splitlines() if line]
        if records:
            yield path.stem, records
        return
    if not (path / FILE).exists():
        return
    reader = LogReader(path / FILE)
    try:
        for held, district in reader.logs():
            if held is topic:
                yield district, _all(reader, topic, district)
    finally:
        reader.close()


def _all(reader: LogReader, topic: Topic, district: str) -> list[bytes]:
    records: list[bytes] = []
    offset = 0
    while batch := reader.read(topic, district, offset, _PAGE):
        records += [stored.data for stored in batch]
        offset = batch[-1].offset + 1
    return records
