"""Decisions in: each batch of `decisions.v1` to the dispatcher, in its order."""

from collections.abc import Sequence
from typing import cast

from schemas.decision import AnyDecision
from schemas.topics import Topic
from schemas.wire import SchemaError, decode
from services.dispatcher.domain.inputs import DecisionRead
from services.dispatcher.pipeline import DispatcherPipeline
from services.dispatcher.ports import Failures
from services.runtime.bus import Stored


class Decisions:
    """The handler of a `Consumer`. The dispatcher commits the position with what it decides."""

    def __init__(self, pipeline: DispatcherPipeline, failures: Failures) -> None:
        self._pipeline = pipeline
        self._failures = failures

    async def handle(self, batch: Sequence[Stored]) -> None:
        """
        Tell the dispatcher of every decision of *batch*; BusUnavailableError is passed on.

        One that cannot be read is kept as a dead letter, and the rest is told.
        """
        readable = []
        for stored in batch:
            try:
                decision = cast("AnyDecision", decode(Topic.DECISIONS, stored.data))
            except SchemaError as error:
                await self._failures.keep_unreadable(stored, error)
            else:
                readable.append(DecisionRead(decision, stored.offset))
        await self._pipeline.tell_all(readable)
