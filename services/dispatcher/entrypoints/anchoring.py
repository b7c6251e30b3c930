"""
When an anchor is written: at the start, when a callout ends, each minute while one is open, and
daily.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from schemas.dispatch import Fact
from services.dispatcher.domain.desk.effects import Draft
from services.dispatcher.domain.record.anchor import AnchorReason, AnchorSigner
from services.dispatcher.pipeline import DispatcherPipeline
from services.runtime.clock import Clock
from services.runtime.waiting import instant_or_event

WHILE_OPEN = timedelta(minutes=1)
DAILY = timedelta(days=1)


class AnchorQueue(Protocol):
    """Where an anchor is handed to; it goes on from there by itself."""

    def put(self, anchor: bytes) -> None:
        """Take *anchor*; returns at once."""
        ...


class Anchoring:
    """One task that takes the ledger's head in time and hands the signed word to every place."""

    def __init__(
        self,
        pipeline: DispatcherPipeline,
        signer: AnchorSigner,
        places: Sequence[AnchorQueue],
        clock: Clock,
    ) -> None:
        self._pipeline = pipeline
        self._signer = signer
        self._places = places
        self._clock = clock
        self._changed = asyncio.Event()
        self._has_ended = False
        self._last_at: datetime | None = None

    def see(self, facts: Sequence[Draft]) -> None:
        """Take note of what has just become durable."""
        found = {draft.fact for draft in facts}
        if Fact.CALLOUT_ENDED in found:
            self._has_ended = True
        if self._has_ended or Fact.CALLOUT_OPENED in found:
            self._changed.set()

    async def run(self) -> None:
        """Write anchors for ever."""
        self._write(AnchorReason.STARTED)
        while True:
            self._changed.clear()
            if self._has_ended:
                self._has_ended = False
                self._write(AnchorReason.CALLOUT_ENDED)
            is_open = any(callout.is_open for callout in self._pipeline.desk.callouts.values())
            last_at = self._last_at or self._clock.now()
            due_at = last_at + (WHILE_OPEN if is_open else DAILY)
            if await instant_or_event(self._clock, due_at, self._changed):
                reason = AnchorReason.CALLOUT_OPEN if is_open else AnchorReason.DAILY
                self._write(reason)

    def _write(self, reason: AnchorReason) -> None:
        head, at = self._pipeline.head_at_present()
        # By the clock that is slept on: the ledger's own may be ahead of one that was set back.
        self._last_at = self._clock.now()
        anchor = self._signer.sign(head, at, reason)
        for place in self._places:
            place.put(anchor)
