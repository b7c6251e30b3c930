"""The demo's script, posted to the system's own door as sources would, and its acts as Acts."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from aiohttp import ClientSession

from schemas.event import Act
from schemas.ids import hash_id
from schemas.topics import Topic
from schemas.wire import encode
from services.district.domain.pack import Pack
from services.district.replay_script import Script, ScriptedAct, Step
from services.runtime.bus import Bus, Outgoing
from services.runtime.clock import Clock

_REFUSED_FROM = 400


class FeedError(Exception):
    """The system refused what the script posts: the script, or the system, is wrong."""


class Feed:
    """
    Posts *script*, re-based to the present. *posted* is told how much of it has come.

    `next_at` is when the next thing comes, None at the end.
    """

    def __init__(self, script: Script, pack: Pack, base_url: str, bus: Bus, clock: Clock) -> None:
        self.start = clock.now()
        self.posted: Callable[[int, int], None] = lambda _done, _all: None
        self._pack = pack
        self._base_url = base_url
        self._bus = bus
        self._clock = clock
        self._queue: list[Step | ScriptedAct] = sorted(
            [*script.steps, *script.acts], key=lambda one: one.after
        )
        self._done = 0

    @property
    def next_at(self) -> datetime | None:
        """When the next thing comes; None when everything has."""
        if self._done >= len(self._queue):
            return None
        return self.start + self._queue[self._done].after

    async def post_due(self, session: ClientSession) -> None:
        """Post everything that is due, one after the other. FeedError when it is refused."""
        while (at := self.next_at) is not None and at <= self._clock.now():
            one = self._queue[self._done]
            if isinstance(one, Step):
                await self._post(session, one)
            else:
                await self._act(one)
            self._done += 1
            self.posted(self._done, len(self._queue))

    async def run(self, session: ClientSession) -> None:
        """Post the whole script as its time comes."""
        while (at := self.next_at) is not None:
            await self._clock.sleep_until(at)
            await self.post_due(session)

    async def _post(self, session: ClientSession, step: Step) -> None:
        headers = {"Authorization": f"Bearer {step.key}", "Content-Type": step.media_type}
        body = step.body(self.start)
        async with session.post(self._base_url + step.path, data=body, headers=headers) as answer:
            if answer.status >= _REFUSED_FROM:
                raise FeedError(f"{step.path} answered {answer.status}: {await answer.text()}")

    async def _act(self, act: ScriptedAct) -> None:
        user = self._pack.users[act.user]
        now = self._clock.now()
        event = Act(
            district=self._pack.rules.district,
            event_id=hash_id("act", act.user, now.isoformat(), act.body.type),
            accepted_at=now,
            user=user.user_id,
            role=user.role,
            mandate=user.mandate,
            body=act.body,
        )
        record = Outgoing(Topic.EVENTS, self._pack.rules.district, encode(event))
        await asyncio.shield(self._bus.publish([record]))
