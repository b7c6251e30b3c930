"""
One owner for a district: its lease, with a fence that only ever grows.

Three times count, all by the server's own clock: until when the lease holds, until when the owner
may still ask the carrier for what it has put on record (`sends_until`), and the fence, which is
ahead of every fence before even where the server has lost everything it held. An owner that was
stopped and goes on finds out in one of three ways: the server tells it at the next round, its own
seconds tell it before the next request, and Kafka's transactions tell it when it publishes.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from redis.asyncio import Redis

from services.runtime.bus import BusUnavailableError, NotOwnerError
from services.runtime.clock import Clock, counted_seconds
from services.runtime.redis.connection import failures_translated
from services.runtime.redis.keys import DistrictKeys

HOLDS_FOR = timedelta(seconds=5)
"""How long a silent owner keeps a district. A takeover costs this, so it is short."""
SENDS_FOR = timedelta(seconds=2)
"""How long after its record an attempt may still be asked of the carrier."""
RENEW_EVERY = timedelta(seconds=1)
_WORN_S = 1.0
"""With less left of `SENDS_FOR` when its record became durable, a request may well come too late."""
_ON_ITS_WAY = timedelta(milliseconds=250)
"""What was asked at the last moment arrives before the next owner asks for anything."""

_NOW = """
local told = redis.call('TIME')
local now = told[1] * 1000000 + told[2]
local function text(number) return string.format('%.0f', number) end
"""
_TAKE = (
    _NOW
    + """
local had = redis.call('HMGET', KEYS[1], 'fence', 'expires', 'sends_until')
local fence, expires = tonumber(had[1] or ''), tonumber(had[2] or '')
if expires and expires > now then return {0, 0} end
-- Where nothing is known of an owner before, one may have been at work when all was lost.
local wait = tonumber(ARGV[4])
if fence then wait = math.max(0, tonumber(had[3] or '0') - now) end
fence = math.max((fence or 0) + 1, now)
redis.call('HSET', KEYS[1], 'fence', text(fence), 'owner', ARGV[1], 'url', ARGV[2], 'written', '0',
  'expires', text(now + ARGV[3]), 'sends_until', text(now + wait))
return {fence, wait}
"""
)
_RENEW = (
    _NOW
    + """
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'expires', text(now + ARGV[2]))
return 1
"""
)
_EXTEND = (
    _NOW
    + """
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'expires', text(now + ARGV[2]), 'sends_until', text(now + ARGV[3]))
return 1
"""
)
_RELEASE = (
    _NOW
    + """
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'expires', '0', 'sends_until', text(now))
return 1
"""
)
_HOLDER = (
    _NOW
    + """
local had = redis.call('HMGET', KEYS[1], 'owner', 'url', 'expires')
if (tonumber(had[3] or '') or 0) <= now then return false end
return {had[1], had[2]}
"""
)
_log = structlog.get_logger(__name__)


def micros(span: timedelta) -> int:
    """Return *span* as the server's scripts count it."""
    return span // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a district: the *owner*'s name, and the *url* at which its webhooks are taken."""

    owner: str
    url: str


class Lease:
    """
    One hold on one district, from its taking until it is lost or given back; never taken up again.

    *wait* is how long the owner before may still be asking the carrier. *counted* tells the seconds
    of this machine, whatever its clock is set to and however long it slept.
    """

    def __init__(
        self,
        server: Redis,
        keys: DistrictKeys,
        fence: int,
        wait: timedelta,
        counted: Callable[[], float],
        asked_at: float,
    ) -> None:
        self.keys = keys
        self.fence = fence
        self.wait = wait
        self._server = server
        self._counted = counted
        self._holds_until = asked_at + HOLDS_FOR.total_seconds()
        self._sends_until = asked_at
        self._is_lost = False
        self._extending = asyncio.Lock()

    @property
    def is_anothers(self) -> bool:
        """Whether a newer owner has come, or it was given back."""
        return self._is_lost

    @property
    def is_lost(self) -> bool:
        """Whether a newer owner has come, or may have come for all that is known here."""
        return self._is_lost or self._counted() >= self._holds_until

    def lose(self) -> None:
        """Know from now on that the district is another's: nothing more is asked of the carrier."""
        self._is_lost = True

    def reserving(self) -> Callable[[], None]:
        """
        A round is about to be reserved; call what is returned once the server has agreed.

        Seconds are counted from before the question: the server's own deadline is later than ours.
        """
        asked_at = self._counted()

        def reserved() -> None:
            self._sends_until = asked_at + SENDS_FOR.total_seconds()
            self._holds_until = max(self._holds_until, asked_at + HOLDS_FOR.total_seconds())

        return reserved

    def send_window(self) -> "SendWindow":
        """Return how long that which the last round put on record may be asked of the carrier."""
        return SendWindow(self, self._sends_until)

    def left_s(self, until: float) -> float:
        """Return how many seconds there are until the count *until*; 0 once the lease is lost."""
        return 0.0 if self.is_lost else max(0.0, until - self._counted())

    async def extend_sending(self) -> None:
        """
        Let what is on record be asked for as long again, from now on. Many may ask for it at once.

        NotOwnerError when the district is another's; BusUnavailableError when nobody can tell.
        """
        async with self._extending:
            if self.left_s(self._sends_until) > _WORN_S:
                return
            reserved = self.reserving()
            spans = (micros(HOLDS_FOR), micros(SENDS_FOR))
            with failures_translated():
                held = await self._server.eval(_EXTEND, 1, self.keys.lease, str(self.fence), *spans)
            if not held:
                self.lose()
                raise NotOwnerError("the lease is another's")
            reserved()

    async def renew(self) -> None:
        """Hold it for longer. NotOwnerError when it is another's; BusUnavailableError: nobody can tell."""
        asked_at = self._counted()
        with failures_translated():
            held = await self._server.eval(
                _RENEW, 1, self.keys.lease, str(self.fence), micros(HOLDS_FOR)
            )
        if not held:
            self.lose()
            raise NotOwnerError("the lease is another's")
        self._holds_until = asked_at + HOLDS_FOR.total_seconds()

    async def keep(self, clock: Clock) -> None:
        """
        Renew it until it is lost: that is raised as NotOwnerError.

        A server that is away takes it only when it is away for as long as a lease holds, for then
        another may have it.
        """
        while True:
            await clock.sleep_until(clock.now() + RENEW_EVERY)
            try:
                await self.renew()
            except BusUnavailableError:
                _log.warning("lease_not_renewed")
            if self.is_lost:
                self.lose()
                raise NotOwnerError("the lease ran out")

    async def release(self) -> None:
        """Give it back; nothing is asked of the carrier any more. The next owner need not wait."""
        self.lose()
        with failures_translated():
            await self._server.eval(_RELEASE, 1, self.keys.lease, str(self.fence))


@dataclass(frozen=True, slots=True)
class SendWindow:
    """The window of what one round put on record, which closes at the count *until*."""

    lease: Lease
    until: float

    @property
    def is_open(self) -> bool:
        """Whether the carrier may be asked for it now."""
        return self.lease.left_s(self.until) > 0

    @property
    def is_worn(self) -> bool:
        """Whether little of it is left."""
        return self.lease.left_s(self.until) <= _WORN_S

    async def reopened(self) -> "SendWindow":
        """Return one as long again, once the server has said that nobody else came. BusError."""
        await self.lease.extend_sending()
        return self.lease.send_window()


class Leases:
    """The leases of all districts, as one worker sees them. *owner* names this one process."""

    def __init__(
        self,
        server: Redis,
        prefix: str,
        owner: str,
        url: str,
        counted: Callable[[], float] = counted_seconds,
    ) -> None:
        self._server = server
        self._prefix = prefix
        self._owner = owner
        self._url = url
        self._counted = counted

    async def take(self, district: str) -> Lease | None:
        """
        Take *district* if nobody has it. BusUnavailableError when nobody can tell.

        An answer that is lost on its way leaves the district to nobody until that lease runs out.
        """
        keys = DistrictKeys.of(self._prefix, district)
        asked_at = self._counted()
        spans = (micros(HOLDS_FOR), micros(SENDS_FOR))
        with failures_translated():
            fence, wait = await self._server.eval(
                _TAKE, 1, keys.lease, self._owner, self._url, *spans
            )
        if not fence:
            return None
        until = timedelta(microseconds=wait) + (_ON_ITS_WAY if wait else timedelta(0))
        return Lease(self._server, keys, fence, until, self._counted, asked_at)

    async def holder(self, district: str) -> Holder | None:
        """Return who has *district* now. BusUnavailableError when nobody can tell."""
        keys = DistrictKeys.of(self._prefix, district)
        with failures_translated():
            found = await self._server.eval(_HOLDER, 1, keys.lease)
        return None if found is None else Holder(found[0].decode(), found[1].decode())
