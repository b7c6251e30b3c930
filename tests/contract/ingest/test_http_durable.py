"""What was answered 202 is on disk, and nothing of what was not."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from schemas.topics import Topic
from services.ingest.adapters.outbox import Outbox
from services.runtime.bus import BusUnavailableError, Outgoing, Transaction
from services.runtime.clock import SteppingClock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.rest import settle
from tests.contract.ingest.bodies import RAIN, TIP, cap, j
from tests.fakes.brokers import FakeBrokers
from tests.unit.ingest.small_district import (
    DISTRICT,
    START,
    Door,
    door,
)

T = TypeVar("T")


async def test_a_duplicate_is_known_after_a_restart(ingest: Door, tmp_path: Path) -> None:
    await ingest.post("/v1/readings", j(RAIN), "sensors")
    await ingest.post("/v1/warnings", cap(), "office", "application/cap+xml")
    restarted = await door(ingest.bus, ingest.clock, tmp_path / "vault", ingest.published)

    reading = await restarted.post("/v1/readings", j(RAIN), "sensors")
    warning = await restarted.post("/v1/warnings", cap(), "office", "application/cap+xml")

    assert reading.json == {"accepted": 0, "duplicates": 1, "rejected": []}
    assert warning.json["duplicates"] == ["50010841600000_20260716195500"]
    assert len(await restarted.events()) == 2
    restarted.ingest.close()


async def test_invariant_01_accepted_is_durable(tmp_path: Path) -> None:
    """Whatever was answered 202 is there when the file is opened again."""
    clock = SteppingClock(START)
    bus = await EmbeddedBus.open(tmp_path / "bus", clock, ballast_bytes=4096)
    ingest = await door(bus, clock, tmp_path / "vault")
    await ingest.post("/v1/readings", j(RAIN), "sensors")
    await ingest.post("/v1/warnings", cap(), "office", "text/xml")
    await ingest.post("/v1/tips", j(TIP), "hotline")
    ingest.ingest.close()
    await bus.close()

    reopened = await EmbeddedBus.open(tmp_path / "bus", clock, ballast_bytes=4096)
    stored = await reopened.read(Topic.EVENTS, DISTRICT, 0)

    assert len(stored) == 3
    await reopened.close()


class FullDisk:
    """A bus whose disk is full: nothing can be written."""

    def __init__(self, bus: EmbeddedBus) -> None:
        self._bus = bus
        self.is_full = False

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        if not self.is_full:
            return await self._bus.transact(work)

        def undone(tx: Transaction) -> T:
            work(tx)
            raise BusUnavailableError("full")

        return await self._bus.transact(undone)

    async def publish(self, records: list[Outgoing]) -> Any:
        raise BusUnavailableError("full")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)


@pytest.mark.parametrize(
    ("path", "body", "key", "type_"),
    [
        ("/v1/readings", j(RAIN), "sensors", "application/json"),
        ("/v1/readings", j({**RAIN, "unit": "furlong"}), "sensors", "application/json"),
        ("/v1/warnings", cap(), "office", "text/xml"),
        ("/v1/tips", j(TIP), "hotline", "application/json"),
    ],
    ids=["reading", "refused reading", "warning", "tip"],
)
async def test_invariant_01_accepted_is_durable_or_the_answer_is_503(
    tmp_path: Path, path: str, body: bytes, key: str, type_: str
) -> None:
    """Nothing is kept of what could not be written, so that it is new when it comes again."""
    clock = SteppingClock(START)
    embedded = await EmbeddedBus.open(tmp_path / "bus", clock, ballast_bytes=4096)
    bus = FullDisk(embedded)
    ingest = await door(bus, clock, tmp_path / "vault")  # type: ignore[arg-type]
    bus.is_full = True

    refused = await ingest.post(path, body, key, type_)
    bus.is_full = False
    again = await ingest.post(path, body, key, type_)

    assert refused.status == 503
    assert refused.headers["retry-after"] == "2"
    assert again.status in {202, 422}
    assert again.json.get("duplicates") in (None, 0, [])
    assert len(await ingest.events()) + len(await ingest.letters()) == 1
    ingest.ingest.close()
    await embedded.close()


async def test_invariant_01_a_full_spool_is_answered_503_until_something_is_sent(
    tmp_path: Path,
) -> None:
    """Whoever is told to come again is taken in full when he does, and nothing is lost between."""
    clock = SteppingClock(START)
    local = await EmbeddedBus.open(tmp_path / "bus", clock, ballast_bytes=4096)
    brokers = FakeBrokers(clock)
    outbox = Outbox(local, brokers, clock, DISTRICT, spool_bytes=1)
    running: list[asyncio.Task[object]] = []
    outbox.start(lambda _name, work: running.append(asyncio.create_task(work)))
    ingest = await door(outbox, clock, tmp_path / "vault")

    brokers.leave()
    first = asyncio.create_task(ingest.post("/v1/readings", j(RAIN), "sensors"))
    await settle([local])
    clock.move_to(START + timedelta(seconds=1))
    spooled = await first
    later = {**RAIN, "occurred_at": "2026-07-16T11:56:00Z"}
    refused = await ingest.post("/v1/readings", j(later), "sensors")
    brokers.come_back()
    await settle([local])
    again = await ingest.post("/v1/readings", j(later), "sensors")

    assert (spooled.status, spooled.json["accepted"]) == (202, 1)
    assert (refused.status, refused.json) == (503, {"reason": "not_durable"})
    assert refused.headers["retry-after"] == "2"
    assert (again.status, again.json["accepted"]) == (202, 1)
    values = [vars(event)["readings"] for event in brokers.records(Topic.EVENTS, DISTRICT)]
    assert [len(readings) for readings in values] == [1, 1]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    ingest.ingest.close()
    await local.close()
