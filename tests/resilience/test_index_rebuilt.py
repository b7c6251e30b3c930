"""`jiaoying index rebuild` over a real Kafka and a real Redis."""

import asyncio
import json
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from redis.asyncio import Redis
from typer.testing import CliRunner, Result

from schemas.level import Level
from schemas.topics import Topic
from services.cli import app
from services.dispatcher.adapters.desk_store import space_of
from services.district.load import load_pack
from services.runtime.bus import Outgoing
from services.runtime.kafka.log import KafkaLog
from services.runtime.kafka.settings import KafkaSettings
from services.runtime.redis.connection import connect
from services.runtime.redis.keys import DistrictKeys
from services.runtime.redis.lease import Lease, Leases
from services.runtime.redis.settings import RedisSettings
from services.runtime.redis.values import RedisValues
from tests.districts import DISTRICT
from tests.unit.dispatcher.recorded_night import RecordedNight

pytestmark = pytest.mark.servers

T = TypeVar("T")
_TOWNS = Path(__file__).parents[1] / "data" / "three_towns"
_DEMO = Path(__file__).parents[2] / "deploy" / "districts" / "demo"


class Installation:
    """A ledger on the brokers, and no index of it."""

    def __init__(self, folder: Path, kafka: KafkaSettings, redis: RedisSettings) -> None:
        self.folder = folder
        self.redis = redis
        self._kafka = kafka
        self.night = RecordedNight(load_pack(folder))
        self.night.respond(Level.II)
        self.night.wait(minutes=1)
        self.night.restart()
        asyncio.run(self._publish())

    async def _publish(self) -> None:
        log = KafkaLog(self._kafka, "a worker that is no more")
        await log.take_fence(Topic.DISPATCH, DISTRICT)
        records = [Outgoing(Topic.DISPATCH, DISTRICT, data) for data in self.night.records]
        await log.append_fenced(records)
        await log.close()

    def rebuild(self, *options: str) -> Result:
        environment = {
            "JIAOYING_KAFKA_BOOTSTRAP_SERVERS": self._kafka.bootstrap_servers,
            "JIAOYING_KAFKA_TOPIC_PREFIX": self._kafka.topic_prefix,
            "JIAOYING_REDIS_URL": self.redis.url,
            "JIAOYING_REDIS_PREFIX": self.redis.prefix,
        }
        command = ["index", "rebuild", "--pack", str(self.folder), *options]
        return CliRunner().invoke(app, command, env=environment)

    def rows(self) -> dict[tuple[str, str], bytes]:
        keys = DistrictKeys.of(self.redis.prefix, DISTRICT)

        async def load(server: Redis) -> dict[tuple[str, str], bytes]:
            return dict(await RedisValues(server, keys).load())

        return self.on_redis(load)

    def take(self) -> Lease | None:
        async def take(server: Redis) -> Lease | None:
            return await Leases(server, self.redis.prefix, "worker-7", "").take(DISTRICT)

        return self.on_redis(take)

    def on_redis(self, asks: Callable[[Redis], Coroutine[Any, Any, T]]) -> T:
        async def asked() -> T:
            server = connect(self.redis)
            try:
                return await asks(server)
            finally:
                await server.aclose()

        return asyncio.run(asked())


@pytest.fixture
def installation(tmp_path: Path, kafka_settings: KafkaSettings, redis_server: str) -> Installation:
    folder = tmp_path / "pack"
    shutil.copytree(_TOWNS, folder)
    for texts in ("templates.zh-CN.yaml", "approved_texts.yaml"):
        shutil.copy(_DEMO / texts, folder)
    redis = RedisSettings(url=redis_server, prefix=kafka_settings.topic_prefix)
    return Installation(folder, kafka_settings, redis)


def test_a_lost_index_is_made_anew_from_the_ledger(installation: Installation) -> None:
    done = installation.rebuild("--json")

    assert done.exit_code == 0, done.output
    told = {"district": DISTRICT, "records": len(installation.night.records)}
    assert json.loads(done.stdout) == told
    found = installation.rows()
    for name, rows in installation.night.kept.as_stored().items():
        space = space_of(DISTRICT, name)
        mine = {key: value for (where, key), value in found.items() if where == space}
        assert mine == dict(rows)
    assert installation.take() is not None, "the lease was given back"


def test_an_index_that_a_worker_uses_is_not_touched(installation: Installation) -> None:
    assert installation.take() is not None

    refused = installation.rebuild()

    assert refused.exit_code == 2
    assert "worker-7" in refused.stderr
    assert installation.rows() == {}


def test_the_pack_of_that_time_is_asked_for_by_name(
    installation: Installation, tmp_path: Path
) -> None:
    later = tmp_path / "later"
    shutil.copytree(installation.folder, later)
    policies = (later / "policies.yaml").read_text(encoding="utf-8")
    (later / "policies.yaml").write_text(policies.replace("starts_per_s: 5", "starts_per_s: 6"))
    then, installation.folder = installation.folder, later

    refused = installation.rebuild()

    assert refused.exit_code == 2
    assert "--older-pack" in refused.stderr
    assert installation.rebuild("--older-pack", str(then)).exit_code == 0
