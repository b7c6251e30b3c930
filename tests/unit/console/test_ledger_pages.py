from collections.abc import Sequence
from typing import cast

import pytest

from schemas.cap import Status
from schemas.dispatch import Fact, LedgerRecord
from schemas.topics import Topic
from schemas.wire import encode
from services.console.adapters.ledger_pages import BusLedger
from services.runtime.bus import Bus, Stored
from tests.districts import DISTRICT
from tests.unit.console.book import T0

RECORDS = 40


def record(seq: int) -> LedgerRecord:
    return LedgerRecord(
        district=DISTRICT,
        seq=seq,
        at=T0,
        status=Status.ACTUAL,
        fact=Fact.CHAIN_ENDED,
        detail={},
        prev_hash=str(seq - 1),
        hash=str(seq),
    )


class Log:
    """What a bus says of one log whose record n lies at offset *offsets*[n - 1]."""

    def __init__(self, offsets: Sequence[int]) -> None:
        self._stored = [
            Stored(Topic.DISPATCH, DISTRICT, offset, encode(record(seq)))
            for seq, offset in enumerate(offsets, 1)
        ]

    async def read(
        self, topic: Topic, district: str, offset: int, limit: int = 1000
    ) -> list[Stored]:
        return [one for one in self._stored if one.offset >= offset][:limit]

    async def newest(
        self, topic: Topic, district: str, before: int | None = None, limit: int = 1
    ) -> list[Stored]:
        older = [one for one in self._stored if before is None or one.offset < before]
        return older[-limit:]

    async def end(self, topic: Topic, district: str) -> int:
        return self._stored[-1].offset + 1 if self._stored else 0


LOGS = [
    pytest.param(Log(range(RECORDS)), id="without gaps"),
    pytest.param(Log(range(1, 2 * RECORDS, 2)), id="a marker behind each"),
    pytest.param(Log([0, 1, 2, *range(500, 500 + RECORDS - 3)]), id="another district's between"),
    pytest.param(Log([number**2 for number in range(RECORDS)]), id="ever wider gaps"),
]


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize("before", [None, 1, 2, 3, 4, 17, RECORDS, RECORDS + 1, 10_000])
@pytest.mark.parametrize("limit", [1, 7, 100])
async def test_a_page_holds_the_records_before_a_number(
    log: Log, before: int | None, limit: int
) -> None:
    page = await BusLedger(cast(Bus, log), DISTRICT).page(before, limit)

    newest = RECORDS if before is None else min(RECORDS, before - 1)
    assert [record.seq for record in page] == list(range(newest, 0, -1))[:limit]


async def test_a_ledger_without_records_has_no_page() -> None:
    assert await BusLedger(cast(Bus, Log([])), DISTRICT).page(None, 10) == []
