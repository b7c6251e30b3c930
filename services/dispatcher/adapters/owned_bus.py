"""The bus of a district that is this process's for a time: the ledger is written under its fence."""

from collections.abc import Awaitable, Callable

from schemas.topics import Topic
from services.runtime.bus import Bus
from services.runtime.kafka.log import KafkaLog
from services.runtime.kafka.settings import KafkaSettings
from services.runtime.kafka_bus import KafkaBus
from services.runtime.lifecycle import Lifecycle
from services.runtime.redis.values import RedisValues

OpenBus = Callable[[str, RedisValues, Lifecycle], Awaitable[Bus]]
"""
Opens the bus of one district over its values, for its owner: what another owner was publishing is
settled when it returns. The lifecycle closes it.
"""


def owned_buses(settings: KafkaSettings) -> OpenBus:
    """Return what opens the bus of each district on the brokers of *settings*."""

    async def opened(district: str, values: RedisValues, lifecycle: Lifecycle) -> Bus:
        log = KafkaLog(settings, fence=f"dispatcher-{district}")
        bus = await KafkaBus.open(log, values, fenced=(Topic.DISPATCH, district))
        lifecycle.on_stop("bus", bus.close)
        # Who was away may have taken the fence from its rightful owner: the lease decides.
        await values.still_owned()
        return bus

    return opened
