"""What is remembered of readings: bounded, forgotten in turn, and nothing of a failed write."""

from collections.abc import Sequence
from datetime import timedelta

from schemas.cap import Status
from schemas.metric import Metric
from services.ingest.adapters.dedup_store import ReadingMemory, SeenKeys, digest_of
from services.ingest.domain.dedup import SeriesKey
from services.runtime.bus import Outgoing
from tests.unit.ingest.small_district import START


class Rows:
    """The values of a transaction, in memory; what it appends is of no interest here."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], bytes] = {}

    def append(self, record: Outgoing) -> None:
        raise NotImplementedError

    def get(self, space: str, key: str) -> bytes | None:
        return self.values.get((space, key))

    def put(self, space: str, key: str, value: bytes) -> None:
        self.values[space, key] = value

    def delete(self, space: str, key: str) -> None:
        self.values.pop((space, key), None)

    def scan(self, space: str, prefix: str = "") -> Sequence[tuple[str, bytes]]:
        rows = ((key, value) for (at, key), value in self.values.items() if at == space)
        return sorted(row for row in rows if row[0].startswith(prefix))

    def commit_position(self, group: str, topic: object, district: str, offset: int) -> None:
        raise NotImplementedError


def test_the_newest_readings_are_remembered_and_old_rows_are_dropped() -> None:
    rows, memory = Rows(), ReadingMemory(limit=2)

    for number in range(12):
        memory.note(rows, f"{number:03d}", [(number, number * 10)])

    assert memory.values(rows, [11, 9, 0]) == {11: 110, 9: 90}
    assert len(rows.values) <= 6


def test_what_a_failed_transaction_noted_is_not_known() -> None:
    rows, memory = Rows(), ReadingMemory()
    memory.note(rows, "001", [(1, 10)])

    assert memory.values(rows, [1]) == {1: 10}
    rows.values.clear()
    assert memory.values(rows, [1]) == {}


def test_a_new_process_remembers_what_the_old_one_did() -> None:
    rows = Rows()
    largest = (1 << 64) - 1
    ReadingMemory().note(rows, "001", [(1, 10), (largest, -7)])
    memory = ReadingMemory()

    memory.load(rows)

    assert memory.values(rows, [1, largest]) == {1: 10, largest: -7}


def test_each_measurement_has_bits_of_its_own_and_keeps_them_in_every_process() -> None:
    rain: SeriesKey = (Status.ACTUAL, "RG-1", Metric.RAIN, None, False)
    forecast: SeriesKey = (Status.ACTUAL, "ST-1", Metric.STAGE_FORECAST, START, False)
    series = [
        rain,
        (Status.EXERCISE, *rain[1:]),
        (Status.ACTUAL, "RG-2", *rain[2:]),
        (*rain[:-1], True),
        forecast,
        (*forecast[:3], START + timedelta(hours=1), False),
    ]

    found = {digest_of(one, at_us) for one in series for at_us in range(1000)}

    assert len(found) == len(series) * 1000
    assert digest_of(rain, 1_784_203_200_000_000) == 14_359_609_208_834_000_073


def test_a_key_is_seen_for_ninety_days_at_least_and_not_for_ever() -> None:
    rows, seen = Rows(), SeenKeys()
    seen.put(rows, "key", b"kept", START)

    assert seen.get(rows, "key", START + timedelta(days=90)) == b"kept"
    later = START + timedelta(days=181)
    assert seen.get(rows, "key", later) is None
    seen.drop_old(rows, later)
    assert rows.values == {}
