"""Wires ingest. It alone knows which means stand behind the ports."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request

from schemas.area import Position
from schemas.rulepack import RulePack
from services.district.domain.pack import SourceKey
from services.ingest.adapters.caller_vault import SqliteCallerVault
from services.ingest.adapters.event_publisher import BusEventLog
from services.ingest.adapters.forwarder import Publisher
from services.ingest.adapters.outbox import Outbox
from services.ingest.adapters.source_keys import KeyRing
from services.ingest.adapters.word_tables import load_hazard_words, load_tip_words
from services.ingest.domain.targets import district_areas
from services.ingest.entrypoints.http_api import Intake, Limits, build_router
from services.ingest.entrypoints.ticker import Ticker
from services.ingest.pipeline.admission import Admissions
from services.ingest.pipeline.readings import ReadingsPipeline
from services.ingest.pipeline.tips import TipPipeline
from services.ingest.pipeline.warnings import WarningsPipeline
from services.ingest.settings import IngestSettings
from services.runtime.bus import Bus
from services.runtime.clock import Clock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.lifecycle import Lifecycle
from services.runtime.metrics import Metrics
from services.runtime.traces import Traces

SPOOL = "spool"
"""The folder in ingest's data that the spool lies in."""


@dataclass(frozen=True, slots=True)
class Ingest:
    """Ingest, ready to be mounted. `open` first; `ticker.run` is the runner's to start."""

    router: APIRouter
    ticker: Ticker
    log: BusEventLog
    vault: SqliteCallerVault
    intake: Intake

    @property
    def at_rest(self) -> bool:
        """Whether no request is under way."""
        return self.intake.under_way == 0

    async def open(self) -> None:
        """Remember what was accepted before this process; NotDurableError when it cannot."""
        await self.log.open()

    def close(self) -> None:
        """Close the callers' vault. The bus belongs to whoever opened it."""
        self.vault.close()


def build_ingest(  # noqa: PLR0913 - whoever composes the system names each part
    bus: Bus,
    clock: Clock,
    pack: RulePack,
    source_keys: Sequence[SourceKey],
    settings: IngestSettings,
    outlines: Mapping[str, Sequence[Position]] | None = None,
    next_due: Callable[[], datetime | None] = lambda: None,
    is_full: Callable[[], bool] = lambda: False,
    *,
    metrics: Metrics | None = None,
    traces: Traces | None = None,
    session_source: Callable[[Request], SourceKey | None] = lambda _request: None,
    is_spooling: Callable[[], bool] = lambda: False,
) -> Ingest:
    """
    Return ingest for the district of *pack*.

    *outlines* are rings by district code, for warnings that give polygons; *next_due* is the
    process's next due timer, for the stepping clock; *is_full* whether the disk is; *metrics*
    counts what was taken and refused, *traces* are told of it; *session_source* is the source that
    a request without a key stands for, where a user is logged in; *is_spooling* whether an outbox's
    brokers are away.
    """
    secret = settings.vault_key.get_secret_value().encode() if settings.vault_key else None
    vault = SqliteCallerVault(settings.data, secret)
    log = BusEventLog(bus, clock, pack.district, settings.remembered_readings, metrics, traces)
    areas = district_areas(pack.places, pack.points, outlines, settings.covering)
    intake = Intake(Admissions(KeyRing(source_keys, clock), is_full), metrics, session_source)
    router = build_router(
        intake,
        ReadingsPipeline(pack, log, clock),
        WarningsPipeline(pack, areas, load_hazard_words(), log, clock),
        TipPipeline(pack, load_tip_words(), log, vault, clock),
        Limits(settings.longest_readings, settings.longest_warning, settings.longest_tip),
    )
    ticker = Ticker(log, clock, settings.tick, next_due, is_spooling)
    return Ingest(router, ticker, log, vault, intake)


async def open_outbox(
    publisher: Publisher,
    clock: Clock,
    district: str,
    settings: IngestSettings,
    lifecycle: Lifecycle,
    metrics: Metrics,
) -> Outbox:
    """
    Return the bus for `build_ingest` where events go to brokers: opened, publishing, and stopped by
    *lifecycle*, after the door and before *publisher*. Two processes never share *settings.data*.
    """
    local = await EmbeddedBus.open(settings.data / SPOOL, clock, observe=metrics.observe_commit)
    lifecycle.on_stop("spool", local.close)
    outbox = Outbox(
        local, publisher, clock, district, spool_bytes=settings.spool_bytes, metrics=metrics
    )
    await outbox.open()
    outbox.start(lifecycle.spawn)
    lifecycle.on_stop("what waits for the brokers", outbox.stop)
    lifecycle.readiness.add("disk", lambda: not outbox.is_disk_full)
    lifecycle.readiness.add("spool", lambda: not outbox.is_full)
    lifecycle.readiness.add_means("brokers", lambda: not outbox.is_impaired)
    metrics.watch_disk(lambda: outbox.is_disk_full)
    return outbox
