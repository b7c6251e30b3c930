"""Decisions in: each batch of `decisions.v1` to the dispatcher, in its order."""

from collections.abc import Sequence

from schemas.decision import DECISION, AnyDecision
from services.dispatcher.domain.inputs import DecisionRead
from services.dispatcher.pipeline import DispatcherPipeline
from services.runtime.bus import Stored


class Decisions:
    """The handler of a `Consumer`. The dispatcher commits the position with what it decides."""

    def __init__(self, pipeline: DispatcherPipeline) -> None:
        self._pipeline = pipeline

    async def handle(self, batch: Sequence[Stored]) -> None:
        """Tell the dispatcher of every decision of *batch*; BusUnavailableError is passed on."""
        await self._pipeline.tell_all(
            DecisionRead(self._read(stored), stored.offset) for stored in batch
        )

    @staticmethod
    def _read(stored: Stored) -> AnyDecision:
        return DECISION.validate_json(stored.data)
