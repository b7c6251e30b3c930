"""
Rounds of one district's records under its fence: each is kept once, over lost answers and zombies.

Two things are asked whose the fence is: the brokers, who give it to the last that took it, and
whoever grants ownership. A writer that was away may take the fence from its rightful successor; so
after each taking the grant is looked at before anything is appended, and who has the grant takes
the fence back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from schemas.topics import Topic
from services.runtime.bus import BusUnavailableError, NotOwnerError, Outgoing
from services.runtime.kafka.log import KafkaLog


class FencedRounds:
    """Appends to *topic* of *district* on *log*, whose fence it is, one round at a time."""

    def __init__(self, log: KafkaLog, topic: Topic, district: str) -> None:
        self._log = log
        self._topic = topic
        self._district = district
        self._open: Sequence[Outgoing] = ()
        self._kept_at: Sequence[int] | None = None

    def is_theirs(self, record: Outgoing) -> bool:
        """Whether *record* belongs under the fence."""
        return record.topic is self._topic and record.district == self._district

    async def append(
        self, records: Sequence[Outgoing], still_owner: Callable[[], Awaitable[None]]
    ) -> Sequence[int]:
        """
        Append *records* and return their offsets; `finish` says that all of their round is durable.

        BusUnavailableError when it is not known whether they were kept: the same round is to come
        again, and is known again if they were. NotOwnerError when *still_owner* says so, or when
        another round comes in place of one that was kept: what its caller believes is not so.
        """
        if not records and not self._open:
            return ()
        tries_for_s = self._log.answer_within.total_seconds()
        deadline = asyncio.get_running_loop().time() + tries_for_s
        while True:
            if not self._log.is_fence_held:
                await self._settle(still_owner)
            if self._kept_at is not None:
                return self._known_again(records)
            self._open = records
            if not records:
                return ()
            try:
                self._kept_at = await self._log.append_fenced(records)
            except NotOwnerError:
                await still_owner()
            except BusUnavailableError:
                if asyncio.get_running_loop().time() >= deadline:
                    raise

    def finish(self) -> None:
        """Forget the round: its caller is told that it is durable."""
        self._open, self._kept_at = (), None

    async def _settle(self, still_owner: Callable[[], Awaitable[None]]) -> None:
        await self._log.take_fence(self._topic, self._district)
        await still_owner()
        if self._open and self._kept_at is None:
            newest = await self._log.newest(self._topic, self._district, limit=len(self._open))
            if [one.data for one in newest] == [one.data for one in self._open]:
                self._kept_at = [one.offset for one in newest]

    def _known_again(self, records: Sequence[Outgoing]) -> Sequence[int]:
        assert self._kept_at is not None  # noqa: S101 - the caller has looked
        if not records:
            raise BusUnavailableError("a round whose records were kept is to be finished first")
        if [one.data for one in records] != [one.data for one in self._open]:
            raise NotOwnerError("the log holds a round that its writer does not know of")
        return self._kept_at
