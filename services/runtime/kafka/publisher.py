"""
Publishing with kafka-python: idempotent, acknowledged by all in-sync replicas, off the loop.

kafka-python blocks where it connects and where it looks for a topic, so a thread of our own asks
it; its answers come from a thread of its own. Neither ever holds up the loop.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from kafka import KafkaProducer
from kafka import errors as kafka_errors
from kafka.net.compat import KafkaNetClient

from services.runtime.bus import Outgoing
from services.runtime.kafka.connection import connection
from services.runtime.kafka.provisioning import LARGEST_RECORD
from services.runtime.kafka.publish_errors import (
    BrokersAwayError,
    PublishError,
    RecordRefusedError,
    Trouble,
)
from services.runtime.kafka.settings import KafkaSettings
from services.runtime.worker_thread import WorkerThread

_RUNS = 8  # under way at once: a caller beyond that waits, and the records stay where they lie
_BATCH_BYTES = 1 << 20
_TOPIC_MS = 2_000  # to learn of a topic: longer than a broker takes, shorter than people wait
_REQUEST_MS = 10_000
_NEVER_MS = 24 * 3_600_000
_GIVEN_UP_AFTER = timedelta(seconds=30)
_GONE_WITHIN_S = 2.0


_REFUSALS = (
    kafka_errors.MessageSizeTooLargeError,
    kafka_errors.RecordListTooLargeError,
    kafka_errors.InvalidRecordError,
    kafka_errors.InvalidTimestampError,
)
_FORBIDDEN = (kafka_errors.AuthorizationError, kafka_errors.SaslAuthenticationFailedError)


def _translated(error: BaseException) -> PublishError:
    if isinstance(error, _REFUSALS):
        return RecordRefusedError()
    if isinstance(error, _FORBIDDEN):
        return BrokersAwayError(Trouble.NOT_ALLOWED)
    if isinstance(error, kafka_errors.KafkaError):
        return BrokersAwayError(Trouble.AWAY)
    return BrokersAwayError(Trouble.UNEXPECTED)


class _Run:
    """Records on their way, and the loop's future that says when the last is acknowledged."""

    def __init__(self, loop: asyncio.AbstractEventLoop, length: int) -> None:
        self.done: asyncio.Future[None] = loop.create_future()
        self._loop = loop
        self._left = length
        self._lock = threading.Lock()

    def acknowledged(self, _metadata: object) -> None:
        with self._lock:
            self._left -= 1
            is_last = not self._left
        if is_last:
            self._tell(None)

    def failed(self, error: BaseException) -> None:
        self._tell(_translated(error))

    def given_up(self) -> None:
        self._tell(BrokersAwayError())

    def _tell(self, failure: PublishError | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody is left to tell
            self._loop.call_soon_threadsafe(self._settle, failure)

    def _settle(self, failure: PublishError | None) -> None:
        if self.done.done():
            return
        if failure is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(failure)


class KafkaPublisher:
    """
    Made in the running loop; OSError when a file that *settings* name cannot be read.

    A run that is not acknowledged is given up after *given_up_after*: longer than brokers need to
    elect a leader, or a cluster that is only slow would be sent the same for ever.
    """

    def __init__(
        self, settings: KafkaSettings, given_up_after: timedelta = _GIVEN_UP_AFTER
    ) -> None:
        self._settings = settings
        self._given_up_after_s = given_up_after.total_seconds()
        self._connection = connection(settings)
        self._loop = asyncio.get_running_loop()
        self._thread = WorkerThread("kafka-publisher")
        self._slots = asyncio.Semaphore(_RUNS)
        self._producer: KafkaProducer | None = None
        self._is_closed = False
        # It says once a second that it cannot connect. Whoever publishes says it once.
        logging.getLogger("kafka").setLevel(logging.CRITICAL)

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """
        Return when all in-sync replicas have all of *records*, which lie there in their order.

        BrokersAwayError when that could not be found out, RecordRefusedError when one of them is
        refused; others may have arrived then. Those of a topic and district arrive in the order of
        the calls as long as none fails; a caller that lets nothing overtake waits for one before
        the next.
        """
        if not records:
            return
        async with self._slots:
            run = _Run(self._loop, len(records))
            self._ask(lambda: self._send(run, records))
            try:
                async with asyncio.timeout(self._given_up_after_s):
                    await run.done
            except TimeoutError:
                # However long the brokers were away, a client that has been started anew finds them.
                self._ask(self._abandon)
                raise BrokersAwayError from None

    async def close(self) -> None:
        """Give up what is not acknowledged, and end; nobody that is not found yet is looked for."""
        self._is_closed = True
        gone = asyncio.Event()
        self._thread.call(self._abandon, lambda _none: gone.set())
        await gone.wait()
        self._thread.stop()

    def _ask(self, call: Callable[[], None]) -> None:
        self._thread.call(call, lambda _failure: None)

    def _send(self, run: _Run, records: Sequence[Outgoing]) -> None:
        if self._is_closed:
            run.given_up()
            return
        try:
            if self._producer is None:
                self._producer = self._connect()
            producer = self._producer
            failed = self._failed(run, producer)
            for record in records:
                sent = producer.send(
                    self._settings.topic(record.topic),
                    value=record.data,
                    key=record.district.encode(),
                )
                sent.add_callback(run.acknowledged)
                sent.add_errback(failed)
        except Exception as error:  # noqa: BLE001 - whatever it is, the records did not go
            run.failed(error)
            if not isinstance(error, _REFUSALS):
                self._abandon()

    def _connect(self) -> KafkaProducer:
        clients: list[KafkaNetClient] = []

        def client(**config: Any) -> KafkaNetClient:
            clients.append(KafkaNetClient(**config))
            return clients[-1]

        try:
            return KafkaProducer(
                **self._connection,
                acks="all",
                enable_idempotence=True,
                allow_auto_create_topics=False,  # partitions and retention are the provisioning's
                batch_size=_BATCH_BYTES,
                max_request_size=LARGEST_RECORD,
                request_timeout_ms=_REQUEST_MS,
                max_block_ms=_TOPIC_MS,
                bootstrap_timeout_ms=int(self._settings.answer_within.total_seconds() * 1000),
                reconnect_backoff_max_ms=1_000,  # brokers that are back are found within a second
                # A batch that expired would let the next one overtake it; we give up all at once.
                delivery_timeout_ms=_NEVER_MS,
                metrics_enabled=False,
                kafka_client=client,
            )
        except BaseException:
            # kafka-python leaves the sockets of a client that found nobody open.
            for opened in clients:
                opened.close()
            raise

    def _failed(self, run: _Run, producer: KafkaProducer) -> Callable[[BaseException], None]:
        is_first = True

        def failed(error: BaseException) -> None:
            # This runs in kafka-python's thread, before that sends anything else: what stands
            # behind a record that may not have arrived must not arrive before it. And of a record
            # that brokers refuse the producer dies, and tells whoever comes next the same.
            nonlocal is_first
            if is_first:
                is_first = False
                _stop_sending(producer)
                self._ask(lambda: self._abandon(producer))
            run.failed(error)

        return failed

    def _abandon(self, only: KafkaProducer | None = None) -> None:
        """Let the producer go with what it holds; the next run starts another."""
        producer = self._producer
        if producer is None or (only is not None and producer is not only):
            return
        self._producer = None
        _stop_sending(producer)
        producer._sender.join(_GONE_WITHIN_S)  # noqa: SLF001 - see `_stop_sending`
        with contextlib.suppress(kafka_errors.KafkaError):
            producer.close(timeout=0)


def _stop_sending(producer: KafkaProducer) -> None:
    # `close(timeout=0)` waits for what is under way, and raises instead of closing.
    producer._sender.force_close()  # noqa: SLF001 - there is no public way
