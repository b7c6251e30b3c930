"""
Every process of one district's installation: two workers of each kind that share the work, the
practice network, and the servers they need. Any of them can be killed.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from aiohttp import ClientError, ClientSession

from bench.county import LINES
from bench.town import ACCOUNTS
from bench.town import SPEED as TOWN_SPEED
from deploy.local import services
from deploy.local.kafka_cluster import KafkaCluster
from deploy.local.ports import free_port
from deploy.local.server_process import ServerProcess
from deploy.local.services import Ground, Service
from services.dispatcher.entrypoints.district_door import base_url_of
from services.phones.domain.account import Account
from tests.resilience.cluster.fast_county import SPEED, STARTS_A_SECOND, FastCounty
from tests.resilience.cluster.front_door import front_door

_ROOT = Path(__file__).parents[3]
_SID, _TOKEN, _FROM = "AC" + "0" * 31 + "6", "failures", "+8610099999999"
_FOUND_WITHIN_S = 20.0
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Places:
    """Where Redis is, for everybody and for the *first_dispatcher*, where that has its own way."""

    redis: str
    first_dispatcher: str | None = None


@dataclass(frozen=True, slots=True)
class Installation:
    """The processes, all of them ready."""

    scene: FastCounty
    kafka: KafkaCluster
    ingest: Service
    correlators: tuple[Service, Service]
    dispatchers: tuple[Service, Service]
    phones: ServerProcess
    seen: Path
    """Where the practice network writes down what it saw, once it is stopped."""
    session: ClientSession

    async def deciding(self) -> Service:
        """Return the correlator that has decided something; at the beginning of a night, the one."""
        return await self._told_by(self.correlators, "decisions_total{")

    async def calling(self) -> Service:
        """Return the dispatcher that has the district."""
        return await self._told_by(self.dispatchers, "districts_owned ")

    async def _told_by(self, workers: Sequence[Service], metric: str) -> Service:
        async with asyncio.timeout(_FOUND_WITHIN_S):
            while True:
                for worker in workers:
                    if await self._total(worker, metric) > 0:
                        return worker
                await asyncio.sleep(_LOOK_S)

    async def _total(self, worker: Service, metric: str) -> float:
        try:
            async with self.session.get(f"{worker.url}/metrics") as answer:
                told = (await answer.text()).splitlines()
        except ClientError:
            return 0.0  # it was killed
        return sum(float(line.rpartition(" ")[2]) for line in told if line.startswith(metric))


@asynccontextmanager
async def open_installation(
    folder: Path, scene: FastCounty, kafka: KafkaCluster, places: Places
) -> AsyncIterator[Installation]:
    """Start every process with its data in *folder*; end all of them, whatever happens."""
    async with AsyncExitStack() as stack:
        town, ports = free_port(), (free_port(), free_port())
        door = await stack.enter_async_context(front_door(ports))
        ground = Ground(
            folder,
            (scene.folder,),
            kafka.bootstrap_servers,
            places.redis,
            carrier=f"http://127.0.0.1:{town}",
            account=_SID,
            from_number=_FROM,
            token=_TOKEN,
            door=door.url,
        )
        first = replace(ground, redis=places.first_dispatcher or places.redis)
        dispatchers = (
            services.dispatcher(first, ports[0], 1),
            services.dispatcher(ground, ports[1], 2),
        )
        correlators = (
            services.correlator(ground, free_port(), 1),
            services.correlator(ground, free_port(), 2),
        )
        ingest = services.ingest(ground, free_port())
        phones = _phones(folder, scene, town, base_url_of(door.url, scene.district))
        processes = [phones, ingest.process, *(one.process for one in (*correlators, *dispatchers))]
        stack.push_async_callback(_stop, processes)
        for process in processes:
            process.launch()
        await asyncio.gather(*(asyncio.to_thread(one.wait) for one in processes))
        session = await stack.enter_async_context(ClientSession())
        yield Installation(
            scene, kafka, ingest, correlators, dispatchers, phones, folder / "seen.json", session
        )


async def _stop(processes: list[ServerProcess]) -> None:
    await asyncio.gather(*(asyncio.to_thread(one.stop) for one in processes))


def _phones(folder: Path, scene: FastCounty, port: int, door: str) -> ServerProcess:
    own = folder / "phones"
    own.mkdir()
    account = Account(_SID, _TOKEN, starts_per_s=STARTS_A_SECOND, lines=LINES)
    words = (str(port), str(scene.folder), door, str(folder / "seen.json"))
    return ServerProcess(
        [sys.executable, "-m", "bench.town", *words],
        own,
        lambda: services.answers(port, "/phones"),
        {
            **os.environ,
            "PYTHONPATH": str(_ROOT),
            ACCOUNTS: json.dumps([asdict(account)]),
            TOWN_SPEED: str(SPEED),
        },
    )
