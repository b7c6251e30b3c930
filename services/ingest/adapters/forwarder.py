"""Publishes a local log in its order, and lets it be cut behind what is published."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from schemas.topics import Topic
from services.ingest.adapters.spool import Backlog
from services.runtime.bus import BusUnavailableError, Outgoing, Stored, Transaction
from services.runtime.clock import Clock
from services.runtime.embedded_bus import EmbeddedBus
from services.runtime.kafka.publish_errors import BrokersAwayError, PublishError, RecordRefusedError
from services.runtime.metrics import Metrics

GROUP = "forwarder"
SET_ASIDE = "ingest.set_aside"
"""The space of what the brokers refused; its keys are topic and offset."""
RETRY_AFTER = timedelta(seconds=1)

_READ_RECORDS = 128
_RUN_BYTES = 1 << 20
_CUT_EVERY = timedelta(seconds=1)
_CUT_BYTES = 4 << 20

_log = structlog.get_logger()


class Publisher(Protocol):
    """The brokers, as far as ingest needs them."""

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """
        Return when all of *records* are acknowledged, in their order.

        BrokersAwayError when that is not known, RecordRefusedError when one will never be.
        """
        ...


class Forwarder:
    """
    Follows one *topic* of the local log of *district*.

    One run at a time, and the next only when the one before is acknowledged or refused: nothing
    overtakes. After a crash the last run, or the last second, is published again as it was.
    """

    def __init__(
        self,
        bus: EmbeddedBus,
        publisher: Publisher,
        clock: Clock,
        topic: Topic,
        district: str,
        backlog: Backlog,
        metrics: Metrics | None = None,
    ) -> None:
        self._bus = bus
        self._publisher = publisher
        self._clock = clock
        self._topic = topic
        self._district = district
        self._backlog = backlog
        self._metrics = metrics
        self._cut_at: datetime | None = None
        self._sent_since_cut = 0
        self._is_away = False
        self._has_tried_aside = False
        self._is_sending = False
        self._waits_for_time = False

    @property
    def at_rest(self) -> bool:
        """Whether nothing is under way, or only time can help."""
        return not self._is_sending or self._waits_for_time

    async def run(self) -> None:
        """Publish what is there and what comes, until the bus is closed or this is cancelled."""
        batches = self._bus.follow(
            self._topic, self._district, self._backlog.position, _READ_RECORDS
        )
        async for batch in batches:
            self._is_sending = True
            for run in _runs(batch):
                await self._deliver(run)
                await self._try_aside_again()
                await self._cut_now_and_then(run)
            self._is_sending = False

    async def _deliver(self, run: Sequence[Stored]) -> None:
        while True:
            try:
                await self._publisher.publish(
                    [Outgoing(self._topic, self._district, record.data) for record in run]
                )
            except RecordRefusedError as error:
                self._count(error)
                if len(run) > 1:  # which of them is only found out one by one
                    for record in run:
                        await self._deliver([record])
                    return
                if await self._set_aside(run[0]):
                    break
                await self.cut()  # what was sent before may make the space
            except BrokersAwayError as error:
                self._failed(error)
            else:
                break
            self._waits_for_time = True
            await self._clock.sleep_until(self._clock.now() + RETRY_AFTER)
            self._waits_for_time = False
        if self._is_away:
            self._is_away = False
            _log.warning("brokers_back", topic=self._topic, waiting=self._backlog.records)
        self._backlog.pass_to(run[-1].offset + 1)

    def _count(self, error: PublishError) -> None:
        if self._metrics is not None:
            self._metrics.publish_failures.labels(error.trouble.value).inc()

    def _failed(self, error: BrokersAwayError) -> None:
        self._count(error)
        if not self._is_away:
            self._is_away = True
            _log.error("brokers_away", topic=self._topic, reason=error.trouble.value)

    async def _set_aside(self, record: Stored) -> bool:
        """Keep what no broker takes where a person finds it; whether that is on disk."""
        key = f"{self._topic}/{record.offset:015d}"
        try:
            await self._bus.transact(lambda tx: tx.put(SET_ASIDE, key, record.data))
        except BusUnavailableError:
            return False
        self._backlog.set_aside += 1
        _log.error("record_set_aside", topic=self._topic, key=key, size=len(record.data))
        return True

    async def _try_aside_again(self) -> None:
        """
        Publish, once after a start, what was set aside before it: a topic may allow more by now.

        It comes late and out of its order, and an event that is late is better than one that is lost.
        """
        if self._has_tried_aside:
            return
        self._has_tried_aside = True
        prefix = f"{self._topic}/"
        for key, data in self._bus.values(SET_ASIDE):
            if not key.startswith(prefix):
                continue
            try:
                await self._publisher.publish([Outgoing(self._topic, self._district, data)])
                await self._bus.transact(partial(_forget, key))
            except RecordRefusedError as error:
                self._count(error)
            except (BrokersAwayError, BusUnavailableError):
                self._has_tried_aside = False
                return
            else:
                self._backlog.set_aside -= 1
                _log.info("record_sent_after_all", topic=self._topic, key=key)

    async def _cut_now_and_then(self, run: Sequence[Stored]) -> None:
        # A commit for each run would double what the disk does for an event, and all it would
        # spare is publishing the same ids again after a crash.
        now = self._clock.now()
        self._sent_since_cut += sum(len(record.data) for record in run)
        is_due = self._cut_at is None or now - self._cut_at >= _CUT_EVERY
        if is_due or self._sent_since_cut >= _CUT_BYTES:
            self._cut_at, self._sent_since_cut = now, 0
            await self.cut()

    async def cut(self) -> None:
        """Commit the position, and remove what lies before it."""
        position = self._backlog.position

        def work(tx: Transaction) -> None:
            tx.commit_position(GROUP, self._topic, self._district, position)

        try:
            await self._bus.transact(work)
            await self._bus.drop_before(self._topic, self._district, position)
        except BusUnavailableError as error:  # a full disk: it is tried again in its turn
            _log.warning("spool_not_cut", topic=self._topic, error_type=type(error).__name__)


def _forget(key: str, tx: Transaction) -> None:
    tx.delete(SET_ASIDE, key)


def _runs(batch: Sequence[Stored]) -> Iterator[Sequence[Stored]]:
    run: list[Stored] = []
    size = 0
    for record in batch:
        if run and size + len(record.data) > _RUN_BYTES:
            yield run
            run, size = [], 0
        run.append(record)
        size += len(record.data)
    yield run
