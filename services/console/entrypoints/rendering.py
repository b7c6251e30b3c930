"""
The parts of live pages as HTML: made once for everybody who looks at the same thing, one part after
the other, and never more than a fraction of the time. The loop that renders is the loop that rings
people: between two parts it goes round.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from schemas.cap import Status
from services.console.domain.situation import Situation
from services.runtime.clock import Clock
from services.runtime.pacing import NEVER_S, Pace

Parts = Callable[[Status, str, datetime], Iterator[tuple[str, str]]]
"""
(status, what the page is of: an id or "", now) to each part's name and HTML. Each is made when it is
asked for, so that whoever asks may do other things between them.
"""
Key = tuple[str, Status, str]
"""The channel, and what its parts are given."""

_AGAIN_EVERY_S = 5.0
"""What depends on the time alone (a warning that expires) is looked at this often."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """Parts as they were at a *version* of the situation, begun at *at_s* and made in *took_s*."""

    version: int
    at_s: float
    took_s: float
    parts: Mapping[str, str]


_NOTHING = Rendered(-1, NEVER_S, 0.0, {})


@dataclass(slots=True)
class _Kept:
    """What was made last, and the right to make the next."""

    latest: Rendered = _NOTHING
    making: asyncio.Lock = field(default_factory=asyncio.Lock)


class Renderings:
    """The parts of every channel that a page registers."""

    def __init__(self, situation: Situation, clock: Clock) -> None:
        self._situation = situation
        self._clock = clock
        self._channels: dict[str, Parts] = {}
        self._kept: dict[Key, _Kept] = {}
        self._pace = Pace()

    def register(self, channel: str, parts: Parts) -> None:
        """Render *parts* for *channel*."""
        self._channels[channel] = parts

    def knows(self, channel: str) -> bool:
        """Whether *channel* is registered."""
        return channel in self._channels

    def at_once(self, key: Key) -> Rendered:
        """Return the parts as they are now, for a page that is opened."""
        kept = self._of(key)
        if not self._is_current(kept.latest):
            version, at_s = self._situation.version, self._pace.now_s()
            with self._pace.measured():
                parts = dict(self._made(key))
            kept.latest = Rendered(version, at_s, self._pace.now_s() - at_s, parts)
        return kept.latest

    async def next(self, key: Key) -> Rendered:
        """Return the parts as they are now or a moment later, when there is time to make them."""
        asked_at_s = self._pace.now_s()
        kept = self._of(key)
        async with kept.making:  # whoever waits here shares what is being made, if it is new enough
            if kept.latest.at_s < asked_at_s and not self._is_current(kept.latest):
                await self._pace.rest(kept.latest.at_s)
                kept.latest = await self._in_turns(key)
        return kept.latest

    async def _in_turns(self, key: Key) -> Rendered:
        # What changes between two parts may be shown by one and not by the other; the version says
        # that all of them are to be made again.
        version, at_s = self._situation.version, self._pace.now_s()
        parts: dict[str, str] = {}
        making = self._made(key)
        while True:
            with self._pace.measured():
                made = next(making, None)
            if made is None:
                return Rendered(version, at_s, self._pace.now_s() - at_s, parts)
            name, html = made
            parts[name] = html
            await self._pace.turn()

    def _made(self, key: Key) -> Iterator[tuple[str, str]]:
        channel, status, of = key
        return self._channels[channel](status, of, self._clock.now())

    def _is_current(self, one: Rendered) -> bool:
        is_fresh = self._pace.now_s() - one.at_s < _AGAIN_EVERY_S
        return one.version == self._situation.version and is_fresh

    def _of(self, key: Key) -> _Kept:
        kept = self._kept.get(key)
        if kept is None:
            self._forget_old()
            kept = self._kept[key] = _Kept()
        return kept

    def _forget_old(self) -> None:
        before_s = self._pace.now_s() - 2 * _AGAIN_EVERY_S
        self._kept = {
            key: kept
            for key, kept in self._kept.items()
            if kept.making.locked() or kept.latest.at_s > before_s
        }
