"""
A dispatcher worker dies, freezes or leaves in the middle of a callout, and another takes over: real
processes, a real Kafka, a real Redis.
"""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest

from bench.carrier_seen import CarrierSeen
from bench.county import DISTRICT, OFFICER, County, write_county
from bench.county_result import Night, Told
from deploy.local.missing import MissingServerError
from deploy.local.ports import free_port
from deploy.local.redis_server import RedisServer
from schemas.decision import ResponseChanged
from schemas.dispatch import Fact
from schemas.hazard import Hazard
from schemas.level import Level
from schemas.topics import Topic
from schemas.wire import encode
from services.dispatcher.entrypoints.rebuild import rebuild
from services.district.load import load_pack
from services.phones.domain.account import Account
from services.phones.entrypoints.server import PhoneServer
from services.phones.main import PhoneSettings, build_server
from services.runtime.bus import Outgoing
from services.runtime.clock import RealClock, ScaledClock, counted_seconds
from services.runtime.kafka.log import KafkaLog
from services.runtime.kafka.settings import KafkaSettings
from services.runtime.redis.connection import connect
from services.runtime.redis.keys import DistrictKeys
from services.runtime.redis.settings import RedisSettings
from services.system.settings import CarrierSettings
from tests.resilience import dispatcher_worker
from tests.resilience.dispatcher_worker import Place
from tests.resilience.doomed import night_clock
from tests.resilience.swallowing_proxy import SwallowingProxy
from tests.servers import lack

pytestmark = pytest.mark.servers

POSTS = 40
SPEED = 20.0
STARTS_PER_S = 1  # of the night's own seconds: twenty of ours, so that the callout lasts a while
TOWN = f"{DISTRICT}100000"
_ACCOUNT, _TOKEN, _FROM = "AC" + "0" * 31 + "7", "takeover", "+8610099999999"
_PATIENCE_S = 60.0

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([dispatcher_worker.__name__])


@dataclass(slots=True)
class Callout:
    """A county that is being called, and the workers that may call it."""

    county: County
    place: Place
    clock: ScaledClock
    phones: PhoneServer
    log: KafkaLog
    ports: dict[str, int]
    way: SwallowingProxy
    """The first worker's way to Redis."""
    workers: dict[str, ForkServerProcess] = field(default_factory=dict)
    began_at: datetime | None = None

    def start(self, name: str) -> None:
        place = self.place
        if name == "one":
            url = f"redis://127.0.0.1:{self.way.port}/0"
            place = replace(place, redis=place.redis.model_copy(update={"url": url}))
        process = _FORKS.Process(
            target=dispatcher_worker.live, args=(place, name, self.ports[name])
        )
        process.start()
        self.workers[name] = process

    async def owner(self) -> str | None:
        """The worker that has the district, if one does."""
        server = connect(self.place.redis)
        try:
            lease = DistrictKeys.of(self.place.redis.prefix, DISTRICT).lease
            name = await server.hget(lease, "owner")
            return name.decode() if isinstance(name, bytes) else name
        finally:
            await server.aclose()

    async def until(self, happened: Callable[[], bool], what: str) -> float:
        """Return once *happened*, and how many seconds that took."""
        began_s = counted_seconds()
        while not happened():
            waited_s = counted_seconds() - began_s
            assert waited_s < _PATIENCE_S, f"waited in vain for {what}; see {self.place.log}"
            await asyncio.sleep(0.02)
        return counted_seconds() - began_s

    def asked(self) -> int:
        """How many calls the carrier was asked for."""
        return len(self.phones.exchange.calls)

    async def decide(self) -> None:
        """The correlator decides that the town is to be called."""
        self.began_at = self.clock.now()
        decision = ResponseChanged(
            district=DISTRICT,
            decision_id="d1",
            decided_at=self.began_at,
            place=TOWN,
            town=TOWN,
            hazard=Hazard.RAINSTORM,
            family="rain",
            response_level=Level.II,
        )
        await self.log.append([Outgoing(Topic.DECISIONS, DISTRICT, encode(decision))])

    async def ledger(self) -> list[bytes]:
        found: list[bytes] = []
        offset = 0
        while batch := await self.log.read(Topic.DISPATCH, DISTRICT, offset):
            found += [stored.data for stored in batch]
            offset = batch[-1].offset + 1
        return found

    async def to_the_end(self) -> None:
        """Live on until every ask has ended."""
        began_s = counted_seconds()
        while True:
            facts = [orjson.loads(data)["fact"] for data in await self.ledger()]
            if facts.count(Fact.CHAIN_ENDED.value) == POSTS:
                return
            waited_s = counted_seconds() - began_s
            assert waited_s < 2 * _PATIENCE_S, f"chains are open; see {self.place.log}"
            await asyncio.sleep(0.5)

    async def judge(self) -> None:
        """
        Nobody was rung twice, nobody after he had confirmed; the ledger holds, comes out again from
        its inputs, and says of everybody what the carrier saw.
        """
        records = await self.ledger()
        seen = CarrierSeen.of(self.phones.exchange)
        assert self.began_at is not None
        night = Night(self.county, seen, Told.of(records), self.began_at, None)
        told = night.as_json()
        assert (told["double_rings"], told["called_after_ack"]) == (0, 0)
        assert told["ledger"] == "ok"
        assert len(night.told.acknowledged) + told["not_woken"] == POSTS
        # Whose key was on record when the worker died may not have heard that it is.
        assert len(night.told.acknowledged) >= told["confirmed"]
        assert _rung_after_an_answer(records) == []
        # The duty officer is rung too, while nothing can be stored.
        assert set(seen.calls_by_number()) - {OFFICER} == set(self.county.habits)
        assert rebuild(records, [load_pack(self.county.folder)], DISTRICT).differences == []


@asynccontextmanager
async def opened(folder: Path, kafka: KafkaSettings, redis: str) -> AsyncIterator[Callout]:
    budget = {"starts_per_s": STARTS_PER_S, "lines": 120, "sms_per_s": 20}
    county = write_county(folder / "pack", "takeover", POSTS, budget, attempts=2)
    policies = county.folder / "policies.yaml"
    policies.write_text(policies.read_text(encoding="utf-8").replace("PT8M", "PT3M"), "utf-8")
    began_at = RealClock().now()
    clock = night_clock(began_at, SPEED)
    account = Account(_ACCOUNT, _TOKEN, starts_per_s=STARTS_PER_S, lines=120)
    people = county.folder / "phones.yaml"
    phones = build_server(PhoneSettings((account,), "takeover", people), clock)
    await phones.start()
    ports = {"one": free_port(), "other": free_port()}
    place = Place(
        county.folder,
        folder / "data",
        folder / "workers.log",
        kafka,
        RedisSettings(url=redis, prefix=kafka.topic_prefix),
        CarrierSettings(_ACCOUNT, _TOKEN, _FROM, phones.base_url),
        f"http://127.0.0.1:{ports['other']}",
        began_at,
        SPEED,
    )
    log = KafkaLog(kafka)
    way = SwallowingProxy(urlsplit(redis).port or 0)
    await way.start()
    callout = Callout(county, place, clock, phones, log, ports, way)
    try:
        yield callout
    finally:
        for process in callout.workers.values():
            process.kill()
            process.join()
            process.close()
        await way.stop()
        await log.close()
        await phones.stop()


@asynccontextmanager
async def begun(folder: Path, kafka: KafkaSettings, redis: str) -> AsyncIterator[Callout]:
    """One worker calls the county, another stands by, and a third of the people has been rung."""
    async with opened(folder, kafka, redis) as prepared:
        prepared.start("one")
        await prepared.decide()
        await prepared.until(lambda: prepared.asked() > 0, "the first ring")
        prepared.start("other")
        await prepared.until(lambda: prepared.asked() > POSTS // 3, "a third to be rung")
        assert await prepared.owner() == "one"
        yield prepared


@pytest.fixture
async def callout(
    tmp_path: Path, kafka_settings: KafkaSettings, redis_server: str
) -> AsyncIterator[Callout]:
    """A callout under way."""
    async with begun(tmp_path, kafka_settings, redis_server) as prepared:
        yield prepared


async def test_a_killed_worker_is_taken_over_and_nobody_is_rung_twice(callout: Callout) -> None:
    callout.workers["one"].kill()
    asked = callout.asked()

    took_s = await callout.until(lambda: callout.asked() > asked + 1, "the other to go on")

    assert took_s < 15
    assert await callout.owner() == "other"
    await callout.to_the_end()
    await callout.judge()


async def test_a_worker_that_freezes_and_thaws_rings_nobody_whom_the_other_called(
    callout: Callout,
) -> None:
    pid = callout.workers["one"].pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    asked = callout.asked()
    await callout.until(lambda: callout.asked() > asked + 1, "the other to go on")

    os.kill(pid, signal.SIGCONT)

    await callout.to_the_end()
    await callout.judge()
    assert await callout.owner() == "other"
    assert callout.workers["one"].is_alive()


async def test_a_worker_that_is_stopped_in_order_leaves_within_seconds(callout: Callout) -> None:
    callout.workers["one"].terminate()
    took_s = await callout.until(
        lambda: not callout.workers["one"].is_alive(), "the worker to stop"
    )
    asked = callout.asked()
    took_s += await callout.until(lambda: callout.asked() > asked, "the other to go on")

    assert callout.workers["one"].exitcode == 0
    assert took_s < 15
    await callout.to_the_end()
    await callout.judge()


async def test_a_worker_that_is_cut_off_from_redis_is_taken_over(callout: Callout) -> None:
    callout.way.cut()
    asked = callout.asked()
    await callout.until(lambda: callout.asked() > asked + 2, "the other to go on")
    assert await callout.owner() == "other"

    callout.way.mend()

    await callout.to_the_end()
    await callout.judge()
    assert callout.workers["one"].is_alive()


async def test_a_redis_that_is_killed_comes_back_and_nobody_is_forgotten(
    tmp_path: Path, kafka_settings: KafkaSettings
) -> None:
    """For longer than a lease holds nobody can tell whose the county is, and nobody new is rung."""
    try:
        server = RedisServer(tmp_path / "redis")
    except MissingServerError as error:
        lack(error)
    await asyncio.to_thread(server.start)
    try:
        async with begun(tmp_path, kafka_settings, server.url) as callout:
            server.kill()
            await asyncio.sleep(6)
            await asyncio.to_thread(server.start)
            asked = callout.asked()

            await callout.until(lambda: callout.asked() > asked + 2, "somebody to go on")

            await callout.to_the_end()
            await callout.judge()
    finally:
        await asyncio.to_thread(server.stop)


async def test_a_lost_index_is_made_anew_and_nobody_who_answered_is_rung_again(
    callout: Callout,
) -> None:
    """Redis loses everything while a callout is under way: leases, rows and what lay aside."""
    server = connect(callout.place.redis)
    keys = DistrictKeys.of(callout.place.redis.prefix, DISTRICT)
    await server.delete(keys.lease, keys.rows, keys.aside)
    await server.aclose()
    asked = callout.asked()

    await callout.until(lambda: callout.asked() > asked + 3, "somebody to go on")

    await callout.to_the_end()
    await callout.judge()
    assert "index_caught_up" in (log := callout.place.log.read_text(encoding="utf-8"))
    assert '"way": "whole"' in log or '"way":"whole"' in log


def _rung_after_an_answer(records: Sequence[bytes]) -> list[str]:
    """The chains for which somebody was to be rung after they had been answered."""
    answered: set[str] = set()
    found = []
    for record in map(orjson.loads, records):
        if record["fact"] == Fact.ACKNOWLEDGED.value:
            answered.add(record["chain_id"])
        elif record["fact"] == Fact.ATTEMPT_INTENDED.value and record.get("chain_id") in answered:
            found.append(record["chain_id"])
    return found


def test_the_night_lasts_long_enough_to_be_interrupted() -> None:
    assert timedelta(seconds=POSTS / STARTS_PER_S) / SPEED > timedelta(seconds=1.5)
