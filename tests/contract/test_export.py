"""`jiaoying export kafka:`: a district's records out of the brokers, whole and in their order."""

import asyncio

import pytest
from typer.testing import CliRunner

from schemas.topics import Topic
from services.cli import app
from services.runtime.bus import Outgoing
from services.runtime.kafka.log import KafkaLog
from services.runtime.kafka.settings import KafkaSettings

pytestmark = pytest.mark.servers


async def _write(settings: KafkaSettings, *records: tuple[str, str]) -> None:
    log = KafkaLog(settings)
    try:
        await log.append(
            [Outgoing(Topic.DISPATCH, district, text.encode()) for district, text in records]
        )
    finally:
        await log.close()


def _exported(settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch, *words: str) -> list[str]:
    monkeypatch.setenv("JIAOYING_KAFKA_BOOTSTRAP_SERVERS", settings.bootstrap_servers)
    monkeypatch.setenv("JIAOYING_KAFKA_TOPIC_PREFIX", settings.topic_prefix)
    done = CliRunner().invoke(app, ["export", "kafka:", "dispatch.v1", *words])
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


def test_a_districts_records_come_out_in_order_and_nobody_elses(
    kafka_settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = [f'{{"seq":{number}}}' for number in range(2500)]
    asyncio.run(
        _write(
            kafka_settings,
            *(one for text in mine for one in (("500108", text), ("500107", "another's"))),
        )
    )

    assert _exported(kafka_settings, monkeypatch, "--district", "500108") == mine
    assert _exported(kafka_settings, monkeypatch, "--district", "500999") == []


def test_brokers_that_are_away_are_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIAOYING_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9")
    monkeypatch.setenv("JIAOYING_KAFKA_ANSWER_WITHIN", "PT1S")

    done = CliRunner().invoke(app, ["export", "kafka:", "dispatch.v1", "--district", "500108"])

    assert done.exit_code == 2
    assert "Traceback" not in done.output
