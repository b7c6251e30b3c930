"""A ledger from where it lies: a system's data folder, also while it runs, or an NDJSON file."""

from collections.abc import Iterator
from pathlib import Path

from schemas.topics import Topic
from services.runtime.embedded_bus import FILE
from services.runtime.log_reader import LogReader

_PAGE = 10_000


def read_ledger(path: Path) -> Iterator[tuple[str, list[bytes]]]:
    """Yield (district, records) of each ledger at *path*; nothing when there is none."""
    if path.is_file():
        records = [line for line in path.read_bytes().splitlines() if line]
        if records:
            yield path.stem, records
        return
    if not (path / FILE).exists():
        return
    reader = LogReader(path / FILE)
    try:
        for topic, district in reader.logs():
            if topic is Topic.DISPATCH:
                yield district, _all(reader, district)
    finally:
        reader.close()


def _all(reader: LogReader, district: str) -> list[bytes]:
    records: list[bytes] = []
    while batch := reader.read(Topic.DISPATCH, district, len(records), _PAGE):
        records += [stored.data for stored in batch]
    return records
