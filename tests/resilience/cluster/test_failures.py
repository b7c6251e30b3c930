"""
A part of the installation fails while 506 people are being called, and nothing of what was promised
does: real processes, real servers, takeovers in real time.

Two of the nights belong to `make test`, all of them to `make failures`.
"""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.local.kafka_cluster import KafkaCluster
from deploy.local.missing import MissingServerError
from deploy.local.redis_server import RedisServer
from schemas.topics import Topic
from tests.resilience.cluster.installation import Places
from tests.resilience.cluster.judge import TAKEOVER_WITHIN
from tests.resilience.cluster.leading import leader_of
from tests.resilience.cluster.night import Night, Outcome, open_night
from tests.resilience.cluster.severed_cable import redis_with_two_ways
from tests.resilience.cluster.small_disk import may_mount, small_disk
from tests.servers import lack

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("three nodes")]

_REDIS_AWAY_S = 2.0
_DISK_MIB = 24
_DISK_FULL_S = 6.0

Check = Callable[[Outcome], None]


@pytest.fixture
def check(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Check:
    """Return what shows what a night came to, and checks what must hold whatever failed."""

    def check_outcome(outcome: Outcome) -> None:
        told: dict[str, Any] = {"night": request.node.name, **outcome.as_json()}
        with capsys.disabled():
            sys.stdout.write(f"{json.dumps(told)}\n")
        assert outcome.evidence.findings() == []
        assert outcome.calling_stopped_for <= TAKEOVER_WITHIN
        assert outcome.deciding_stopped_for <= TAKEOVER_WITHIN

    return check_outcome


@asynccontextmanager
async def running_redis(folder: Path) -> AsyncIterator[RedisServer]:
    server = RedisServer(folder)
    await asyncio.to_thread(server.start)
    try:
        yield server
    finally:
        await asyncio.to_thread(server.stop)


@pytest.mark.night
async def test_a_correlator_that_is_killed_is_taken_over(
    three_nodes: KafkaCluster, tmp_path: Path, check: Check
) -> None:
    async def strike(night: Night) -> None:
        owner = await night.system.deciding()
        night.struck()
        owner.process.kill()

    async with (
        running_redis(tmp_path / "redis") as redis,
        open_night(tmp_path, "610901", three_nodes, Places(redis.url)) as night,
    ):
        outcome = await night.live_through(strike)

    check(outcome)


async def test_a_dispatcher_that_is_killed_is_taken_over(
    three_nodes: KafkaCluster, tmp_path: Path, check: Check
) -> None:
    async def strike(night: Night) -> None:
        owner = await night.system.calling()
        night.struck()
        owner.process.kill()

    async with (
        running_redis(tmp_path / "redis") as redis,
        open_night(tmp_path, "610902", three_nodes, Places(redis.url)) as night,
    ):
        outcome = await night.live_through(strike)

    check(outcome)


async def test_a_killed_leader_of_three_brokers_holds_nobody_up_for_long(
    three_nodes: KafkaCluster, tmp_path: Path, check: Check
) -> None:
    district = "610903"
    killed: list[int] = []

    async def strike(night: Night) -> None:
        leader = await asyncio.to_thread(
            leader_of, three_nodes.bootstrap_servers, Topic.DISPATCH, district
        )
        night.struck()
        three_nodes.kill(leader)
        killed.append(leader)

    try:
        async with (
            running_redis(tmp_path / "redis") as redis,
            open_night(tmp_path, district, three_nodes, Places(redis.url)) as night,
        ):
            outcome = await night.live_through(strike)
    finally:
        for leader in killed:
            await asyncio.to_thread(three_nodes.restart, leader)
        await asyncio.to_thread(three_nodes.wait_until_whole)

    check(outcome)


@pytest.mark.night
@pytest.mark.parametrize("is_emptied", [False, True], ids=["kept", "emptied"])
async def test_a_killed_redis_comes_back_and_costs_nothing_but_time(
    three_nodes: KafkaCluster, tmp_path: Path, check: Check, *, is_emptied: bool
) -> None:
    async with running_redis(tmp_path / "redis") as redis:

        async def strike(night: Night) -> None:
            night.struck()
            await asyncio.to_thread(redis.kill)
            if is_emptied:
                shutil.rmtree(redis.folder / "appendonlydir")
            await asyncio.sleep(_REDIS_AWAY_S)
            await asyncio.to_thread(redis.start)

        district = "610905" if is_emptied else "610904"
        async with open_night(tmp_path, district, three_nodes, Places(redis.url)) as night:
            outcome = await night.live_through(strike)

    check(outcome)


@pytest.mark.night
async def test_a_dispatcher_cut_off_from_redis_is_taken_over(
    three_nodes: KafkaCluster, tmp_path: Path, check: Check
) -> None:
    async with redis_with_two_ways(tmp_path / "redis") as (first, second):

        async def strike(night: Night) -> None:
            owner = await night.system.calling()
            way = first if owner is night.system.dispatchers[0] else second
            night.struck()
            await way.cable.cut()

        async with open_night(
            tmp_path, "610906", three_nodes, Places(second.url, first_dispatcher=first.url)
        ) as night:
            outcome = await night.live_through(strike)

    check(outcome)


@pytest.mark.night
async def test_a_full_disk_under_the_spool_refuses_events_and_loses_none(
    three_nodes: KafkaCluster, tmp_path: Path, check: Check
) -> None:
    if not may_mount():
        lack(MissingServerError("only root may mount a disk that can be filled"))
    with small_disk(tmp_path / "ingest-1" / "data", _DISK_MIB) as disk:

        async def strike(night: Night) -> None:
            night.struck()
            disk.fill()
            await asyncio.sleep(_DISK_FULL_S)
            disk.empty()

        async with (
            running_redis(tmp_path / "redis") as redis,
            open_night(tmp_path, "610907", three_nodes, Places(redis.url)) as night,
        ):
            outcome = await night.live_through(strike)

    check(outcome)
    assert outcome.evidence.accepted.refused > 0
