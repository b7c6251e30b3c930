"""
A bus's values in Redis: read once, answered from memory by whoever has them, written through.

Under a lease each script looks at the fence first, so that an owner that was taken over changes
nothing, however late what it sent arrives; and each write has a number, so that one which is late
comes after none that followed it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from redis.asyncio import Redis

from services.runtime.bus import NotOwnerError
from services.runtime.redis.connection import failures_translated
from services.runtime.redis.keys import DistrictKeys
from services.runtime.redis.lease import HOLDS_FOR, SENDS_FOR, Lease, micros
from services.runtime.values import Change

_READ_AT_ONCE = 1_000
_SEPARATOR = b"\0"
_PUT, _DELETE = b"+", b"-"

_RESERVE = """
local told = redis.call('TIME')
local now = told[1] * 1000000 + told[2]
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'expires', string.format('%.0f', now + ARGV[2]),
  'sends_until', string.format('%.0f', now + ARGV[3]))
redis.call('DEL', KEYS[2])
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
return 1
"""
_WRITE = """
local lease = redis.call('HMGET', KEYS[1], 'fence', 'written')
if lease[1] ~= ARGV[1] then return 0 end
if tonumber(lease[2]) >= tonumber(ARGV[2]) then return 1 end
for i = 3, #ARGV, 2 do
  local value = ARGV[i + 1]
  if string.sub(value, 1, 1) == '+' then
    redis.call('HSET', KEYS[2], ARGV[i], string.sub(value, 2))
  else
    redis.call('HDEL', KEYS[2], ARGV[i])
  end
end
redis.call('HSET', KEYS[1], 'written', ARGV[2])
redis.call('DEL', KEYS[3])
return 1
"""


class RedisValues:
    """
    `Values` under one *lease*, or under none: then whoever writes last is right.

    One user writes at a time, and repeats a write that was not answered before it goes on.
    """

    def __init__(self, server: Redis, keys: DistrictKeys, lease: Lease | None = None) -> None:
        self._server = server
        self._keys = keys
        self._lease = lease
        self._number = 0

    async def load(self) -> Mapping[tuple[str, str], bytes]:
        """Return everything. BusUnavailableError when the store does not answer."""
        with failures_translated():
            return {
                _place(field): value
                async for field, value in self._server.hscan_iter(
                    self._keys.rows, count=_READ_AT_ONCE
                )
            }

    async def aside(self) -> Sequence[Change]:
        """Return what the last round that was reserved was going to write, unless it was written."""
        with failures_translated():
            found = await self._server.hgetall(self._keys.aside)
        return [
            (*_place(field), value[1:] if value[:1] == _PUT else None)
            for field, value in sorted(cast("dict[bytes, bytes]", found).items())
        ]

    async def still_owned(self) -> None:
        """Make sure of the lease, and touch nothing. NotOwnerError, BusUnavailableError as below."""
        if self._lease is not None:
            await self._lease.renew()

    async def reserve(self, changes: Sequence[Change]) -> None:
        """Make sure of the lease before a round goes out, and lay *changes* aside."""
        if self._lease is None:
            return
        reserved = self._lease.reserving()
        spans = (micros(HOLDS_FOR), micros(SENDS_FOR))
        keys = (self._keys.lease, self._keys.aside)
        await self._fenced(_RESERVE, keys, *spans, *_spelt(changes))
        reserved()

    async def write(self, changes: Sequence[Change]) -> None:
        """Keep *changes*, all or none; the same ones again after BusUnavailableError."""
        if self._lease is None:
            await self._write_plainly(changes)
            return
        keys = (self._keys.lease, self._keys.rows, self._keys.aside)
        self._number += 1
        await self._fenced(_WRITE, keys, self._number, *_spelt(changes))

    async def _fenced(self, script: str, keys: Sequence[str], *args: Any) -> None:
        lease = self._lease
        if lease is None or lease.is_anothers:
            raise NotOwnerError("the lease is another's")
        # One that has only run out may still be ours, and the server knows: a loop that was held up
        # for some seconds by its own work goes on.
        with failures_translated():
            done = await self._server.eval(script, len(keys), *keys, str(lease.fence), *args)
        if not done:
            lease.lose()
            raise NotOwnerError("the lease is another's")

    async def _write_plainly(self, changes: Sequence[Change]) -> None:
        with failures_translated():
            async with self._server.pipeline(transaction=True) as all_or_none:
                for space, key, value in changes:
                    if value is None:
                        all_or_none.hdel(self._keys.rows, _field(space, key))
                    else:
                        all_or_none.hset(self._keys.rows, _field(space, key), value)
                await all_or_none.execute()


def _spelt(changes: Iterable[Change]) -> Iterable[bytes]:
    for space, key, value in changes:
        yield _field(space, key)
        yield _DELETE if value is None else _PUT + value


def _field(space: str, key: str) -> bytes:
    return space.encode() + _SEPARATOR + key.encode()


def _place(field: bytes) -> tuple[str, str]:
    space, _, key = field.partition(_SEPARATOR)
    return space.decode(), key.decode()
