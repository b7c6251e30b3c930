"""Who waits for a permitted start: calls and SMS that are due, the most urgent first."""

import heapq
from datetime import datetime
from typing import NamedTuple

from schemas.level import Level
from services.dispatcher.domain.asks.chain import Chain

_STALE_ALLOWED = 1_024


class CallWaiting(NamedTuple):
    """A call that may start: the highest level first, first calls before repeats, then by age."""

    urgency: int
    repeat: int
    due_at: datetime
    chain_id: str
    rung: int


class StartsWaiting:
    """
    The two queues. An ask is in each once, however often it is offered; one that was answered or
    carried meanwhile is passed over.
    """

    def __init__(self) -> None:
        self._calls: list[CallWaiting] = []
        self._due: dict[tuple[str, int], datetime] = {}
        """What waits for a call by (chain id, rung), and since when it is due."""
        self._texts: list[tuple[int, datetime, str]] = []
        self._writing: set[str] = set()
        self._offered: list[tuple[str, int]] = []

    @property
    def calls(self) -> int:
        """How many asks wait for a call."""
        return len(self._due)

    @property
    def texts(self) -> int:
        """How many asks and words wait for an SMS."""
        return len(self._writing)

    @property
    def moved(self) -> tuple[int, ...]:
        """What differs after anything was queued, offered or taken."""
        return len(self._due), len(self._writing), len(self._offered)

    def offer(self, chain_id: str, index: int) -> None:
        """The call to the rung *index* is due: the next round of starts looks at it."""
        self._offered.append((chain_id, index))

    def take_offered(self) -> list[tuple[str, int]]:
        """Return what was offered since the last round, and begin anew."""
        offered, self._offered = self._offered, []
        return offered

    def queue_call(
        self, level: Level, chain_id: str, index: int, due_at: datetime, *, repeat: bool
    ) -> None:
        """Let the call to a rung wait for a start."""
        if self._due.get((chain_id, index)) == due_at:
            return
        self._due[chain_id, index] = due_at
        heapq.heappush(self._calls, CallWaiting(-level, int(repeat), due_at, chain_id, index))
        if len(self._calls) > 2 * len(self._due) + _STALE_ALLOWED:
            self._calls = [waiting for waiting in self._calls if self._stands(waiting)]
            heapq.heapify(self._calls)

    def next_call(self) -> CallWaiting | None:
        """Take the most urgent call, or None while none waits."""
        while self._calls:
            waiting = heapq.heappop(self._calls)
            if self._stands(waiting):
                del self._due[waiting.chain_id, waiting.rung]
                return waiting
        return None

    def in_order(self) -> list[CallWaiting]:
        """Return the calls that wait, the most urgent first."""
        return sorted(waiting for waiting in self._calls if self._stands(waiting))

    def queue_text(self, level: Level, since: datetime, key: str) -> None:
        """Let the SMS of *key*, a chain or an inform, wait for a start."""
        if key not in self._writing:
            self._writing.add(key)
            heapq.heappush(self._texts, (-level, since, key))

    def next_text(self) -> str | None:
        """Take the most urgent SMS, or None while none waits."""
        while self._texts:
            _, _, key = heapq.heappop(self._texts)
            if key in self._writing:
                self._writing.remove(key)
                return key
        return None

    def drop_text(self, key: str) -> None:
        """Let the SMS of *key* wait no longer."""
        self._writing.discard(key)

    def keep_up(self, chain: Chain, now: datetime) -> None:
        """Let what *chain* has due at *now* wait, and what is due no more not."""
        writes = False
        for index, rung in enumerate(chain.rungs):
            known = self._due.get((chain.chain_id, index))
            if known is not None and known != rung.due_at:
                del self._due[chain.chain_id, index]
            if rung.due_at is not None and rung.due_at <= now:
                self.offer(chain.chain_id, index)
            writes |= rung.text_at is not None and rung.text_at <= now
        if writes:
            self.queue_text(chain.level, chain.opened_at, chain.chain_id)
        else:
            self.drop_text(chain.chain_id)

    def _stands(self, waiting: CallWaiting) -> bool:
        return self._due.get((waiting.chain_id, waiting.rung)) == waiting.due_at

    def chains(self) -> list[str]:
        """Return the chains that wait for a call."""
        return [chain_id for chain_id, _ in self._due]
