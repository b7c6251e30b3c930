"""
The fold of a district's log: records in, decisions out, and nothing else moves it.

`now` is the greatest `accepted_at` read so far. Before a record is applied, every timer that is due
by then fires, in the order of (due, id), with its due time as the time of what it decides. So it
makes no difference how records are batched, or whether ticks come between them.
"""

from collections import deque
from datetime import datetime, time

from schemas.cap import Status
from schemas.decision import Decision
from schemas.event import AnyEvent, Notice, PackActivated, Readings, Tick, Tip
from schemas.event import Warning as WarningEvent
from schemas.rulepack import Mandates, Night, RulePack
from services.correlator.domain.district import DistrictState
from services.correlator.domain.instants import from_us, to_us

_REMEMBERED_US = 3_600_000_000
"""An hour: how long a record's id is kept to know it again; what is older changes no level twice."""

MOVING = (Status.ACTUAL, Status.EXERCISE)
"""The statuses that move anything; each has a state of its own."""


class Fold:
    """One district's log, folded. Use it from one place only."""

    def __init__(self, district: str) -> None:
        self.district = district
        self.pack = _no_pack(district)
        self.now_us: int | None = None
        self.states: dict[Status, DistrictState] = {}
        self._seen: set[str] = set()
        self._seen_at: deque[tuple[int, str]] = deque()

    @property
    def now(self) -> datetime | None:
        """Return the log's time; None before the first record."""
        return None if self.now_us is None else from_us(self.now_us)

    def next_due(self) -> datetime | None:
        """Return when the next timer fires, should nothing come before; None without any."""
        due = self._next_due()
        return None if due is None else from_us(due[0])

    def apply(self, event: AnyEvent) -> list[Decision]:
        """Return what is decided up to and with *event*; a repeated one lets only time pass."""
        now_us = max(self.now_us or 0, to_us(event.accepted_at))
        decisions = self._fire(now_us)
        self.now_us = now_us
        for state in self.states.values():
            state.scene.now_us = now_us
        if isinstance(event, Tick) or event.status not in MOVING or self._knows(event, now_us):
            return decisions
        if isinstance(event, PackActivated):
            decisions += self._activate(event)
        else:
            state = self.states.get(event.status) or self._open(event.status)
            state.apply(event)
            decisions += _attributed(state.take_decisions(), event)
        return decisions

    def _next_due(self) -> tuple[int, Status] | None:
        due = [
            (due_us, status)
            for status, state in self.states.items()
            if (due_us := state.scene.timers.next_due_us()) is not None
        ]
        return min(due, default=None)

    def _fire(self, now_us: int) -> list[Decision]:
        decisions: list[Decision] = []
        while (due := self._next_due()) is not None and due[0] <= now_us:
            state = self.states[due[1]]
            state.fire(due[0])
            decisions += state.take_decisions()
        return decisions

    def _knows(self, event: AnyEvent, now_us: int) -> bool:
        while self._seen_at and self._seen_at[0][0] < now_us - _REMEMBERED_US:
            self._seen.discard(self._seen_at.popleft()[1])
        if event.event_id in self._seen:
            return True
        self._seen.add(event.event_id)
        self._seen_at.append((now_us, event.event_id))
        return False

    def _open(self, status: Status) -> DistrictState:
        state = DistrictState(self.district, status, self.pack, self.now_us or 0)
        self.states[status] = state
        return state

    def _activate(self, event: PackActivated) -> list[Decision]:
        self.pack = event.pack
        decisions: list[Decision] = []
        for status in sorted({Status.ACTUAL, *self.states}):
            earlier = self.states.get(status)
            state = DistrictState(self.district, status, event.pack, self.now_us or 0, earlier)
            state.scene.cause = event.event_id
            state.begin(earlier)
            state.scene.cause = None
            self.states[status] = state
            decisions += state.take_decisions()
        return decisions

    def remembered(self) -> list[tuple[int, str]]:
        """Return the ids of records read in the last hour, with the time each was read."""
        return list(self._seen_at)

    def remember(self, seen: list[tuple[int, str]]) -> None:
        """Take over what `remembered` returned."""
        self._seen_at = deque(seen)
        self._seen = {event_id for _, event_id in seen}


def _attributed(decisions: list[Decision], event: AnyEvent) -> list[Decision]:
    """Name the source that caused *decisions*, so that what it may cause can be counted."""
    source = event.source if isinstance(event, Readings | WarningEvent | Tip | Notice) else None
    if source is None:
        return decisions
    return [decision.model_copy(update={"source": source}) for decision in decisions]


def _no_pack(district: str) -> RulePack:
    """Return the pack before any other: it knows no place, and nobody may do anything."""
    nobody = Mandates(
        raise_level=(),
        lower_level=(),
        confirm_level=(),
        issue_order=(),
        lift_order=(),
        release_quarantine=(),
    )
    return RulePack(
        pack_id="",
        version="",
        district=district,
        name="",
        timezone="UTC",
        night=Night(start=time(22), end=time(6)),
        places=(),
        mandates=nobody,
    )
