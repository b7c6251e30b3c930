"""How long records are kept: the table in `schemas.topics`, applied to what the bus holds."""

from datetime import datetime

from schemas.topics import TOPICS
from services.runtime.embedded_bus import EmbeddedBus


async def apply_retention(bus: EmbeddedBus, now: datetime) -> None:
    """Remove what was stored longer ago than its topic is kept. The ledger is never touched."""
    for topic, district in await bus.logs():
        kept_for = TOPICS[topic].retention
        if kept_for is not None:
            oldest_ms = int((now - kept_for).timestamp() * 1000)
            await bus.drop_stored_before(topic, district, oldest_ms)
