"""
An event loop in which time is virtual, nothing waits outside, and who goes first is drawn.

Callbacks that are ready in the same pass run in a drawn order, each of them in that pass. When
nothing is ready the time jumps to the next timer. Whatever belongs to a dead process runs no more.
"""

import asyncio
import heapq
import random
from collections.abc import Callable
from contextvars import Context, ContextVar
from math import ceil
from typing import Any, Protocol, TypeVarTuple, Unpack

_Ts = TypeVarTuple("_Ts")
_US = 1_000_000


class Mortal(Protocol):
    """A process that may die between any two of its steps."""

    is_dead: bool

    def step(self) -> None:
        """Count a step that is about to be made; it may die of it."""
        ...


OWNER: ContextVar[Mortal | None] = ContextVar("OWNER", default=None)
"""Whose callback it is: a process of ours, or None for the world outside."""


class StandstillError(Exception):
    """Nobody waits for any instant, and somebody waits for somebody: nothing can happen any more."""


class SimulatedLoop(asyncio.BaseEventLoop):
    """*shuffles* False: what is ready runs in the order in which it became ready, as usual."""

    _ready: Any
    _scheduled: list[Any]
    _stopping: bool

    def __init__(self, seed: str, *, shuffles: bool) -> None:
        super().__init__()
        self._random = random.Random(seed)
        self._shuffles = shuffles
        self._now_us = 0
        self.steps = 0
        self.set_exception_handler(lambda _loop, _context: None)

    def time(self) -> float:
        """Return virtual seconds since the loop was made: whole microseconds."""
        return self._now_us / _US

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[_Ts]], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Call back at *when*, or less than a microsecond later: never too early."""
        return super().call_at(ceil(round(when * _US, 3)) / _US, callback, *args, context=context)

    def _run_once(self) -> None:
        scheduled = self._scheduled
        while scheduled and scheduled[0].cancelled():
            heapq.heappop(scheduled)._scheduled = False
        if not self._ready:
            if not scheduled:
                raise StandstillError
            self._now_us = max(self._now_us, round(scheduled[0].when() * _US))
        while scheduled and round(scheduled[0].when() * _US) <= self._now_us:
            handle = heapq.heappop(scheduled)
            handle._scheduled = False
            self._ready.append(handle)
        batch: list[asyncio.Handle] = list(self._ready)
        self._ready.clear()
        if self._shuffles and len(batch) > 1:
            self._random.shuffle(batch)
        for handle in batch:
            self._run(handle)

    def _run(self, handle: asyncio.Handle) -> None:
        if handle.cancelled():
            return
        owner = handle._context.get(OWNER)  # type: ignore[attr-defined]
        if owner is not None:
            if not owner.is_dead:
                owner.step()
            if owner.is_dead:
                return  # its tasks stay where they are; `World.close` ends them
        self.steps += 1
        handle._run()

    def _process_events(self, event_list: list[Any]) -> None:
        return

    def _write_to_self(self) -> None:
        return  # there is no selector to be woken
