"""The two producers: how they are built, and how one is ended that cannot be waited for."""

import asyncio
import contextlib
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.producer import sender as aiokafka_sender

from services.runtime.kafka.connection import connection
from services.runtime.kafka.provisioning import LARGEST_RECORD
from services.runtime.kafka.settings import KafkaSettings

_BATCH_BYTES = 256 << 10
_BACK_OFF_MS = 50
# The next transaction is refused until the one before has left its marks, some milliseconds after its
# end was agreed to; aiokafka would wait 20 of them, and rounds follow each other. It has no setting.
_BETWEEN_TRANSACTIONS_S = 0.003
# A writer that vanished keeps readers from what other districts write behind it for so long.
_TRANSACTION_MS = 5_000


def make_producer(settings: KafkaSettings, transactional_id: str | None = None) -> AIOKafkaProducer:
    """Return a producer, not started: idempotent, acknowledged by all in-sync replicas."""
    aiokafka_sender.BACKOFF_OVERRIDE = _BETWEEN_TRANSACTIONS_S
    given: dict[str, Any] = {}
    if transactional_id is not None:
        given = {"transactional_id": transactional_id, "transaction_timeout_ms": _TRANSACTION_MS}
    return AIOKafkaProducer(
        **connection(settings),
        acks="all",
        enable_idempotence=True,
        max_batch_size=_BATCH_BYTES,
        max_request_size=LARGEST_RECORD,
        request_timeout_ms=int(settings.answer_within.total_seconds() * 1000),
        retry_backoff_ms=_BACK_OFF_MS,
        **given,
    )


async def abandon(producer: AIOKafkaProducer) -> None:
    """
    End *producer* now: what it has not sent it never sends, and nobody waits for brokers.

    Its `stop` alone would wait until they are back, so its parts are ended one by one.
    """
    accumulator, sender = producer._message_accumulator, producer._sender  # noqa: SLF001
    unsent = [one for batches in accumulator._batches.values() for one in batches]  # noqa: SLF001
    accumulator.fail_all(KafkaError("abandoned"))
    if sender.sender_task is not None:
        sender.sender_task.cancel()
    await producer.client.close()
    with contextlib.suppress(KafkaError, asyncio.CancelledError):
        await producer.stop()
    # Nobody waits for these any more; looked at, they do not complain of that.
    transaction = producer._txn_manager._transaction_waiter  # noqa: SLF001
    for left in (transaction, *(one._drain_waiter for one in unsent)):  # noqa: SLF001
        if left is not None and left.done() and not left.cancelled():
            left.exception()
