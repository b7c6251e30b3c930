"""How many workers are alive, so that they share the districts among themselves."""

from datetime import timedelta

from redis.asyncio import Redis

from services.runtime.redis.connection import failures_translated
from services.runtime.redis.lease import micros

ALIVE_FOR = timedelta(seconds=3)
"""Shorter than a lease: who is dead is no longer counted when his districts are free."""

_PRESENT = """
local told = redis.call('TIME')
local now = told[1] * 1000000 + told[2]
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
return redis.call('ZCARD', KEYS[1])
"""


class Presence:
    """One worker among those of an installation."""

    def __init__(self, server: Redis, prefix: str, owner: str) -> None:
        self._server = server
        self._key = f"{prefix}:workers"
        self._owner = owner

    async def tell(self) -> int:
        """Say that this worker lives; return how many do. BusUnavailableError when nobody can tell."""
        with failures_translated():
            alive = await self._server.eval(_PRESENT, 1, self._key, self._owner, micros(ALIVE_FOR))
        return int(alive)

    async def leave(self) -> None:
        """Say that this worker is no more."""
        with failures_translated():
            await self._server.zrem(self._key, self._owner)
